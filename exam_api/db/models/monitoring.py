"""What the camera and the browser said, and which rules fired."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Frame(Base):
    __tablename__ = "frames"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    received_at: Mapped[datetime]
    blob: Mapped[str | None]  # None once erased
    digest: Mapped[str]
    size: Mapped[int]
    reading: Mapped[dict[str, Any] | None]  # proctor.FrameReading; stays None when the picture cannot be read
    analysed_at: Mapped[datetime | None]


class BrowserSignal(Base):
    __tablename__ = "browser_signals"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]


class Flag(Base):
    __tablename__ = "flags"

    id: Mapped[Id]
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str]
    severity: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    threshold: Mapped[dict[str, Any]]
    reason: Mapped[str]
    innocent: Mapped[list[str]]
    evidence: Mapped[list[str]]
    confidence: Mapped[float]
