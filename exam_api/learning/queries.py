"""Courses and progress: SQL, nothing else."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.learning import Course, Enrolment, LessonProgress


async def find_course(session: AsyncSession, slug: str) -> Course | None:
    return (await session.scalars(select(Course).where(Course.slug == slug))).one_or_none()


async def lock_course(session: AsyncSession, slug: str) -> Course | None:
    """The course, which nobody else can change until this transaction ends."""
    query = select(Course).where(Course.slug == slug).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def insert_course(
    session: AsyncSession, slug: str, title: str, files: dict[str, str], now: datetime
) -> Course | None:
    """A new course at revision 1; None where the slug was taken meanwhile."""
    return (
        await session.scalars(
            insert(Course)
            .values(slug=slug, title=title, files=files, revision=1, updated_at=now)
            .on_conflict_do_nothing(index_elements=[Course.slug])
            .returning(Course)
        )
    ).one_or_none()


async def list_courses(session: AsyncSession, user_id: UUID | None = None) -> list[Course]:
    """The courses a person is enrolled in, or all of them, by title."""
    query = select(Course).order_by(Course.title, Course.id)
    if user_id is not None:
        query = query.join(Enrolment, Enrolment.course_id == Course.id).where(Enrolment.user_id == user_id)
    return list(await session.scalars(query))


async def is_enrolled(session: AsyncSession, course_id: UUID, user_id: UUID) -> bool:
    return await session.get(Enrolment, (course_id, user_id)) is not None


async def list_done(session: AsyncSession, user_id: UUID, course_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Per course, the ids of the lessons a person has done."""
    rows = await session.execute(
        select(LessonProgress.course_id, LessonProgress.lesson).where(
            LessonProgress.user_id == user_id, LessonProgress.course_id.in_(course_ids)
        )
    )
    done: dict[UUID, set[str]] = {course_id: set() for course_id in course_ids}
    for course_id, lesson in rows:
        done[course_id].add(lesson)
    return done


async def list_enrolled(session: AsyncSession, user_id: UUID) -> set[UUID]:
    return set(await session.scalars(select(Enrolment.course_id).where(Enrolment.user_id == user_id)))


async def insert_done(session: AsyncSession, course_id: UUID, user_id: UUID, lesson: str, now: datetime) -> bool:
    """Mark a lesson as done; False where it already was."""
    made = await session.execute(
        insert(LessonProgress)
        .values(course_id=course_id, user_id=user_id, lesson=lesson, done_at=now)
        .on_conflict_do_nothing()
        .returning(LessonProgress.lesson)
    )
    return made.one_or_none() is not None


async def find_user_ids(session: AsyncSession, emails: Collection[str]) -> dict[str, UUID]:
    rows = await session.execute(select(User.email, User.id).where(User.email.in_(emails), User.disabled_at.is_(None)))
    return {row[0]: row[1] for row in rows}


async def insert_enrolments(
    session: AsyncSession, course_id: UUID, user_ids: Collection[UUID], now: datetime
) -> set[UUID]:
    """Enrol people; the answer holds those who were not enrolled before."""
    if not user_ids:
        return set()
    rows = [{"course_id": course_id, "user_id": user_id, "created_at": now} for user_id in user_ids]
    made = await session.execute(insert(Enrolment).values(rows).on_conflict_do_nothing().returning(Enrolment.user_id))
    return {row[0] for row in made}


async def list_people(session: AsyncSession, course_id: UUID) -> list[tuple[str, str, int]]:
    """Name, e-mail and number of finished lessons of everybody enrolled, by name."""
    finished = (
        select(func.count())
        .where(LessonProgress.course_id == course_id, LessonProgress.user_id == User.id)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(User.name, User.email, finished)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id)
        .order_by(User.name, User.email)
    )
    return [(name, email, count) for name, email, count in rows]
