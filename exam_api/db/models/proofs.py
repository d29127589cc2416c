"""What a candidate's receipts are proven by beyond themselves: the public log, and a copy in their own mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base


class ReceiptHead(Base):
    """The seal of a submitted attempt on its way to the public log. The row comes with the seal, the rest with the entry.

    `proof` is the tlog-proof under the checkpoint that first held the entry: written once, it holds for ever.
    """

    __tablename__ = "receipt_heads"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    sealed_at: Mapped[datetime]
    salt: Mapped[bytes | None]
    log_index: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    proof: Mapped[str | None]
    logged_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_receipt_heads_waiting", "sealed_at", postgresql_where=log_index.is_(None)),  # the queue of the worker
    )


class ReceiptMail(Base):
    """A candidate's wish for a copy of the receipts file, and what became of it. The address is the account's."""

    __tablename__ = "receipt_mails"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    asked: Mapped[int]  # how often the candidate asked
    asked_at: Mapped[datetime]
    state: Mapped[str]  # waiting, sent, refused
    tries: Mapped[int]  # of the newest wish
    changed_at: Mapped[datetime]
    problem: Mapped[str | None]  # a sentence of ours, never the mail server's own words
