"""What is said about apps that a person lets in, and what these put here."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class AppLetIn(Event):
    """Somebody agreed that an app may read or write for them, within these scopes."""

    tag: ClassVar = "account:app:let-in"
    user_id: UUID
    app_id: UUID
    scopes: list[str]


@dataclass(frozen=True)
class AppSentAway(Event):
    """Somebody withdrew what an app was allowed; none of its tokens is good any more."""

    tag: ClassVar = "account:app:sent-away"
    user_id: UUID
    app_id: UUID


@dataclass(frozen=True)
class AppTokensEnded(Event):
    """The tokens that an app had for somebody were ended: it gave them back, or one came twice, which a thief does too."""

    tag: ClassVar = "account:app:tokens-ended"
    user_id: UUID
    app_id: UUID
    why: str


@dataclass(frozen=True)
class CredentialKept(Event):
    """An app put a certificate of another issuer here for somebody, or a newer one in its place."""

    tag: ClassVar = "account:credential:kept"
    user_id: UUID
    app_id: UUID
    held_id: UUID


@dataclass(frozen=True)
class CredentialRemoved(Event):
    """Somebody removed a certificate of another issuer."""

    tag: ClassVar = "account:credential:removed"
    user_id: UUID
    held_id: UUID


@dataclass(frozen=True)
class BadgeProfileWritten(Event):
    """An app wrote what stands beside somebody's name in the profile for apps."""

    tag: ClassVar = "account:badge-profile"
    user_id: UUID
    app_id: UUID
    fields: list[str]
