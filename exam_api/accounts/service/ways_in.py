"""Add and remove the ways an account can be entered; the last one stays."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api import events
from exam_api.accounts.queries import people
from exam_api.accounts.schemas import Method, NewPasskey, NewPassword, PasskeyOut, Visitor, WaysInOut
from exam_api.accounts.service import passkeys, password
from exam_api.accounts.service.sessions import Opened, end_all, open_session
from exam_api.db import ledger
from exam_api.db.models.accounts import Passkey, User
from exam_api.errors import LastWayIn, NotFound
from exam_api.installation import Installation


async def ways_in(session: AsyncSession, user_id: UUID) -> WaysInOut:
    """The passkeys of an account, and whether it has a password with its authenticator."""
    user = await people.find_user(session, user_id)
    return WaysInOut(
        passkeys=[show_passkey(each) for each in await people.passkeys_of(session, user_id)],
        has_password=user is not None and has_password(user),
    )


def has_password(user: User) -> bool:
    """A password counts only together with its authenticator."""
    return user.password_hash is not None and user.totp_secret is not None


def show_passkey(passkey: Passkey) -> PasskeyOut:
    return PasskeyOut(
        id=passkey.id,
        label=passkey.label,
        backed_up=passkey.backed_up,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
    )


async def add_passkey(
    session: AsyncSession, here: Installation, user_id: UUID, body: NewPasskey, now: datetime
) -> PasskeyOut:
    """Raises `PasskeyRefused`."""
    user = await _locked(session, user_id)
    passkey = await passkeys.register(session, here, user, body.id, body.credential, body.label, now)
    await ledger.append(session, events.WayInAdded(user_id, "passkey"), now, user_id)
    return show_passkey(passkey)


async def remove_passkey(session: AsyncSession, user_id: UUID, passkey_id: UUID, now: datetime) -> None:
    """Raises `NotFound`, `LastWayIn`."""
    user = await _locked(session, user_id)
    own = await people.passkeys_of(session, user_id)
    passkey = next((each for each in own if each.id == passkey_id), None)
    if passkey is None:
        raise NotFound
    if len(own) == 1 and not has_password(user):
        raise LastWayIn
    await session.delete(passkey)
    await session.flush()
    await ledger.append(session, events.WayInRemoved(user_id, "passkey"), now, user_id)


async def set_password(
    session: AsyncSession,
    here: Installation,
    user_id: UUID,
    session_id: UUID,
    body: NewPassword,
    now: datetime,
    chance: Callable[[int], bytes],
) -> None:
    """Set or replace password and authenticator; every other device is signed out, for one of them may be the reason."""
    user = await _locked(session, user_id)
    await password.keep(session, here, user, body, now, chance)
    await ledger.append(session, events.WayInAdded(user_id, "password"), now, user_id)
    await end_all(session, user_id, now, but=session_id, by=user_id)


async def remove_password(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Raises `NotFound`, `LastWayIn`."""
    user = await _locked(session, user_id)
    if not has_password(user):
        raise NotFound
    if not await people.passkeys_of(session, user_id):
        raise LastWayIn
    password.remove(user)
    await session.flush()
    await ledger.append(session, events.WayInRemoved(user_id, "password"), now, user_id)


async def settle(
    session: AsyncSession,
    user_id: UUID,
    method: Method,
    visitor: Visitor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Opened:
    """Turn the short activation session into a full one, with a new token: the person now has a way in."""
    return await open_session(session, await _locked(session, user_id), method, visitor, now, chance)


async def _locked(session: AsyncSession, user_id: UUID) -> User:
    user = await people.lock_user(session, user_id)
    if user is None:
        raise NotFound
    return user
