"""Programs that are tried: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.trials import Trial

OPEN = ("waiting", "running")


async def find_trial(session: AsyncSession, attempt_id: UUID, trial_id: UUID) -> Trial | None:
    """One trial, if it is of this attempt."""
    return await session.scalar(select(Trial).where(Trial.id == trial_id, Trial.attempt_id == attempt_id))


async def recent_trials(session: AsyncSession, attempt_id: UUID, since: datetime) -> Sequence[Trial]:
    """What was asked for since then, and whatever has no result yet; the newest first."""
    query = (
        select(Trial)
        .where(Trial.attempt_id == attempt_id, or_(Trial.asked_at > since, Trial.state.in_(OPEN)))
        .order_by(Trial.asked_at.desc())
    )
    return (await session.scalars(query)).all()


async def next_trial(session: AsyncSession, since: datetime, stale: datetime) -> Trial | None:
    """The trial whose turn it is, locked: of whoever had the fewest since `since`, the one that waits longest.

    One that a worker began before `stale` and never finished is looked for again: that worker was killed.
    """
    other = aliased(Trial)
    had = (
        select(func.count())
        .where(other.attempt_id == Trial.attempt_id, other.id != Trial.id, other.asked_at > since)
        .correlate(Trial)
        .scalar_subquery()
    )
    query = (
        select(Trial)
        .where(or_(Trial.state == "waiting", and_(Trial.state == "running", Trial.started_at < stale)))
        .order_by(had, Trial.asked_at, Trial.id)
        .limit(1)
        .with_for_update(of=Trial, skip_locked=True)
    )
    return await session.scalar(query)


async def count_open(session: AsyncSession, stale: datetime) -> int:
    """How many wait, or were left behind by a worker that was killed."""
    left = or_(Trial.state == "waiting", and_(Trial.state == "running", Trial.started_at < stale))
    return await session.scalar(select(func.count()).select_from(Trial).where(left)) or 0


async def clear_results(session: AsyncSession, attempt_id: UUID) -> None:
    """Only the newest trial keeps what it did: earlier ones only count."""
    done = Trial.attempt_id == attempt_id, Trial.state.not_in(OPEN), Trial.response != {}
    await session.execute(update(Trial).where(*done).values(result=None, response={}, stdin=None))


async def delete_trials_of(session: AsyncSession, attempt_id: UUID) -> None:
    """All trials of one attempt."""
    await session.execute(delete(Trial).where(Trial.attempt_id == attempt_id))


async def delete_old_trials(session: AsyncSession, before: datetime) -> None:
    """Trials of before then, and those of attempts that were handed in before then."""
    ended = select(Attempt.id).where(Attempt.submitted_at < before)
    await session.execute(delete(Trial).where(or_(Trial.asked_at < before, Trial.attempt_id.in_(ended))))
