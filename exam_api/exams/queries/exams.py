"""Exams and versions: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.exams import Exam, ExamCheck, ExamVersion
from exam_api.db.models.learning import Course


@dataclass(frozen=True)
class ExamListed:
    """An exam with what a list says beside it. `version` is the newest published number."""

    exam: Exam
    owner: str
    course: str | None
    version: int | None


def _listed() -> Select[Any]:
    newest = select(func.max(ExamVersion.number)).where(ExamVersion.exam_id == Exam.id).scalar_subquery()
    return (
        select(Exam, User.name, Course.slug, newest)
        .join(User, User.id == Exam.owner_id)
        .outerjoin(Course, Course.id == Exam.course_id)
    )


async def list_exams(
    session: AsyncSession, owner_id: UUID | None = None, search: str = "", limit: int = 200, offset: int = 0
) -> list[ExamListed]:
    """The exams of one owner, or all of them, newest change first; `search` is part of a title."""
    query = _listed().order_by(Exam.updated_at.desc(), Exam.id).limit(limit).offset(offset)
    if owner_id is not None:
        query = query.where(Exam.owner_id == owner_id)
    if search:
        query = query.where(Exam.title.icontains(search, autoescape=True))
    return [ExamListed(exam, owner, course, version) for exam, owner, course, version in await session.execute(query)]


async def find_exam(session: AsyncSession, exam_id: UUID) -> ExamListed | None:
    row = (await session.execute(_listed().where(Exam.id == exam_id))).one_or_none()
    return ExamListed(row[0], row[1], row[2], row[3]) if row else None


async def lock_exam(session: AsyncSession, exam_id: UUID) -> Exam:
    """The exam, which nobody else can change until this transaction ends."""
    query = select(Exam).where(Exam.id == exam_id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


async def save_draft(
    session: AsyncSession, exam_id: UUID, revision: int, title: str, source: str, now: datetime
) -> bool:
    """Write a draft over exactly that revision; False where it is no longer the newest."""
    changed = await session.execute(
        update(Exam)
        .where(Exam.id == exam_id, Exam.revision == revision)
        .values(title=title, source=source, revision=revision + 1, updated_at=now)
        .returning(Exam.id)
        .execution_options(synchronize_session=False)
    )
    return changed.one_or_none() is not None


async def list_versions(session: AsyncSession, exam_id: UUID) -> Sequence[tuple[ExamVersion, str]]:
    """The versions, newest first, each with the name of who published it."""
    rows = await session.execute(
        select(ExamVersion, User.name)
        .join(User, User.id == ExamVersion.published_by)
        .where(ExamVersion.exam_id == exam_id)
        .order_by(ExamVersion.number.desc())
    )
    return [(version, name) for version, name in rows]


async def find_version(session: AsyncSession, exam_id: UUID, number: int) -> tuple[ExamVersion, str] | None:
    row = (
        await session.execute(
            select(ExamVersion, User.name)
            .join(User, User.id == ExamVersion.published_by)
            .where(ExamVersion.exam_id == exam_id, ExamVersion.number == number)
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def find_version_by_id(session: AsyncSession, version_id: UUID) -> ExamVersion | None:
    return await session.get(ExamVersion, version_id)


async def find_newest_version(session: AsyncSession, exam_id: UUID) -> ExamVersion | None:
    return (
        await session.scalars(
            select(ExamVersion).where(ExamVersion.exam_id == exam_id).order_by(ExamVersion.number.desc()).limit(1)
        )
    ).one_or_none()


async def find_check(session: AsyncSession, exam_id: UUID) -> ExamCheck | None:
    """The newest try of an exam's reference solutions."""
    return await session.get(ExamCheck, exam_id, populate_existing=True)


async def checks_left(session: AsyncSession, before: datetime) -> Sequence[ExamCheck]:
    """Checks that began before then and have not come to an end."""
    return (
        await session.scalars(
            select(ExamCheck).where(ExamCheck.state.in_(("running", "trying")), ExamCheck.asked_at < before)
        )
    ).all()


async def find_course(session: AsyncSession, slug: str) -> Course | None:
    return (await session.scalars(select(Course).where(Course.slug == slug))).one_or_none()


async def get_name(session: AsyncSession, user_id: UUID) -> str:
    return (await session.scalars(select(User.name).where(User.id == user_id))).one()
