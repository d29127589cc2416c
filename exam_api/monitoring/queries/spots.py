"""Checks by chance of what a candidate's computer says: SQL, nothing else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import Frame, SpotCheck, Watching


async def newest_spot(session: AsyncSession, attempt_id: UUID) -> SpotCheck | None:
    """The check that is planned, open, or was the last. Ours until the end of the transaction."""
    query = select(SpotCheck).where(SpotCheck.attempt_id == attempt_id).order_by(SpotCheck.number.desc()).limit(1)
    return await session.scalar(query.with_for_update())


async def find_spot(session: AsyncSession, attempt_id: UUID, nonce: str) -> SpotCheck | None:
    query = select(SpotCheck).where(SpotCheck.attempt_id == attempt_id, SpotCheck.nonce == nonce)
    return await session.scalar(query.with_for_update())


async def plan_spot(session: AsyncSession, attempt_id: UUID, number: int, due_at: datetime) -> None:
    session.add(SpotCheck(attempt_id=attempt_id, number=number, due_at=due_at))
    await session.flush()


async def hasten_spot(session: AsyncSession, attempt_id: UUID, due_at: datetime) -> None:
    """What is planned and not yet asked for comes at `due_at` at the latest."""
    mine = update(SpotCheck).where(SpotCheck.attempt_id == attempt_id, SpotCheck.sent_at.is_(None))
    await session.execute(mine.where(SpotCheck.due_at > due_at).values(due_at=due_at))


async def spots_of(session: AsyncSession, attempt_id: UUID, since: datetime | None = None) -> list[SpotCheck]:
    """The checks that were asked for, in order."""
    query = select(SpotCheck).where(SpotCheck.attempt_id == attempt_id, SpotCheck.sent_at.is_not(None))
    if since is not None:
        query = query.where(SpotCheck.sent_at >= since)
    return list(await session.scalars(query.order_by(SpotCheck.number)))


async def heard_between(session: AsyncSession, attempt_id: UUID, since: datetime, until: datetime) -> int:
    """How many words about pictures were both taken and received in this time: whoever sends pictures only is not asked."""
    query = select(func.count()).select_from(Frame).where(Frame.attempt_id == attempt_id)
    query = query.where(Frame.taken_at >= since, Frame.received_at >= since, Frame.received_at <= until)
    return await session.scalar(query.where(func.jsonb_typeof(Frame.claimed) == "object")) or 0


async def words_before_spot(
    session: AsyncSession, attempt_id: UUID, number: int, most: int, within: timedelta
) -> list[Frame]:
    """The last words that had come when this check was sent, none older than `within`."""
    check = (Frame.attempt_id == attempt_id, SpotCheck.attempt_id == attempt_id, SpotCheck.number == number)
    query = select(Frame).join(SpotCheck, SpotCheck.attempt_id == Frame.attempt_id).where(*check)
    query = query.where(Frame.received_at <= SpotCheck.sent_at, Frame.taken_at >= SpotCheck.sent_at - within)
    query = query.where(func.jsonb_typeof(Frame.claimed) == "object")
    return list(await session.scalars(query.order_by(Frame.number.desc()).limit(most)))


async def sent_before(session: AsyncSession, attempt_id: UUID, digest: str, before: int) -> bool:
    """Whether this very picture came under a smaller number."""
    query = select(Frame.number).where(Frame.attempt_id == attempt_id, Frame.digest == digest, Frame.number < before)
    return await session.scalar(query.limit(1)) is not None


async def stills_kept(session: AsyncSession, attempt_id: UUID) -> int:
    """How many pictures came that nothing asked for."""
    query = select(func.count()).select_from(Frame).where(Frame.attempt_id == attempt_id, Frame.blob.is_not(None))
    return await session.scalar(query.where(Frame.challenge.is_(None), Frame.spot.is_(None))) or 0


async def looks_of(session: AsyncSession, attempt_id: UUID) -> str | None:
    """Who looks at an attempt's pictures; None: there are none yet."""
    return await session.scalar(select(Watching.looks).where(Watching.attempt_id == attempt_id))


async def set_looks(session: AsyncSession, attempt_id: UUID, looks: str) -> None:
    await session.execute(update(Watching).where(Watching.attempt_id == attempt_id).values(looks=looks))


async def spoil_spot(session: AsyncSession, attempt_id: UUID, number: int, why: str) -> None:
    """What was taken for an answer is none."""
    mine = update(SpotCheck).where(SpotCheck.attempt_id == attempt_id, SpotCheck.number == number)
    await session.execute(mine.values(outcome=why))


async def keep_spot(session: AsyncSession, attempt_id: UUID, number: int, signal: dict[str, Any]) -> None:
    mine = update(SpotCheck).where(SpotCheck.attempt_id == attempt_id, SpotCheck.number == number)
    await session.execute(mine.values(signal=signal))
