"""People and how they prove who they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class User(Base):
    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(
        unique=True
    )  # stored lower-case; PostgreSQL's citext is not in the embedded server
    name: Mapped[str]
    locale: Mapped[str | None]
    roles: Mapped[list[str]]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]  # sealed with the vault key
    totp_last_step: Mapped[int] = mapped_column(server_default="0")  # a code works once
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]


class Passkey(Base):
    __tablename__ = "passkeys"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    label: Mapped[str]
    backed_up: Mapped[bool]  # a synced passkey is not a device
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class LoginSession(Base):
    __tablename__ = "login_sessions"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    method: Mapped[str]
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Challenge(Base):
    """A WebAuthn challenge or a half-finished sign-in: used once, short-lived."""

    __tablename__ = "challenges"

    id: Mapped[Id]
    kind: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    challenge: Mapped[bytes]
    context: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[dict[str, Any] | None]  # a passkey's, given on another device, until the one that asked fetches it


class ActivationCode(Base):
    """A one-time code that lets its owner add a first passkey or password."""

    __tablename__ = "activation_codes"

    id: Mapped[Id]
    code_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """How often a door was tried in the current window. Keys are hashed: no address is kept in clear."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    tries: Mapped[int]
