"""Login sessions, activation codes, challenges and counters: SQL, nothing else."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import ActivationCode, Challenge, LoginSession, Throttle, User

SEEN_EVERY = timedelta(minutes=1)  # a write per request would cost more than the request


def token_hash(token: str) -> str:
    """What the table keeps of a session token or an activation code: both are random, so one hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def find_session_with_user(
    session: AsyncSession, hashed: str, now: datetime, idle: timedelta
) -> tuple[LoginSession, User] | None:
    """A live session, used within `idle`, and its account, which must not be switched off."""
    row = (
        await session.execute(
            select(LoginSession, User)
            .join(User, User.id == LoginSession.user_id)
            .where(
                LoginSession.token_hash == hashed,
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > now,
                LoginSession.seen_at > now - idle,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def touch(session: AsyncSession, session_id: UUID, now: datetime) -> None:
    """Note that a session is in use. Of many requests at once only one writes."""
    await session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def live_sessions(session: AsyncSession, user_id: UUID, now: datetime, idle: timedelta) -> Sequence[LoginSession]:
    """The devices that are signed in to an account, last used first."""
    found = await session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            LoginSession.seen_at > now - idle,
        )
        .order_by(LoginSession.seen_at.desc())
    )
    return found.all()


async def all_sessions(session: AsyncSession, user_id: UUID) -> Sequence[LoginSession]:
    """Every session that is still kept, newest first."""
    found = await session.scalars(
        select(LoginSession).where(LoginSession.user_id == user_id).order_by(LoginSession.created_at.desc())
    )
    return found.all()


async def revoke(
    session: AsyncSession,
    now: datetime,
    *,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    hashed: str | None = None,
    but: UUID | None = None,
) -> Sequence[tuple[UUID, UUID]]:
    """End the sessions that fit every given condition; (session, account) of each that lived.

    Raises ValueError without a condition: nobody means everybody.
    """
    wanted = [
        column == value
        for column, value in (
            (LoginSession.user_id, user_id),
            (LoginSession.id, session_id),
            (LoginSession.token_hash, hashed),
        )
        if value is not None
    ]
    if not wanted:
        raise ValueError("say whose session ends")
    if but is not None:
        wanted.append(LoginSession.id != but)
    ended = await session.execute(
        update(LoginSession)
        .where(*wanted, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(LoginSession.id, LoginSession.user_id)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1]) for row in ended]


# --- activation codes ---
async def drop_unused_codes(session: AsyncSession, user_ids: Sequence[UUID]) -> None:
    """A new code ends the older ones."""
    await session.execute(
        delete(ActivationCode).where(ActivationCode.user_id.in_(user_ids), ActivationCode.used_at.is_(None))
    )


async def use_code(session: AsyncSession, hashed: str, now: datetime) -> UUID | None:
    """Take a code: the account it opens, once, or None."""
    found: UUID | None = await session.scalar(
        update(ActivationCode)
        .where(ActivationCode.code_hash == hashed, ActivationCode.used_at.is_(None), ActivationCode.expires_at > now)
        .values(used_at=now)
        .returning(ActivationCode.user_id)
        .execution_options(synchronize_session=False)
    )
    return found


# --- challenges ---
async def take_challenge(session: AsyncSession, challenge_id: UUID, kind: str, now: datetime) -> Challenge | None:
    """Remove a challenge and return it: nobody can use it again."""
    found: Challenge | None = await session.scalar(
        delete(Challenge)
        .where(Challenge.id == challenge_id, Challenge.kind == kind, Challenge.expires_at > now)
        .returning(Challenge)
    )
    return found


async def find_challenge(
    session: AsyncSession, challenge_id: UUID, user_id: UUID, now: datetime, *, lock: bool = False
) -> Challenge | None:
    """A challenge of this person that has not run out; it stays. With `lock` nobody takes it meanwhile."""
    query = select(Challenge).where(
        Challenge.id == challenge_id, Challenge.user_id == user_id, Challenge.expires_at > now
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def find_waiting(session: AsyncSession, user_id: UUID, kinds: Collection[str], now: datetime) -> Challenge | None:
    """The newest unanswered challenge of these kinds."""
    query = select(Challenge).where(
        Challenge.user_id == user_id,
        Challenge.kind.in_(kinds),
        Challenge.expires_at > now,
        Challenge.answer.is_(None),
    )
    return await session.scalar(query.order_by(Challenge.expires_at.desc()).limit(1))


async def sweep(session: AsyncSession, now: datetime, keep: timedelta) -> None:
    """Forget what has run out: challenges and counters at once, sessions and codes after `keep`."""
    await session.execute(delete(Challenge).where(Challenge.expires_at <= now))
    await session.execute(delete(Throttle).where(Throttle.window_start < now - timedelta(hours=1)))
    await session.execute(delete(LoginSession).where(LoginSession.expires_at < now - keep))
    await session.execute(delete(ActivationCode).where(ActivationCode.expires_at < now - keep))


# --- counters ---
async def count_try(session: AsyncSession, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Count one try in the current window (one statement, so that parallel tries all count): tries, window start."""
    begins_anew = Throttle.window_start <= now - window
    row = (
        await session.execute(
            insert(Throttle)
            .values(key=key, window_start=now, tries=1)
            .on_conflict_do_update(
                index_elements=[Throttle.key],
                set_={
                    "tries": case((begins_anew, 1), else_=Throttle.tries + 1),
                    "window_start": case((begins_anew, now), else_=Throttle.window_start),
                },
            )
            .returning(Throttle.tries, Throttle.window_start)
        )
    ).one()
    return row[0], row[1]


async def forgive_try(session: AsyncSession, key: str) -> None:
    """A try that succeeded does not count."""
    await session.execute(
        update(Throttle)
        .where(Throttle.key == key)
        .values(tries=func.greatest(Throttle.tries - 1, 0))
        .execution_options(synchronize_session=False)
    )


async def forget_tries(session: AsyncSession, key: str) -> None:
    await session.execute(delete(Throttle).where(Throttle.key == key))
