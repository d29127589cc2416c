"""Who is asking, and what their account may do. Permission stands in a handler's signature."""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from exam_api.accounts import queries
from exam_api.errors import NotAllowed, SignInNeeded
from exam_api.web.deps import Here, Now, Session


class Role(StrEnum):
    """What an account may do. One account can have several."""

    candidate = "candidate"
    author = "author"
    instructor = "instructor"
    invigilator = "invigilator"
    operator = "operator"


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

    def may(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this host over HTTPS; plain HTTP (localhost) cannot have it."""
    return "__Host-invigil" if secure else "invigil"


def token_hash(token: str) -> str:
    """What the table keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _maybe_actor(request: Request, session: Session, here: Here, now: Now) -> Actor | None:
    token = request.cookies.get(cookie_name(secure=here.secure_cookies))
    if not token:
        return None
    found = await queries.find_session_with_user(session, token_hash(token), now)
    if found is None:
        return None
    login, user = found
    actor = Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=frozenset(Role(role) for role in user.roles),
        session_id=login.id,
        method=login.method,
        locale=user.locale,
    )
    request.state.actor = actor  # the page frame shows the name and the menus
    return actor


MaybeActor = Annotated[Actor | None, Depends(_maybe_actor)]


def require(*roles: Role) -> Callable[[Actor | None], Coroutine[Any, Any, Actor]]:
    """A dependency that lets only accounts with one of `roles` (or anybody signed in) through."""

    async def check(actor: MaybeActor) -> Actor:
        if actor is None:
            raise SignInNeeded
        if roles and not actor.may(*roles):
            raise NotAllowed
        return actor

    return check


SignedIn = Annotated[Actor, Depends(require())]
Candidate = Annotated[Actor, Depends(require(Role.candidate))]
Author = Annotated[Actor, Depends(require(Role.author))]
Instructor = Annotated[Actor, Depends(require(Role.instructor))]
Staff = Annotated[Actor, Depends(require(Role.author, Role.instructor, Role.invigilator, Role.operator))]
Invigilator = Annotated[Actor, Depends(require(Role.invigilator, Role.instructor))]
Operator = Annotated[Actor, Depends(require(Role.operator))]
