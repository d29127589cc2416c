"""Exams, their frozen versions, and sittings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Exam(Base):
    """The draft: the readable file is the truth, the page editor writes the same file."""

    __tablename__ = "exams"

    id: Mapped[Id]
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey("courses.id", ondelete="SET NULL"), index=True)
    title: Mapped[str]
    source: Mapped[str]  # the YAML text
    revision: Mapped[int]  # for "somebody else changed this meanwhile"
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime]


class ExamVersion(Base):
    """Frozen: never updated, never deleted while an attempt refers to it."""

    __tablename__ = "exam_versions"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[Id]
    exam_id: Mapped[UUID] = mapped_column(ForeignKey("exams.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]  # grading.exam.to_data
    digest: Mapped[str]  # credentials.canonical.digest of the definition
    source: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class ExamCheck(Base):
    """The newest try of a draft's reference solutions; it holds for a draft that still has this digest."""

    __tablename__ = "exam_checks"

    exam_id: Mapped[UUID] = mapped_column(ForeignKey("exams.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str]
    state: Mapped[str]  # running, trying, passed, failed, unable
    problems: Mapped[list[Any]]  # {"item", "title", "message"}
    untried: Mapped[bool]  # whoever asked also publishes what has no reference solution
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Sitting(Base):
    __tablename__ = "sittings"

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("exam_versions.id"), index=True)
    title: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    minutes: Mapped[int]
    attempts: Mapped[int | None] = mapped_column(
        server_default="1"
    )  # for each person; None: as many as the window allows
    delay_minutes: Mapped[int] = mapped_column(server_default="0")  # between handing in and the next attempt
    counts: Mapped[str] = mapped_column(server_default="best")  # which of them: grading.standing.Rule
    late_minutes: Mapped[int] = mapped_column(server_default="0")  # after the end one may go on for so long…
    late_percent: Mapped[int] = mapped_column(server_default="0")  # …at this share of the points for each begun minute
    grace_minutes: Mapped[int | None]  # how long answers from before the end may travel; None: as the installation says
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class EntryRules(Base):
    """What a sitting asks at the door beyond its window and roster. No row: nothing."""

    __tablename__ = "entry_rules"

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    password: Mapped[str | None]  # argon2id
    networks: Mapped[list[str]]  # CIDR; empty: anywhere
    lessons: Mapped[bool]  # every lesson of the exam's course must be done
    link: Mapped[str | None] = mapped_column(unique=True)  # whoever knows it may join the roster


class ShownRules(Base):
    """When a candidate sees which part of their result. No row: as `exams.schemas.ShownIn` has it."""

    __tablename__ = "shown_rules"

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    parts: Mapped[dict[str, Any]]


class RosterEntry(Base):
    __tablename__ = "roster"

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    extra_minutes: Mapped[int]
    extra_percent: Mapped[int] = mapped_column(server_default="0")  # of the sitting's minutes
    incident_minutes: Mapped[int] = mapped_column(server_default="0")  # given back for what went wrong
    accommodations: Mapped[list[str]] = mapped_column(server_default="[]")  # agreed: fields of proctor's Profile
    added_at: Mapped[datetime]

    def extra_on(self, minutes: int) -> int:
        """All the time that was given on top of a sitting's minutes; a percentage is rounded up to a whole minute."""
        return self.extra_minutes + -(-minutes * self.extra_percent // 100) + self.incident_minutes
