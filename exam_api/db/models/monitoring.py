"""What camera, microphone and browser said, which rules fired, and what is kept of it for how long."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Frame(Base):
    __tablename__ = "frames"
    # What nobody has looked at yet is always little.
    __table_args__ = (
        Index("ix_frames_waiting", "attempt_id", "number", postgresql_where=text("analysed_at IS NULL")),
        Index("ix_frames_taken", "attempt_id", "taken_at"),
    )

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    received_at: Mapped[datetime]
    blob: Mapped[str | None]  # None once erased, or where nothing came that could be looked at
    digest: Mapped[str]
    size: Mapped[int]
    header: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # what the device signed: a link of the chain
    skew: Mapped[float | None]  # seconds that the device's clock was beyond belief; positive: ahead of ours
    challenge: Mapped[int | None]
    claimed: Mapped[dict[str, Any] | None]  # what the candidate's own computer said it saw, where it looks itself
    spot: Mapped[int | None]  # the check by chance that this picture answers
    reading: Mapped[dict[str, Any] | None]  # proctor.FrameReading; stays None when the picture cannot be read
    analysed_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]  # left for later, as others waited


class Sound(Base):
    __tablename__ = "sounds"
    __table_args__ = (
        Index("ix_sounds_waiting", "attempt_id", "number", postgresql_where=text("analysed_at IS NULL")),
        Index("ix_sounds_taken", "attempt_id", "taken_at"),
    )

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    received_at: Mapped[datetime]
    blob: Mapped[str | None]
    digest: Mapped[str]
    size: Mapped[int]
    header: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    skew: Mapped[float | None]
    reading: Mapped[dict[str, Any] | None]  # proctor.SoundReading
    analysed_at: Mapped[datetime | None]


class Watching(Base):
    """What is remembered of an attempt between two pieces."""

    __tablename__ = "watchings"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    head: Mapped[str]  # digest of the last kept header: what the next piece names as the one before it
    devices: Mapped[dict[str, Any]]  # thumbprint → the public key that signs the pieces
    watch: Mapped[dict[str, Any] | None]  # proctor.watch.Watch
    memory: Mapped[dict[str, Any] | None]  # of the sounds
    calibration: Mapped[dict[str, Any] | None]  # proctor.vision.gaze.Calibration
    looks: Mapped[str] = mapped_column(server_default="server")  # who looks at the pictures: server or device
    check_in: Mapped[dict[str, Any] | None]  # the sign of life before the start
    restless_to: Mapped[datetime | None]  # a calm picture or sound of a later moment changes no flag


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


class LeftOut(Base):
    """A rule that fired and is left out by agreement: shown to invigilators as that, and to nobody as a flag."""

    __tablename__ = "left_out"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    reason: Mapped[str]


class Lookalike(Base):
    """Two people of a sitting whose photos are too near to tell them apart by machine."""

    __tablename__ = "lookalikes"

    one: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    other: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True, index=True)
    distance: Mapped[float]
    noticed_at: Mapped[datetime]


class Clip(Base):
    """A short video that the page was asked for because a flag was raised."""

    __tablename__ = "clips"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    flag_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    blob: Mapped[str | None]  # None: it has not come, or is erased
    media_type: Mapped[str | None]
    size: Mapped[int | None]
    digest: Mapped[str | None]
    received_at: Mapped[datetime | None]


class LifeSign(Base):
    """A sign of life that was asked for, and what was seen."""

    __tablename__ = "life_signs"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # blink, turn_left, turn_right, light
    colours: Mapped[list[str]]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    signal: Mapped[dict[str, Any] | None]  # kind, value, confidence


class SpotCheck(Base):
    """One picture that was asked for at a moment by chance, where the candidate's own computer looks at the others."""

    __tablename__ = "spot_checks"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    nonce: Mapped[str | None]  # made when it is asked for, so that nobody can know it before
    sent_at: Mapped[datetime | None]
    frame: Mapped[int | None]
    outcome: Mapped[str | None]  # answered, network, or one of proctor.device.REFUSED; None: not asked, or still open
    signal: Mapped[dict[str, Any] | None]  # what the comparison said


class EvidenceKey(Base):
    """The key of everything that an attempt's camera, microphone and photos left in the store."""

    __tablename__ = "evidence_keys"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes | None]  # with the vault key; None: erased, and with it all that it sealed
    made_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Erasure(Base):
    """Proof of what was erased and when, signed."""

    __tablename__ = "erasures"

    id: Mapped[Id]
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    record: Mapped[dict[str, Any]]
