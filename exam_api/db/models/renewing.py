"""What happens to certificates after they were issued: names that change, activities that keep them valid, letters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id

FAILED = "failed"


class NameChange(Base):
    """Somebody asks for their certificates in a new name; a registrar decides. Only one may wait of each person."""

    __tablename__ = "name_changes"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    note: Mapped[str]  # why, and what proves it; for the registrar alone
    linked: Mapped[bool]  # whether the new certificates may name the old ones, and these lead to them
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    granted: Mapped[bool | None]
    words: Mapped[str | None]  # what the registrar tells the holder

    __table_args__ = (
        Index("uq_name_changes_waiting", "user_id", unique=True, postgresql_where=text("decided_at IS NULL")),
    )


class CreditActivity(Base):
    """Something that somebody did to stay in practice, and what staff say to it."""

    __tablename__ = "credit_activities"

    id: Mapped[Id]
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    provider: Mapped[str]
    day: Mapped[date]
    credits: Mapped[float]  # in quarters
    link: Mapped[str | None]
    blob: Mapped[str | None]  # sealed with the vault key
    file_name: Mapped[str | None]
    noted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    accepted: Mapped[bool | None]
    words: Mapped[str | None]

    __table_args__ = (Index("ix_credit_activities_waiting", "noted_at", postgresql_where=text("decided_at IS NULL")),)


class Reminder(Base):
    """A letter about the end of a certificate: once for each number of days before it."""

    __tablename__ = "certificate_reminders"

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]  # sent, refused; FAILED: it could not be composed, and is tried again each hour
    at: Mapped[datetime]
