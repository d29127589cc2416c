"""What statistics over the cohort found after the exam."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Finding(Base):
    __tablename__ = "findings"

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), index=True)
    detector: Mapped[str]
    attempts: Mapped[list[str]]  # attempt ids, as text
    p_value: Mapped[float]
    p_adjusted: Mapped[float]
    statistic: Mapped[float]
    expected: Mapped[float]
    explanation: Mapped[str]
    innocent: Mapped[list[str]]
    evidence: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class CohortRun(Base):
    """The last computation over a sitting: when, over how many, and why not, if not."""

    __tablename__ = "cohort_runs"

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    people: Mapped[int]
    pairs: Mapped[int]
    reason: Mapped[str | None]
    evidence: Mapped[dict[str, Any]]  # alpha, items, the strongest pair, the picture and its words
    made_at: Mapped[datetime]
