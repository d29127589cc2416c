"""What a page is asked for: clips, and signs of life: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import Clip, Frame, LifeSign


async def ask_clip(
    session: AsyncSession, attempt_id: UUID, flag_id: UUID, from_at: datetime, until_at: datetime, now: datetime
) -> None:
    """Ask once for a flag."""
    asked = insert(Clip).values(
        attempt_id=attempt_id, flag_id=flag_id, from_at=from_at, until_at=until_at, asked_at=now
    )
    await session.execute(asked.on_conflict_do_nothing())


async def clips_of(session: AsyncSession, attempt_id: UUID) -> list[Clip]:
    found = await session.scalars(select(Clip).where(Clip.attempt_id == attempt_id).order_by(Clip.asked_at))
    return list(found)


async def clips_missing(session: AsyncSession, attempt_id: UUID, asked_after: datetime) -> list[Clip]:
    query = select(Clip).where(Clip.attempt_id == attempt_id, Clip.received_at.is_(None), Clip.asked_at >= asked_after)
    return list(await session.scalars(query.order_by(Clip.asked_at)))


async def find_clip(session: AsyncSession, attempt_id: UUID, flag_id: UUID, *, lock: bool = False) -> Clip | None:
    return await session.get(Clip, (attempt_id, flag_id), with_for_update=lock or None)


async def plan_life(session: AsyncSession, attempt_id: UUID, rows: Sequence[dict[str, object]]) -> None:
    """Once per attempt: whoever plans first is believed."""
    if rows:
        each = [{"attempt_id": attempt_id, **row} for row in rows]
        await session.execute(insert(LifeSign).on_conflict_do_nothing(), each)


async def has_plan(session: AsyncSession, attempt_id: UUID) -> bool:
    count = select(func.count()).select_from(LifeSign).where(LifeSign.attempt_id == attempt_id)
    return bool(await session.scalar(count))


async def life_due(session: AsyncSession, attempt_id: UUID, now: datetime, sent_after: datetime) -> LifeSign | None:
    """The sign of life to ask for now: one that is due, or was asked for so lately that a new socket should hear it."""
    query = select(LifeSign).where(
        LifeSign.attempt_id == attempt_id,
        LifeSign.due_at <= now,
        LifeSign.judged_at.is_(None),
        LifeSign.sent_at.is_(None) | (LifeSign.sent_at >= sent_after),
    )
    return await session.scalar(query.order_by(LifeSign.number).limit(1))


async def life_sent(session: AsyncSession, attempt_id: UUID, number: int, now: datetime) -> None:
    mine = update(LifeSign).where(LifeSign.attempt_id == attempt_id, LifeSign.number == number)
    await session.execute(mine.where(LifeSign.sent_at.is_(None)).values(sent_at=now))


async def signs_asked(session: AsyncSession, attempt_id: UUID) -> dict[int, int]:
    """The signs of life that were asked for, each with how many pictures of it are kept."""
    answer = (Frame.attempt_id == LifeSign.attempt_id) & (Frame.challenge == LifeSign.number)
    query = select(LifeSign.number, func.count(Frame.number)).outerjoin(Frame, answer)
    query = query.where(LifeSign.attempt_id == attempt_id, LifeSign.sent_at.is_not(None)).group_by(LifeSign.number)
    found = await session.execute(query)
    return dict(found.all())


async def find_life(session: AsyncSession, attempt_id: UUID, number: int) -> LifeSign | None:
    """Locked: it is judged once."""
    return await session.get(LifeSign, (attempt_id, number), with_for_update=True)


async def life_to_judge(session: AsyncSession, sent_before: datetime, limit: int = 500) -> list[LifeSign]:
    query = select(LifeSign).where(LifeSign.sent_at < sent_before, LifeSign.judged_at.is_(None))
    return list(await session.scalars(query.order_by(LifeSign.sent_at).limit(limit)))


async def frames_of_challenge(session: AsyncSession, attempt_id: UUID, number: int) -> list[Frame]:
    query = select(Frame).where(Frame.attempt_id == attempt_id, Frame.challenge == number)
    return list(await session.scalars(query.order_by(Frame.number)))
