"""Programmes, into which certificates stack, and maps of skills: each version is written once and never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from exam_api.db.base import Base, Id


class Programme(Base):
    """One version of a programme. The newest that was opened and not closed is what counts."""

    __tablename__ = "programmes"
    __table_args__ = (
        UniqueConstraint("slug", "number"),
        CheckConstraint("number >= 1", name="counted"),
        Index(
            "uq_programmes_open",
            "slug",
            unique=True,
            postgresql_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    slug: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    source: Mapped[str]  # the file, as its author wrote it
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class StackedPart(Base):
    """A certificate of a programme rests on this other one."""

    __tablename__ = "stacked_parts"

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id", ondelete="CASCADE"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(
        ForeignKey("certificates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programmes.id"))  # None: given before this was kept


class StackNotice(Base):
    """A programme's rule is no longer met by somebody who has its certificate: a person looks at it."""

    __tablename__ = "stack_notices"
    __table_args__ = (
        Index("uq_stack_notices_open", "certificate_id", unique=True, postgresql_where=text("settled_at IS NULL")),
        CheckConstraint("what IN ('revoked', 'suspended', 'expired', 'missing', 'old', 'level', 'score')", name="what"),
    )

    id: Mapped[Id]
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id", ondelete="CASCADE"), index=True)
    what: Mapped[str]
    at: Mapped[datetime]
    suspended: Mapped[bool]  # its programme follows its parts, so it was suspended at once
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    settled_words: Mapped[str | None]


class SkillMapVersion(Base):
    """One version of a map of skills. The one with the highest number counts."""

    __tablename__ = "skill_maps"
    __table_args__ = (UniqueConstraint("slug", "number"), CheckConstraint("number >= 1", name="counted"))

    id: Mapped[Id]
    slug: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
