"""Answers of an attempt: the chain, and what is kept beside it. SQL, nothing else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import AsideAnswer, Response


async def find_response(session: AsyncSession, attempt_id: UUID, seq: int) -> Response | None:
    return await session.get(Response, (attempt_id, seq))


async def latest_responses(session: AsyncSession, attempt_id: UUID) -> list[Response]:
    """The newest answer to each item."""
    found = await session.scalars(
        select(Response)
        .ext(distinct_on(Response.item))
        .where(Response.attempt_id == attempt_id)
        .order_by(Response.item, Response.seq.desc())
    )
    return list(found)


async def last_written_after(
    session: AsyncSession, attempt_id: UUID, due: datetime, grace: timedelta
) -> datetime | None:
    """When the last answer after this moment was written; one that nothing proves the time of, when it came to us, and none
    longer than `grace` before it came.

    What was written before and came after is not counted: its network was slow, not its author.
    """
    written = func.greatest(func.coalesce(Response.written_at, Response.received_at), Response.received_at - grace)
    query = select(func.max(written)).where(
        Response.attempt_id == attempt_id, Response.received_at > due, written > due
    )
    found: datetime | None = await session.scalar(query)
    return found


async def counting_answers(session: AsyncSession, attempt_id: UUID) -> dict[str, dict[str, Any]]:
    """The answer that counts, per item: the newest of the chain, or what a person took in from a recovery file."""
    latest = {row.item: row.answer for row in await latest_responses(session, attempt_id)}
    return latest | {row.item: row.answer for row in await aside_of(session, attempt_id) if row.counts}


async def aside_of(session: AsyncSession, attempt_id: UUID) -> list[AsideAnswer]:
    """What is kept beside the chain, oldest first."""
    query = select(AsideAnswer).where(AsideAnswer.attempt_id == attempt_id)
    return list(await session.scalars(query.order_by(AsideAnswer.received_at, AsideAnswer.jkt, AsideAnswer.place)))


async def count_aside(session: AsyncSession, attempt_id: UUID) -> int:
    query = select(func.count()).select_from(AsideAnswer).where(AsideAnswer.attempt_id == attempt_id)
    return await session.scalar(query) or 0


async def keep_aside(session: AsyncSession, row: AsideAnswer) -> tuple[AsideAnswer, bool]:
    """Keep it once; the row that stands there, and whether it is new."""
    same = select(AsideAnswer).where(
        AsideAnswer.attempt_id == row.attempt_id,
        AsideAnswer.jkt == row.jkt,
        AsideAnswer.place == row.place,
        AsideAnswer.answer_hash == row.answer_hash,
    )
    if (kept := await session.scalar(same)) is not None:
        # A file can bring what the device itself also sent: then a person's word is added, and nothing is taken away.
        if row.counts and not kept.counts:
            kept.counts, kept.taken_by, kept.reason = True, row.taken_by, row.reason
        return kept, False
    session.add(row)
    await session.flush()
    return row, True


async def all_responses(session: AsyncSession, attempt_id: UUID) -> list[Response]:
    """The whole chain in order."""
    found = await session.scalars(select(Response).where(Response.attempt_id == attempt_id).order_by(Response.seq))
    return list(found)
