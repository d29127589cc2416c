"""What the camera and the browser said, and which rules fired."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
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
    reading: Mapped[dict[str, Any] | None]  # proctor.FrameReading, once analysed
    analysed_at: Mapped[datetime | None]


class BrowserSignal(Base):
    __tablename__ = "browser_signals"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]


class Signal(Base):
    __tablename__ = "signals"
    __table_args__ = (Index("ix_signals_attempt_id_at", "attempt_id", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    source: Mapped[str]  # frame:17 or event:3
    kind: Mapped[str]
    at: Mapped[datetime]
    value: Mapped[float]
    confidence: Mapped[float]
    quality: Mapped[float]


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
