"""Programs that candidates try during the exam: no answers, no evidence, gone with the attempt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Trial(Base):
    """One run of a program on the sample tests (`stdin` None), or on an input of the candidate's own."""

    __tablename__ = "trials"
    __table_args__ = (
        Index("ix_trials_attempt_id_asked_at", "attempt_id", "asked_at"),
        # Whoever waits is looked for with each run, and is few.
        Index("ix_trials_waiting", "asked_at", postgresql_where="state IN ('waiting', 'running')"),
    )

    id: Mapped[Id]
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    item: Mapped[str]
    response: Mapped[dict[str, Any]]  # the program as it stood, saved or not
    stdin: Mapped[str | None]
    state: Mapped[str]  # waiting, running, done, failed
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]  # attempts.service.trials.plain
    reason: Mapped[str | None]  # why it failed; never the program's fault
