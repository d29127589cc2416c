"""Sittings in Safe Exam Browser: which builds of it a sitting accepts, and what each attempt's browser has proven."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base


class LockdownRules(Base):
    """What a locked-down sitting asks beyond its settings. No row: any build of the browser."""

    __tablename__ = "lockdown_rules"

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    exam_keys: Mapped[list[str]]  # Browser Exam Keys, 64 hexadecimal digits each; empty: any


class BrowserProof(Base):
    """How an attempt's browser stands. It changes with every check, so leave room for heap-only updates."""

    __tablename__ = "browser_proofs"
    __table_args__ = {"postgresql_with": {"fillfactor": 50}}

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    jkt: Mapped[str | None]  # thumbprint of the device that proved it last
    proven_at: Mapped[datetime | None]  # the newest proof that held
    failed_at: Mapped[datetime | None]  # since when none holds
    lapses: Mapped[int] = mapped_column(server_default="0")  # during the exam: proofs that failed or came too late
    excused_at: Mapped[datetime | None]  # a person let them sit without it
    excused_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    excused_why: Mapped[str | None]
