"""Findings: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.models.exams import Sitting
from exam_api.db.models.findings import CohortRun, Finding

SUBMITTED = "submitted"


@dataclass(frozen=True)
class Saved:
    """One save: enough to know the newest answer and the pace."""

    attempt_id: UUID
    item: str
    answer: dict[str, Any]
    received_at: datetime


def _firsts(sitting_id: UUID) -> Select[Any]:
    """One attempt of each person: the first that was submitted and not voided. What later ones have in common with others'
    answers can come from what was seen after the first one, and two attempts of one person are alike anyway.
    """
    return (
        select(Attempt.id)
        .ext(distinct_on(Attempt.candidate_id))
        .where(Attempt.sitting_id == sitting_id, Attempt.status == SUBMITTED)
        .order_by(Attempt.candidate_id, Attempt.number)
    )


async def submitted_attempts(session: AsyncSession, sitting_id: UUID) -> dict[UUID, datetime | None]:
    """Each person's first submitted attempt and when it started."""
    rows = await session.execute(
        select(Attempt.id, Attempt.started_at).where(Attempt.id.in_(_firsts(sitting_id))).order_by(Attempt.id)
    )
    return dict(rows.all())


async def saves(session: AsyncSession, sitting_id: UUID) -> list[Saved]:
    """All saves of those attempts, each attempt's in order."""
    rows = await session.execute(
        select(Response.attempt_id, Response.item, Response.answer, Response.received_at)
        .where(Response.attempt_id.in_(_firsts(sitting_id)))
        .order_by(Response.attempt_id, Response.seq)
    )
    return [Saved(*row) for row in rows]


async def find_sitting(session: AsyncSession, sitting_id: UUID) -> Sitting | None:
    return await session.get(Sitting, sitting_id)


async def find_run(session: AsyncSession, sitting_id: UUID) -> CohortRun | None:
    """The last look at a sitting."""
    return await session.get(CohortRun, sitting_id, populate_existing=True)


async def list_findings(session: AsyncSession, sitting_id: UUID) -> Sequence[Finding]:
    """The strongest first."""
    query = (
        select(Finding)
        .where(Finding.sitting_id == sitting_id)
        .order_by(Finding.p_adjusted, Finding.p_value, Finding.id)
    )
    return (await session.scalars(query)).all()


async def replace(session: AsyncSession, run: CohortRun, findings: list[Finding]) -> bool:
    """Put a new look in the place of the last one; False where a newer one is there already."""
    await session.execute(select(func.pg_advisory_xact_lock(run.sitting_id.int & (2**63 - 1))))
    old = await find_run(session, run.sitting_id)
    if old is not None and old.made_at > run.made_at:
        return False
    await session.execute(delete(Finding).where(Finding.sitting_id == run.sitting_id))
    await session.merge(run)
    session.add_all(findings)
    await session.flush()
    return True


async def names_of(session: AsyncSession, sitting_id: UUID) -> dict[UUID, str]:
    """The candidates' names by attempt."""
    rows = await session.execute(
        select(Attempt.id, User.name)
        .join(User, User.id == Attempt.candidate_id)
        .where(Attempt.sitting_id == sitting_id)
    )
    return dict(rows.all())


async def outdated_sittings(session: AsyncSession) -> list[UUID]:
    """Sittings with a submission that is newer than the last look, or with another number of them."""
    newest, people = func.max(Attempt.submitted_at), func.count(Attempt.candidate_id.distinct())
    rows = await session.scalars(
        select(Attempt.sitting_id)
        .outerjoin(CohortRun, CohortRun.sitting_id == Attempt.sitting_id)
        .where(Attempt.status == SUBMITTED)
        .group_by(Attempt.sitting_id, CohortRun.made_at, CohortRun.people)
        .having(or_(CohortRun.made_at.is_(None), newest > CohortRun.made_at, people != CohortRun.people))
    )
    return list(rows)
