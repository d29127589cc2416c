"""Courses and who is where in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Course(Base):
    __tablename__ = "courses"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    files: Mapped[dict[str, Any]]  # file name → text, as the author wrote them
    revision: Mapped[int]
    updated_at: Mapped[datetime]


class Enrolment(Base):
    __tablename__ = "enrolments"

    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime]


class LessonProgress(Base):
    __tablename__ = "lesson_progress"

    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    lesson: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
