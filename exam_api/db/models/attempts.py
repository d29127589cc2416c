"""One person's run: its clock, its device, its chain of answers."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, aliased, mapped_column

from exam_api.db.base import Base, Id


class Attempt(Base):
    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("sitting_id", "candidate_id", "number"),
        # The head of the chain changes with each save: leave room for heap-only updates.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    number: Mapped[int] = mapped_column(server_default="1")  # of this person in this sitting; the highest is current
    status: Mapped[str]  # attempts.service.Status
    opened_at: Mapped[datetime]  # of a prepared one: when it was made
    seed: Mapped[str]  # grading.deal makes the form of it
    form: Mapped[str]  # digest of the form's public part
    started_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]  # extra time, finished breaks and late minutes are already inside
    late: Mapped[timedelta] = mapped_column(
        server_default="0"
    )  # the last part of the time, in which answers cost points
    paused_at: Mapped[datetime | None]  # since when the clock stands
    paused: Mapped[timedelta] = mapped_column(server_default="0")  # finished breaks together
    time_note: Mapped[str | None]  # why the end moved last, for the candidate's screen
    submitted_at: Mapped[datetime | None]
    late_seconds: Mapped[int] = mapped_column(server_default="0")  # how far into that part the last answer was written
    late_off: Mapped[int] = mapped_column(server_default="0")  # percent of the points that this costs
    released_at: Mapped[datetime | None]
    statement: Mapped[dict[str, Any] | None]  # what the passkey signed, with the assertion
    jkt: Mapped[str | None]  # thumbprint of the live device's key (RFC 7638)
    generation: Mapped[int] = mapped_column(server_default="0")  # counts hand-overs
    seq: Mapped[int] = mapped_column(server_default="0")
    head: Mapped[str] = mapped_column(server_default="")
    # The guarded section that is open, counted from 1; 0 before the first, and one more than there are after the last.
    section: Mapped[int] = mapped_column(server_default="0")
    section_from: Mapped[datetime | None]
    section_ends_at: Mapped[datetime | None]
    seal: Mapped[dict[str, Any] | None]


def is_current() -> ColumnElement[bool]:
    """The condition that no later attempt of the same person in the same sitting exists."""
    later = aliased(Attempt)
    same = (later.sitting_id == Attempt.sitting_id) & (later.candidate_id == Attempt.candidate_id)
    return ~exists().where(same, later.number > Attempt.number).correlate(Attempt)


class Consent(Base):
    __tablename__ = "consents"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str]
    terms: Mapped[list[str]]
    text: Mapped[str]  # the very words that were shown
    given_at: Mapped[datetime]


class Reference(Base):
    """A reference photo and what the worker said of it; the face numbers live no longer than the attempt's review."""

    __tablename__ = "reference_photos"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    blob: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str]  # checking, accepted, refused
    reason: Mapped[str | None]
    encoding: Mapped[bytes | None]  # proctor.Reference.packed, sealed with the vault key
    sent_at: Mapped[datetime]


class Response(Base):
    """Append-only: one row per save, its receipt beside it."""

    __tablename__ = "responses"
    __table_args__ = (Index("ix_responses_attempt_id_item_seq", "attempt_id", "item", "seq"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    answer: Mapped[dict[str, Any]]
    answer_hash: Mapped[str]
    created_at: Mapped[datetime | None]  # the candidate's clock: shown, never trusted
    written_at: Mapped[datetime | None]  # counted from our signed time; None: nothing proves another than `received_at`
    received_at: Mapped[datetime]
    receipt: Mapped[dict[str, Any]]


class AsideAnswer(Base):
    """Append-only, beside the chain: what a device still held when its word no longer counted by itself.

    It came from a device that was replaced meanwhile, or in a recovery file (then with who took it in and why).
    """

    __tablename__ = "aside_answers"
    __table_args__ = (UniqueConstraint("attempt_id", "jkt", "place", "answer_hash"),)

    id: Mapped[Id]
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    source: Mapped[str]  # device, file
    jkt: Mapped[str]  # thumbprint of the device that wrote it
    place: Mapped[int]  # in that device's own journal
    base: Mapped[int]  # the last number of the chain that the device knew
    item: Mapped[str]
    answer: Mapped[dict[str, Any]]
    answer_hash: Mapped[str]
    created_at: Mapped[datetime]  # the device's word
    received_at: Mapped[datetime]
    counts: Mapped[bool]  # taken in by a person: it is graded instead of the chain's answer
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None]


class Attachment(Base):
    """A file of an answer, while it comes and after. An answer names it; the file itself is chunks in the blob store."""

    __tablename__ = "attachments"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)  # chosen by the device: to ask twice makes one
    item: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int | None]  # None while it is being recorded
    held: Mapped[int] = mapped_column(server_default="0")  # bytes that have come, without a gap
    sha256: Mapped[str | None]  # of the whole; set when it is finished
    refused: Mapped[str | None]  # why it is not taken; its bytes are gone then
    created_at: Mapped[datetime]  # the device's word, never later than when we heard of it
    finished_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class AttachmentChunk(Base):
    """A part of a file, as it came: parts are read back one after the other and never put together."""

    __tablename__ = "attachment_chunks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["attempt_id", "attachment_id"], ["attachments.attempt_id", "attachments.id"], ondelete="CASCADE"
        ),
    )

    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str]
    blob: Mapped[str]


class SeenProof(Base):
    """Proof identifiers already used (RFC 9449 section 11.1).

    Unlogged: it is the one table a crash may lose. A proof lives for a minute and a restart changes the nonce key's epoch.
    """

    __tablename__ = "seen_proofs"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
