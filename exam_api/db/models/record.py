"""What the log says of itself, and where its heads are anchored outside of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base


class LogPolicy(Base):
    """A policy that the log has announced, by the number of its entry: follows from the entries."""

    __tablename__ = "log_policies"

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str]
    anchors: Mapped[list[str]]


class LogAnchor(Base):
    """A head of the log at one place outside: asked for, then complete. `evidence` is what others check (credentials.anchors)."""

    __tablename__ = "log_anchors"

    size: Mapped[int] = mapped_column(ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    evidence: Mapped[dict[str, Any] | None]  # None: the place did not take it yet
    complete: Mapped[bool]
    tries: Mapped[int]
    problem: Mapped[str | None]  # of the last try
