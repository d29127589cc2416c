"""Rules of entry: SQL, nothing else."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.exams import EntryRules, Exam, ExamVersion, Sitting
from exam_api.db.models.learning import Course


async def find_rules(session: AsyncSession, sitting_id: UUID) -> EntryRules | None:
    return await session.get(EntryRules, sitting_id)


async def find_by_link(session: AsyncSession, link: str) -> Sitting | None:
    query = select(Sitting).join(EntryRules, EntryRules.sitting_id == Sitting.id).where(EntryRules.link == link)
    return (await session.scalars(query)).one_or_none()


async def find_course(session: AsyncSession, sitting_id: UUID) -> Course | None:
    """The course that the sitting's exam belongs to."""
    query = (
        select(Course)
        .join(Exam, Exam.course_id == Course.id)
        .join(ExamVersion, ExamVersion.exam_id == Exam.id)
        .join(Sitting, Sitting.version_id == ExamVersion.id)
        .where(Sitting.id == sitting_id)
    )
    return (await session.scalars(query)).one_or_none()
