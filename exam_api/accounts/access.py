"""Who is asking, and what their account may do. Permission stands in a handler's signature."""

import hashlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from exam_api.accounts.queries import people, sessions
from exam_api.accounts.schemas import Role, Visitor
from exam_api.db.models.accounts import User
from exam_api.errors import NotAllowed, NotFound, SetUpFirst, SignInAgain, SignInNeeded
from exam_api.installation import Installation
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _

__all__ = ["Actor", "Role"]  # Role is defined with the shapes; permission is where people look for it

IDLE = timedelta(hours=8)
RECENT = timedelta(minutes=10)
ACTIVATION = "activation"


@dataclass(frozen=True)
class Actor:
    """A person who has signed in."""

    id: UUID
    name: str
    email: str
    roles: frozenset[Role]
    session_id: UUID
    method: str
    locale: str | None
    signed_in_at: datetime

    def may(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))

    @property
    def settling_in(self) -> bool:
        """Came with an activation code: may add a way in, and nothing else."""
        return self.method == ACTIVATION


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this host over HTTPS; plain HTTP (localhost) cannot have it."""
    return "__Host-invigil" if secure else "invigil"


def token_hash(token: str) -> str:
    """What the table keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def set_session_cookie(response: Response, here: Installation, token: str | None) -> None:
    """Give the browser its session, or take it away (None). The database decides how long it lives."""
    response.set_cookie(
        cookie_name(secure=here.secure_cookies),
        token or "",
        max_age=86_400 if token else 0,
        path="/",
        secure=here.secure_cookies,
        httponly=True,
        samesite="lax",
    )


async def _visitor(connection: HTTPConnection, here: Here) -> Visitor:
    return Visitor(
        address=connection.client.host if connection.client else "",
        user_agent="".join(letter for letter in connection.headers.get("user-agent", "") if letter.isprintable())[:300],
        token=connection.cookies.get(cookie_name(secure=here.secure_cookies)),
    )


Visit = Annotated[Visitor, Depends(_visitor)]


async def _maybe_actor(connection: HTTPConnection, session: Session, here: Here, now: Now) -> Actor | None:
    return await _find_actor(connection, session, here, now)


async def _find_actor(
    connection: HTTPConnection, session: AsyncSession, here: Installation, now: datetime
) -> Actor | None:
    token = connection.cookies.get(cookie_name(secure=here.secure_cookies))
    if not token:
        return None
    found = await sessions.find_session_with_user(session, token_hash(token), now, IDLE)
    if found is None:
        return None
    login, user = found
    if login.seen_at <= now - sessions.SEEN_EVERY:
        await sessions.touch(session, login.id, now)
    actor = Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=frozenset() if login.method == ACTIVATION else frozenset(Role(role) for role in user.roles),
        session_id=login.id,
        method=login.method,
        locale=user.locale,
        signed_in_at=login.created_at,
    )
    connection.state.actor = actor  # the page frame shows the name and the menus
    return actor


MaybeActor = Annotated[Actor | None, Depends(_maybe_actor)]


def require(*roles: Role) -> Callable[[Actor | None], Coroutine[Any, Any, Actor]]:
    """A dependency that lets only accounts with one of `roles` (or anybody signed in) through."""

    async def check(actor: MaybeActor) -> Actor:
        return _check(actor, *roles)

    return check


def _check(actor: Actor | None, *roles: Role) -> Actor:
    if actor is None:
        raise SignInNeeded
    if actor.settling_in:
        raise SetUpFirst
    if roles and not actor.may(*roles):
        raise NotAllowed
    return actor


async def signed_in(connection: HTTPConnection, session: AsyncSession, here: Installation, now: datetime) -> Actor:
    """Who is asking, for a handler that looks only when it must; elsewhere `SignedIn` in the signature says the same."""
    return _check(await _find_actor(connection, session, here, now))


def is_recent(actor: Actor, now: datetime) -> bool:
    """Whether this session may change ways in: fresh, or opened for just that."""
    return actor.settling_in or actor.signed_in_at >= now - RECENT


async def _changes_ways_in(actor: MaybeActor, now: Now) -> Actor:
    """Adding or removing a way in needs the person, not just a browser that was left open."""
    if actor is None:
        raise SignInNeeded
    if not is_recent(actor, now):
        raise SignInAgain
    return actor


SignedIn = Annotated[Actor, Depends(require())]
Candidate = Annotated[Actor, Depends(require(Role.candidate))]
Author = Annotated[Actor, Depends(require(Role.author))]
Instructor = Annotated[Actor, Depends(require(Role.instructor))]
Staff = Annotated[Actor, Depends(require(Role.author, Role.instructor, Role.invigilator, Role.operator))]
Invigilator = Annotated[Actor, Depends(require(Role.invigilator, Role.instructor))]
Operator = Annotated[Actor, Depends(require(Role.operator))]
Registrar = Annotated[Actor, Depends(require(Role.operator, Role.instructor))]
ChangesWaysIn = Annotated[Actor, Depends(_changes_ways_in)]


def check_may_give(actor: Actor, roles: Iterable[Role]) -> None:
    """An operator makes any account; an instructor makes candidates only. Raises `NotAllowed`."""
    if not actor.may(Role.operator) and set(roles) != {Role.candidate}:
        raise NotAllowed(_("An instructor can only make accounts for candidates. Ask an operator for others."))


async def access_account(session: AsyncSession, actor: Actor, user_id: UUID) -> User:
    """An account that `actor` looks after. Whoever may hand out a code could become that account, so staff accounts
    are an operator's alone: to an instructor they look like no account.
    """
    user = await people.find_user(session, user_id)
    if user is None or not (actor.may(Role.operator) or user.roles == [Role.candidate]):
        raise NotFound
    return user
