"""Statuses of the VC-API, connected apps with their tokens, certificates of other issuers: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Exists, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.badges import (
    AppCode,
    AppConsent,
    AppToken,
    BadgeProfile,
    ConnectedApp,
    HeldCredential,
    IssuedStatus,
)

PLACES_LOCK = (3, 0)  # advisory locks with two numbers: 1 is an attempt's flags, 2 is the log, 3 are these places


# --- statuses of what the VC-API issued ---


async def lock_places(session: AsyncSession) -> None:
    """One taker at a time, until its transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(*PLACES_LOCK)))


async def place_of(session: AsyncSession, credential_id: str) -> int | None:
    return await session.scalar(select(IssuedStatus.index).where(IssuedStatus.credential_id == credential_id))


async def is_taken(session: AsyncSession, index: int) -> bool:
    return await session.get(IssuedStatus, index) is not None


async def take_place(session: AsyncSession, index: int, credential_id: str, now: datetime) -> None:
    session.add(IssuedStatus(index=index, credential_id=credential_id, issued_at=now))
    await session.flush()


async def is_revoked(session: AsyncSession, index: int) -> bool:
    """Whether the credential with this place was revoked; a place that nobody has is not."""
    query = select(IssuedStatus.index).where(IssuedStatus.index == index, IssuedStatus.revoked_at.is_not(None))
    return await session.scalar(query) is not None


async def set_revoked(session: AsyncSession, credential_id: str, at: datetime | None) -> bool:
    """Whether there is such a credential."""
    change = update(IssuedStatus).where(IssuedStatus.credential_id == credential_id).values(revoked_at=at)
    return await session.scalar(change.returning(IssuedStatus.index)) is not None


async def revoked_places(session: AsyncSession) -> Sequence[int]:
    return (await session.scalars(select(IssuedStatus.index).where(IssuedStatus.revoked_at.is_not(None)))).all()


# --- connected apps ---


async def find_app(session: AsyncSession, app_id: UUID) -> ConnectedApp | None:
    return await session.get(ConnectedApp, app_id)


async def forget_unused(session: AsyncSession, before: datetime) -> None:
    """Remove apps that registered before then and that nobody ever let in."""
    await session.execute(delete(ConnectedApp).where(ConnectedApp.registered_at < before, ~_let_in()))


async def count_unused(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(ConnectedApp).where(~_let_in())) or 0


def _let_in() -> Exists:
    return exists().where(AppConsent.app_id == ConnectedApp.id)


async def find_consent(session: AsyncSession, user_id: UUID, app_id: UUID) -> AppConsent | None:
    """The consent that stands, locked."""
    query = select(AppConsent).where(AppConsent.user_id == user_id, AppConsent.app_id == app_id)
    return await session.scalar(query.where(AppConsent.revoked_at.is_(None)).with_for_update())


async def add_consent(
    session: AsyncSession, user_id: UUID, app_id: UUID, scopes: Sequence[str], now: datetime
) -> AppConsent:
    consent = AppConsent(user_id=user_id, app_id=app_id, scopes=list(scopes), given_at=now)
    session.add(consent)
    await session.flush()
    return consent


async def list_consents(session: AsyncSession, user_id: UUID) -> Sequence[tuple[AppConsent, ConnectedApp]]:
    """The consents of a person that stand, the newest first."""
    query = select(AppConsent, ConnectedApp).join(ConnectedApp, ConnectedApp.id == AppConsent.app_id)
    query = query.where(AppConsent.user_id == user_id, AppConsent.revoked_at.is_(None))
    rows = await session.execute(query.order_by(AppConsent.given_at.desc(), AppConsent.id))
    return [(consent, app) for consent, app in rows]


async def end_consent(session: AsyncSession, user_id: UUID, consent_id: UUID, now: datetime) -> UUID | None:
    """The app that this consent was for; None where this person had no such consent."""
    change = update(AppConsent).where(AppConsent.id == consent_id, AppConsent.user_id == user_id)
    change = change.where(AppConsent.revoked_at.is_(None)).values(revoked_at=now)
    app_id: UUID | None = await session.scalar(change.returning(AppConsent.app_id))
    if app_id is not None:
        await end_tokens(session, consent_id, now)
    return app_id


# --- codes and tokens ---
# Consents are locked first, then what hangs on them: so nobody waits in a circle, and no token is made while all are ended.


async def lock_code(session: AsyncSession, code_hash: bytes, app_id: UUID) -> tuple[AppCode, AppConsent] | None:
    """A code of this app and its consent, locked; none where the person's account is closed."""
    query = select(AppCode, AppConsent).join(AppConsent, AppConsent.id == AppCode.consent_id)
    query = query.join(User, User.id == AppConsent.user_id).where(User.disabled_at.is_(None))
    query = query.where(AppCode.code_hash == code_hash, AppConsent.app_id == app_id)
    row = (await session.execute(query.with_for_update(of=(AppConsent, AppCode)))).one_or_none()
    return (row[0], row[1]) if row else None


async def lock_refresh(session: AsyncSession, token_hash: bytes, app_id: UUID) -> tuple[AppToken, AppConsent] | None:
    """A refresh token of this app and its consent, locked; none where the person's account is closed."""
    query = select(AppToken, AppConsent).join(AppConsent, AppConsent.id == AppToken.consent_id)
    query = query.join(User, User.id == AppConsent.user_id).where(User.disabled_at.is_(None))
    query = query.where(AppToken.token_hash == token_hash, AppToken.kind == "refresh", AppConsent.app_id == app_id)
    row = (await session.execute(query.with_for_update(of=(AppConsent, AppToken)))).one_or_none()
    return (row[0], row[1]) if row else None


async def find_token_of_app(
    session: AsyncSession, token_hash: bytes, app_id: UUID
) -> tuple[AppToken, AppConsent] | None:
    """A token of this app with its consent, which is locked."""
    query = select(AppToken, AppConsent).join(AppConsent, AppConsent.id == AppToken.consent_id)
    query = query.where(AppToken.token_hash == token_hash, AppConsent.app_id == app_id)
    row = (await session.execute(query.with_for_update(of=AppConsent))).one_or_none()
    return (row[0], row[1]) if row else None


async def find_granted(
    session: AsyncSession, token_hash: bytes, now: datetime
) -> tuple[AppConsent, AppToken, User] | None:
    """What an access token stands for, while it, its consent and its person's account are good."""
    query = (
        select(AppConsent, AppToken, User)
        .join(AppToken, AppToken.consent_id == AppConsent.id)
        .join(User, User.id == AppConsent.user_id)
        .where(AppToken.token_hash == token_hash, AppToken.kind == "access", AppToken.expires_at > now)
        .where(AppToken.revoked_at.is_(None), AppConsent.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


async def end_tokens(session: AsyncSession, consent_id: UUID, now: datetime) -> None:
    """No token of this consent is good any more."""
    change = update(AppToken).where(AppToken.consent_id == consent_id, AppToken.revoked_at.is_(None))
    await session.execute(change.values(revoked_at=now))


async def forget_tokens(session: AsyncSession, now: datetime) -> None:
    """Remove tokens and codes a day after their end; until then their second use is still noticed. Those that somebody else
    holds are left for the next time: nobody waits here.
    """
    over = now - timedelta(days=1)
    tokens = select(AppToken.token_hash).where(AppToken.expires_at < over).with_for_update(skip_locked=True)
    codes = select(AppCode.code_hash).where(AppCode.expires_at < over).with_for_update(skip_locked=True)
    await session.execute(delete(AppToken).where(AppToken.token_hash.in_(tokens)))
    await session.execute(delete(AppCode).where(AppCode.code_hash.in_(codes)))


# --- certificates of other issuers, profiles ---


async def list_held(session: AsyncSession, user_id: UUID) -> Sequence[HeldCredential]:
    """A person's certificates of other issuers, the newest first."""
    query = select(HeldCredential).where(HeldCredential.user_id == user_id)
    return (await session.scalars(query.order_by(HeldCredential.received_at.desc(), HeldCredential.id))).all()


async def list_held_with_apps(session: AsyncSession, user_id: UUID) -> Sequence[tuple[HeldCredential, str | None]]:
    query = select(HeldCredential, ConnectedApp.name).outerjoin(ConnectedApp, ConnectedApp.id == HeldCredential.app_id)
    query = query.where(HeldCredential.user_id == user_id)
    rows = await session.execute(query.order_by(HeldCredential.received_at.desc(), HeldCredential.id))
    return [(held, name) for held, name in rows]


async def find_held(session: AsyncSession, user_id: UUID, issuer: str, credential_id: str) -> HeldCredential | None:
    """The person's certificate with this issuer and id, locked."""
    query = select(HeldCredential).where(HeldCredential.user_id == user_id, HeldCredential.issuer == issuer)
    return await session.scalar(query.where(HeldCredential.credential_id == credential_id).with_for_update())


async def count_held(session: AsyncSession, user_id: UUID) -> int:
    query = select(func.count()).select_from(HeldCredential).where(HeldCredential.user_id == user_id)
    return await session.scalar(query) or 0


async def remove_held(session: AsyncSession, user_id: UUID, held_id: UUID) -> bool:
    """Whether this person had it."""
    gone = delete(HeldCredential).where(HeldCredential.id == held_id, HeldCredential.user_id == user_id)
    return await session.scalar(gone.returning(HeldCredential.id)) is not None


async def lock_person(session: AsyncSession, user_id: UUID) -> None:
    """One writer for this person at a time: two uploads cannot both be the last that fits, nor two consents both the first."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


async def find_profile(session: AsyncSession, user_id: UUID) -> BadgeProfile | None:
    return await session.get(BadgeProfile, user_id)
