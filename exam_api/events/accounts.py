"""What accounts say."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class AccountCreated(Event):
    """An operator or an instructor made an account."""

    tag: ClassVar = "account:created"
    user_id: UUID
    roles: list[str]


@dataclass(frozen=True)
class RolesChanged(Event):
    """What an account may do was changed."""

    tag: ClassVar = "account:roles"
    user_id: UUID
    roles: list[str]


@dataclass(frozen=True)
class SignedIn(Event):
    """Somebody proved who they are."""

    tag: ClassVar = "account:signed-in"
    user_id: UUID
    method: str


@dataclass(frozen=True)
class SignedOut(Event):
    """A session was ended, here or from another device."""

    tag: ClassVar = "account:signed-out"
    user_id: UUID
    session_id: str


@dataclass(frozen=True)
class WayInAdded(Event):
    """A passkey, password or authenticator app was added."""

    tag: ClassVar = "account:way-in:added"
    user_id: UUID
    kind: str


@dataclass(frozen=True)
class WayInRemoved(Event):
    """A passkey, password or authenticator app was removed."""

    tag: ClassVar = "account:way-in:removed"
    user_id: UUID
    kind: str


@dataclass(frozen=True)
class ProfileChanged(Event):
    """Name or language of an account changed."""

    tag: ClassVar = "account:profile"
    user_id: UUID
    fields: list[str]
