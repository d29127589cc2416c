"""Certificates that staff give to many at once, and those whose holders let themselves be found by name."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class CertificateListing(Base):
    """A holder agreed that this certificate is found by their name. The row goes when they withdraw it."""

    __tablename__ = "certificate_listings"

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id", ondelete="CASCADE"), primary_key=True)
    folded: Mapped[str] = mapped_column(index=True)  # the name without differences of case, form and spaces
    since: Mapped[datetime]


class Batch(Base):
    """A list of certificates to give. What it says is fixed when it is made; a second person approves exactly that.

    The checks hold even where the code does not: nobody approves their own list, and no approval outlives a change of it.
    """

    __tablename__ = "certificate_batches"
    __table_args__ = (
        CheckConstraint("approved_by <> made_by", name="four_eyes"),
        CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_by IS NULL) = (approved_digest IS NULL)",
            name="approval_whole",
        ),
        CheckConstraint("approved_digest = digest", name="approved_as_it_is"),
        CheckConstraint("withdrawn_at IS NULL OR approved_at IS NULL", name="withdrawn_before"),
        CheckConstraint("finished_at IS NULL OR approved_at IS NOT NULL", name="finished_after"),
        Index("ix_certificate_batches_open", "made_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[Id]
    title: Mapped[str]
    terms: Mapped[dict[str, Any]]  # what every certificate of it says
    digest: Mapped[str]  # SHA-256 over terms and rows, hexadecimal
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    approved_digest: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BatchRow(Base):
    """One person of such a list, and what became of it: a certificate, or a problem in words."""

    __tablename__ = "certificate_batch_rows"
    __table_args__ = (
        CheckConstraint("certificate_id IS NULL OR problem IS NULL", name="one_end"),
        Index(
            "ix_certificate_batch_rows_waiting",
            "batch_id",
            "number",
            postgresql_where=text("certificate_id IS NULL AND problem IS NULL"),
        ),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("certificate_batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    earned_on: Mapped[date | None]
    result: Mapped[str | None]  # percent
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    problem: Mapped[str | None]
