"""Enrolling, and going on from lesson to lesson."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from courses.content import Lesson
from courses.progress import missing, percent
from exam_api.db import ledger
from exam_api.db.models.learning import Course as CourseRecord
from exam_api.errors import LessonLocked
from exam_api.events import LearnerEnrolled, LessonDone
from exam_api.learning import queries
from exam_api.learning.schemas import DoneOut, EnrolRow
from exam_api.learning.service.content import course_of, lesson_of, next_of


async def done_in(session: AsyncSession, course_id: UUID, user_id: UUID) -> set[str]:
    """The ids of the lessons that a person has done."""
    return (await queries.list_done(session, user_id, [course_id]))[course_id]


async def finish(session: AsyncSession, record: CourseRecord, user_id: UUID, lesson_id: str, now: datetime) -> DoneOut:
    """Mark a lesson as done; again is no mistake. Raises `NotFound`, `LessonLocked`."""
    course = course_of(record)
    lesson: Lesson = lesson_of(course, lesson_id)
    done = await done_in(session, record.id, user_id)
    if lesson_id not in done and missing(course, lesson, done):
        raise LessonLocked
    if await queries.insert_done(session, record.id, user_id, lesson_id, now):
        await ledger.append(session, LessonDone(record.id, user_id, lesson_id), now, user_id)
    done.add(lesson_id)
    return DoneOut(percent=percent(course, done), next=next_of(course, done))


async def enrol(
    session: AsyncSession, record: CourseRecord, emails: Sequence[str], now: datetime, actor_id: UUID
) -> list[EnrolRow]:
    """Put people into the course; one result per address. Who has no account is named, not made."""
    wanted = list(dict.fromkeys(emails))
    known = await queries.find_user_ids(session, wanted)
    new = await queries.insert_enrolments(session, record.id, set(known.values()), now)
    for user_id in sorted(new):
        await ledger.append(session, LearnerEnrolled(record.id, user_id), now, actor_id)
    return [
        EnrolRow(
            email=email,
            status="unknown" if email not in known else "enrolled" if known[email] in new else "already",
        )
        for email in wanted
    ]
