"""What the worker takes up and what it has read: SQL, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, select, union, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.monitoring import BrowserSignal, EvidenceKey, Frame, Sound, Watching

TURN = {"frame": 2, "sound": 3}  # spaces of the advisory locks; flags have 1


async def take_turn(session: AsyncSession, kind: str, attempt_id: UUID) -> bool:
    """Whether nobody else looks at this attempt's pieces now. Ends with the transaction, also when the process dies."""
    lock = func.pg_try_advisory_xact_lock(TURN[kind], func.hashtext(str(attempt_id)))
    return bool(await session.scalar(select(lock)))


async def waiting_frames(session: AsyncSession, attempt_id: UUID, most: int) -> list[Frame]:
    """Frames that nobody has looked at and that are not left for later, in order."""
    query = select(Frame).where(Frame.attempt_id == attempt_id, Frame.analysed_at.is_(None), Frame.passed_at.is_(None))
    return list(await session.scalars(query.order_by(Frame.number).limit(most)))


async def passed_frames(session: AsyncSession, attempt_id: UUID, most: int) -> list[Frame]:
    """Frames that were left for later, in order."""
    query = select(Frame).where(
        Frame.attempt_id == attempt_id, Frame.analysed_at.is_(None), Frame.passed_at.is_not(None)
    )
    return list(await session.scalars(query.order_by(Frame.number).limit(most)))


async def pass_over(session: AsyncSession, attempt_id: UUID, numbers: Sequence[int], now: datetime) -> None:
    await session.execute(
        update(Frame).where(Frame.attempt_id == attempt_id, Frame.number.in_(numbers)).values(passed_at=now)
    )


async def waiting_sounds(session: AsyncSession, attempt_id: UUID, most: int) -> list[Sound]:
    query = select(Sound).where(Sound.attempt_id == attempt_id, Sound.analysed_at.is_(None))
    return list(await session.scalars(query.order_by(Sound.number).limit(most)))


async def waits_since(session: AsyncSession, attempt_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Of these attempts, those with pieces that nobody has looked at: when the newest of them came."""
    each = [
        select(table.attempt_id, func.max(table.received_at).label("came"))
        .where(table.attempt_id.in_(attempt_ids), table.analysed_at.is_(None))
        .group_by(table.attempt_id)
        for table in (Frame, Sound)
    ]
    waiting = union_all(*each).subquery()
    query = select(waiting.c.attempt_id, func.max(waiting.c.came)).group_by(waiting.c.attempt_id)
    found = await session.execute(query)
    return dict(found.all())


async def is_over(session: AsyncSession, attempt_id: UUID) -> bool:
    return bool(await session.scalar(select(Attempt.submitted_at.is_not(None)).where(Attempt.id == attempt_id)))


@dataclass(frozen=True)
class Known:
    """What a worker has to know of an attempt before it looks: what it remembers, the sealed face, the sealed key."""

    watching: Watching
    face: bytes | None
    key: EvidenceKey | None


async def looking_at(session: AsyncSession, attempt_id: UUID) -> Known:
    """In one statement, because it is asked for each second of each candidate."""
    face = (
        select(Reference.encoding)
        .where(Reference.attempt_id == attempt_id)
        .order_by(Reference.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Watching, face, EvidenceKey)
        .outerjoin(EvidenceKey, EvidenceKey.attempt_id == Watching.attempt_id)
        .where(Watching.attempt_id == attempt_id)
    )
    row = (await session.execute(query)).one_or_none()
    return Known(*row) if row is not None else Known(Watching(attempt_id=attempt_id, head=""), None, None)


async def remember(
    session: AsyncSession, attempt_id: UUID, until: datetime | None = None, **what: dict[str, Any] | None
) -> None:
    """Keep `watch`, `memory` or `calibration` of an attempt, and until when something may be going on, never an earlier time:
    pictures and sounds are looked at side by side.
    """
    later: dict[str, Any] = {"restless_to": func.greatest(Watching.restless_to, until)} if until else {}
    mine = update(Watching).where(Watching.attempt_id == attempt_id).values(**what, **later)
    # Whoever holds the row goes on with what they read: it would otherwise be read again at the next touch.
    await session.execute(mine.execution_options(synchronize_session=False))


async def analysed_frames(
    session: AsyncSession, attempt_id: UUID, since: datetime | None = None, read_since: datetime | None = None
) -> list[Frame]:
    """What was looked at: taken from `since` on, and looked at from `read_since` on."""
    query = select(Frame).where(Frame.attempt_id == attempt_id, Frame.analysed_at.is_not(None))
    if since is not None:
        query = query.where(Frame.taken_at >= since)
    if read_since is not None:
        query = query.where(Frame.analysed_at >= read_since)
    return list(await session.scalars(query.order_by(Frame.number)))


async def analysed_sounds(
    session: AsyncSession, attempt_id: UUID, since: datetime | None = None, read_since: datetime | None = None
) -> list[Sound]:
    """As above."""
    query = select(Sound).where(Sound.attempt_id == attempt_id, Sound.analysed_at.is_not(None))
    if since is not None:
        query = query.where(Sound.taken_at >= since)
    if read_since is not None:
        query = query.where(Sound.analysed_at >= read_since)
    return list(await session.scalars(query.order_by(Sound.number)))


async def browser_signals(
    session: AsyncSession, attempt_id: UUID, since: datetime | None = None
) -> list[BrowserSignal]:
    query = select(BrowserSignal).where(BrowserSignal.attempt_id == attempt_id)
    if since is not None:
        query = query.where(BrowserSignal.at >= since)
    return list(await session.scalars(query.order_by(BrowserSignal.number)))


async def earliest_event(session: AsyncSession, attempt_id: UUID, first: int) -> datetime | None:
    """The oldest moment that browser signals from this number on speak of."""
    query = select(func.min(BrowserSignal.at)).where(BrowserSignal.attempt_id == attempt_id)
    return await session.scalar(query.where(BrowserSignal.number >= first))


async def forgotten(
    session: AsyncSession, after: datetime, before: datetime, limit: int = 500
) -> list[tuple[str, UUID]]:
    """Attempts with pieces that came between the two and that nobody has looked at: `frame`, `passed` or `sound`."""
    frames = select(case((Frame.passed_at.is_(None), "frame"), else_="passed"), Frame.attempt_id).where(
        Frame.analysed_at.is_(None), Frame.received_at.between(after, before)
    )
    sounds = select(literal("sound"), Sound.attempt_id).where(
        Sound.analysed_at.is_(None), Sound.received_at.between(after, before)
    )
    found = await session.execute(union(frames, sounds).limit(limit))
    return [(kind, attempt_id) for kind, attempt_id in found]


async def fell_silent(session: AsyncSession, before: datetime, after: datetime) -> list[UUID]:
    """Running attempts whose newest picture came before `before`, though not before `after`."""
    newest = (
        select(Frame.received_at)
        .where(Frame.attempt_id == Attempt.id)
        .order_by(Frame.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Attempt.id).where(Attempt.status == "running", Attempt.started_at >= after - timedelta(hours=24))
    return list(await session.scalars(query.where(newest.between(after, before))))
