"""Grades: SQL, and the one mapping between a row and the core's value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.models.exams import Sitting
from exam_api.db.models.grades import Grade
from exam_api.db.models.monitoring import Flag
from grading.mark import Grade as Mark
from grading.mark import Graded, Ungraded

SUBMITTED = "submitted"
MACHINE, PERSON = "machine", "person"
FINAL, PROPOSED, UNGRADED = "final", "proposed", "ungraded"


@dataclass(frozen=True)
class SittingQueue:
    """A sitting with how many of its answers wait for a person, wait for us, and were graded by people."""

    sitting: Sitting
    waiting: int
    failing: int
    marked: int


# --- row and core value ---


def row_of(attempt_id: UUID, item: str, mark: Mark, now: datetime) -> Grade:
    """A machine's grade as a row."""
    row = Grade(
        attempt_id=attempt_id,
        item=item,
        state=UNGRADED,
        points=None,
        max_points=mark.max_points,
        evidence=storable(mark.evidence),
        grader=MACHINE,
        graded_at=now,
    )
    if isinstance(mark, Graded):
        row.state = FINAL if mark.certain else PROPOSED
        row.points, row.confidence, row.feedback = mark.points, mark.confidence, storable(mark.feedback)
    else:
        row.cause, row.feedback = mark.cause, storable(mark.reason)
    return row


def mark_of(row: Grade) -> Mark:
    """The row as the core's value, for adding up and for comparing."""
    if row.state == UNGRADED or row.points is None:
        return Ungraded(row.max_points, row.feedback, "person" if row.cause == "person" else "failure", row.evidence)
    certain = row.state == FINAL
    return Graded(
        row.points, row.max_points, row.confidence or 0.0, certain=certain, feedback=row.feedback, evidence=row.evidence
    )


def storable(value: Any) -> Any:
    """What a program printed can hold NUL or half a surrogate pair, and PostgreSQL stores neither."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list | tuple) else value


# --- the newest grade per item counts ---


def _newest(*where: Any) -> Select[Any]:
    """Whatever the filter on attempts, grades of attempts that were not submitted (or were voided) are not looked at."""
    return (
        select(Grade)
        .ext(distinct_on(Grade.attempt_id, Grade.item))
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .where(Attempt.status == SUBMITTED, *where)
        .order_by(Grade.attempt_id, Grade.item, Grade.id.desc())
    )


async def current_grades(session: AsyncSession, attempt_id: UUID) -> dict[str, Grade]:
    """The grade that counts, per item."""
    rows = await session.scalars(
        select(Grade)
        .ext(distinct_on(Grade.item))
        .where(Grade.attempt_id == attempt_id)
        .order_by(Grade.item, Grade.id.desc())
        .execution_options(populate_existing=True)
    )
    return {row.item: row for row in rows}


async def current_of_sitting(
    session: AsyncSession, sitting_id: UUID, marker: UUID | None = None
) -> dict[UUID, dict[str, Grade]]:
    """The same for every submitted attempt of a sitting, but for those of `marker`."""
    found: dict[UUID, dict[str, Grade]] = {}
    where = [Attempt.sitting_id == sitting_id] + ([Attempt.candidate_id != marker] if marker else [])
    for row in await session.scalars(_newest(*where)):
        found.setdefault(row.attempt_id, {})[row.item] = row
    return found


async def sitting_queues(session: AsyncSession) -> list[SittingQueue]:
    """Every sitting that has grades, the latest first, with what waits in it."""
    newest = aliased(Grade, _newest().subquery())
    for_people = or_(newest.state == PROPOSED, and_(newest.state == UNGRADED, newest.cause == "person"))
    failing = and_(newest.state == UNGRADED, newest.cause == "failure")
    rows = await session.execute(
        select(Sitting, _count(for_people), _count(failing), _count(newest.grader == PERSON))
        .join(Attempt, Attempt.sitting_id == Sitting.id)
        .join(newest, newest.attempt_id == Attempt.id)
        .group_by(Sitting.id)
        .order_by(Sitting.opens_at.desc(), Sitting.id)
    )
    return [SittingQueue(*row) for row in rows]


def _count(condition: Any) -> Any:
    return func.count(case((condition, 1)))


async def answers_to(session: AsyncSession, asked: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], Any]:
    """The newest answer per attempt and item."""
    pairs = list(asked)
    rows = await session.scalars(
        select(Response)
        .ext(distinct_on(Response.attempt_id, Response.item))
        .where(
            Response.attempt_id.in_({attempt for attempt, _ in pairs}), Response.item.in_({item for _, item in pairs})
        )
        .order_by(Response.attempt_id, Response.item, Response.seq.desc())
    )
    return {(row.attempt_id, row.item): row.answer for row in rows}


async def waiting_for_us(session: AsyncSession, now: datetime, limit: int) -> list[UUID]:
    """Submitted attempts with an answer that we failed to grade, or that nobody ever looked at for two minutes.

    In no particular order, so that one answer that keeps failing cannot hold up the others.
    """
    newest = aliased(Grade, _newest().subquery())
    failing = select(newest.attempt_id).where(newest.state == UNGRADED, newest.cause == "failure")
    forgotten = and_(
        Attempt.submitted_at < now - timedelta(minutes=2),
        ~select(Grade.id).where(Grade.attempt_id == Attempt.id).exists(),
    )
    rows = await session.scalars(
        select(Attempt.id)
        .where(Attempt.status == SUBMITTED, or_(Attempt.id.in_(failing), forgotten))
        .order_by(func.random())
        .limit(limit)
    )
    return list(rows)


async def flags_of(session: AsyncSession, attempt_id: UUID) -> list[Flag]:
    """An attempt's flags about behaviour, in order; what is only about the picture's quality is no matter for a candidate."""
    query = select(Flag).where(Flag.attempt_id == attempt_id, Flag.severity != "quality").order_by(Flag.started_at)
    return list(await session.scalars(query))


async def count_flags(session: AsyncSession, sitting_id: UUID) -> dict[UUID, int]:
    """How many flags about behaviour each attempt of a sitting has: the same flags that live and reviews count."""
    rows = await session.execute(
        select(Flag.attempt_id, func.count())
        .join(Attempt, Attempt.id == Flag.attempt_id)
        .where(Attempt.sitting_id == sitting_id, Flag.severity != "quality")
        .group_by(Flag.attempt_id)
    )
    return dict(rows.all())
