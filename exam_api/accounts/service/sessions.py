"""Login sessions: open one, list them, end them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api import events
from exam_api.accounts.queries import people
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import Method, Visitor
from exam_api.db import ledger
from exam_api.db.models.accounts import LoginSession, User
from exam_api.errors import NotFound

ABSOLUTE = timedelta(hours=24)
SETTLING = timedelta(hours=1)  # long enough to install an authenticator app


@dataclass(frozen=True)
class Opened:
    """A fresh session: the token leaves in a cookie and is kept nowhere."""

    user: User
    session: LoginSession
    token: str


async def open_session(
    session: AsyncSession, user: User, method: Method, visitor: Visitor, now: datetime, chance: Callable[[int], bytes]
) -> Opened:
    """A new session with a new token; the one this browser carried before ends, whoever's it was."""
    if visitor.token is not None:
        await queries.revoke(session, now, hashed=queries.token_hash(visitor.token))
    token = b64u(chance(32))
    login = LoginSession(
        token_hash=queries.token_hash(token),
        user_id=user.id,
        method=method,
        user_agent=visitor.user_agent,
        created_at=now,
        seen_at=now,
        expires_at=now + (SETTLING if method == "activation" else ABSOLUTE),
    )
    session.add(login)
    await session.flush()
    await ledger.append(session, events.SignedIn(user.id, method), now, user.id)
    return Opened(user, login, token)


async def end(session: AsyncSession, user_id: UUID, session_id: UUID, now: datetime) -> None:
    """Sign one of the person's own devices out. Raises `NotFound`."""
    await people.lock_user(
        session, user_id
    )  # before their sessions and their stream of the ledger: see `certificates.queries`
    ended = await queries.revoke(session, now, user_id=user_id, session_id=session_id)
    if not ended:
        raise NotFound
    await _tell(session, ended, now, user_id)


async def end_all(session: AsyncSession, user_id: UUID, now: datetime, *, but: UUID | None, by: UUID) -> int:
    """Sign an account out everywhere, except perhaps here; how many sessions ended."""
    await people.lock_user(session, user_id)
    ended = await queries.revoke(session, now, user_id=user_id, but=but)
    await _tell(session, ended, now, by)
    return len(ended)


async def _tell(session: AsyncSession, ended: Sequence[tuple[UUID, UUID]], now: datetime, by: UUID) -> None:
    for session_id, user_id in ended:
        await ledger.append(session, events.SignedOut(user_id, str(session_id)), now, by)
