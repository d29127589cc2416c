"""Attempts that are made before they are needed. SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import RosterEntry, Sitting


async def unprepared(session: AsyncSession, sitting_id: UUID) -> tuple[UUID | None, list[UUID]]:
    """The version of a sitting, and who on its roster has no attempt yet."""
    version_id = await session.scalar(select(Sitting.version_id).where(Sitting.id == sitting_id))
    has_one = select(Attempt.id).where(
        Attempt.sitting_id == RosterEntry.sitting_id, Attempt.candidate_id == RosterEntry.user_id
    )
    people = select(RosterEntry.user_id).where(RosterEntry.sitting_id == sitting_id, ~has_one.exists())
    return version_id, list(await session.scalars(people))


async def insert_prepared(
    session: AsyncSession, sitting_id: UUID, forms: Sequence[tuple[UUID, str, str]], now: datetime
) -> int:
    """Rows for these people, seeds and digests; how many were not there yet."""
    people, seeds, digests = zip(*forms, strict=True)
    made = await session.execute(
        text(
            """
            INSERT INTO attempts (sitting_id, candidate_id, status, opened_at, seed, form)
            SELECT :sitting_id, person, 'prepared', :now, seed, form
            FROM unnest(CAST(:people AS uuid[]), CAST(:seeds AS text[]), CAST(:digests AS text[])) AS r(person, seed, form)
            ON CONFLICT DO NOTHING RETURNING 1
            """
        ),
        {"sitting_id": sitting_id, "now": now, "people": list(people), "seeds": list(seeds), "digests": list(digests)},
    )
    return len(made.all())


async def open_prepared(session: AsyncSession, attempt: Attempt, now: datetime) -> bool:
    """Make a prepared attempt ready; whether this call did it. The row then holds what the database says."""
    query = (
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.status == "prepared")
        .values(status="ready", opened_at=now)
        .returning(Attempt.id)
    )
    opened = (await session.execute(query)).first() is not None
    await session.refresh(attempt)
    return opened


async def sittings_to_prepare(session: AsyncSession, now: datetime, ahead: timedelta) -> list[UUID]:
    """Sittings that open soon or are open, with somebody on the roster who has no attempt."""
    has_one = select(Attempt.id).where(
        Attempt.sitting_id == RosterEntry.sitting_id, Attempt.candidate_id == RosterEntry.user_id
    )
    missing = select(RosterEntry.user_id).where(RosterEntry.sitting_id == Sitting.id, ~has_one.exists())
    query = select(Sitting.id).where(Sitting.opens_at <= now + ahead, Sitting.closes_at > now, missing.exists())
    return list(await session.scalars(query.order_by(Sitting.opens_at)))
