"""Grades: append-only; the newest per item counts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base


class Grade(Base):
    __tablename__ = "grades"
    __table_args__ = (Index("ix_grades_attempt_id_item_id", "attempt_id", "item", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    item: Mapped[str]
    state: Mapped[str]  # final, proposed (a person confirms), ungraded
    points: Mapped[float | None]  # None only when ungraded: our failure is never a zero
    max_points: Mapped[float]
    confidence: Mapped[float | None]
    cause: Mapped[str | None]  # ungraded: person or failure
    feedback: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    grader: Mapped[str]  # "machine" or "person"
    graded_by: Mapped[UUID | None]
    graded_at: Mapped[datetime]
