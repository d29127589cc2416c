"""Apps that may read a person's certificates (Open Badges 3.0 API), certificates of other issuers, and the VC-API's status list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class ConnectedApp(Base):
    """A client that registered itself (RFC 7591). Nobody vouches for its name."""

    __tablename__ = "connected_apps"

    id: Mapped[Id]  # the client_id
    secret_hash: Mapped[str | None]  # None: a public client, which has no secret
    name: Mapped[str]
    redirect_uris: Mapped[list[str]]
    scopes: Mapped[list[str]]  # the most that it may ask for
    registration: Mapped[dict[str, Any]]  # the other members, as they were registered
    registered_at: Mapped[datetime] = mapped_column(index=True)


class AppConsent(Base):
    """That a person let an app read or write, for these scopes, until they say otherwise."""

    __tablename__ = "app_consents"
    __table_args__ = (
        Index("uq_app_consents_good", "user_id", "app_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    app_id: Mapped[UUID] = mapped_column(ForeignKey("connected_apps.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    given_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AppCode(Base):
    """An authorization code: good once, for a minute. Only its hash is kept."""

    __tablename__ = "app_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("app_consents.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    redirect_uri: Mapped[str]
    challenge: Mapped[str]  # PKCE, S256
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AppToken(Base):
    """An access or refresh token. Only its hash is kept."""

    __tablename__ = "app_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("app_consents.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]  # a refresh token is good once
    revoked_at: Mapped[datetime | None]


class HeldCredential(Base):
    """A certificate of another issuer that a person's app has put here. One and the same by issuer and id."""

    __tablename__ = "held_credentials"
    __table_args__ = (UniqueConstraint("user_id", "issuer", "credential_id"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    app_id: Mapped[UUID | None] = mapped_column(ForeignKey("connected_apps.id", ondelete="SET NULL"), index=True)
    issuer: Mapped[str]
    credential_id: Mapped[str]
    name: Mapped[str]
    issuer_name: Mapped[str | None]
    content: Mapped[bytes]  # as it came: JSON, or a compact JWS
    kind: Mapped[str]  # json, jwt
    received_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class BadgeProfile(Base):
    """What a person's app has written into their profile, beside what the account says."""

    __tablename__ = "badge_profiles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class IssuedStatus(Base):
    """A place in the status list of credentials that programs issued through the VC-API, with its own key."""

    __tablename__ = "issued_statuses"

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    credential_id: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)
