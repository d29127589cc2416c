"""Frames, browser signals and flags: SQL, nothing else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Reference, is_current
from exam_api.db.models.exams import RosterEntry
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import BrowserSignal, Flag, Frame
from exam_api.events import TimeGiven
from proctor.flag import Flag as CoreFlag

SEVERITY = {"high": 3, "medium": 2, "low": 1, "quality": 0}


async def next_frame(session: AsyncSession, attempt_id: UUID) -> int:
    return (await session.scalar(select(func.max(Frame.number)).where(Frame.attempt_id == attempt_id)) or 0) + 1


async def keep_frames(session: AsyncSession, rows: list[dict[str, object]]) -> list[int]:
    """Frames that came twice are kept once. The numbers that were new."""
    statement = insert(Frame).on_conflict_do_nothing().returning(Frame.number)
    return list(await session.scalars(statement, rows))


async def keep_browser_signals(session: AsyncSession, rows: list[dict[str, object]]) -> list[int]:
    """The numbers that were new."""
    statement = insert(BrowserSignal).on_conflict_do_nothing().returning(BrowserSignal.number)
    return list(await session.scalars(statement, rows))


async def frames_to_analyse(session: AsyncSession, attempt_id: UUID, first: int, last: int) -> list[Frame]:
    found = await session.scalars(
        select(Frame)
        .where(Frame.attempt_id == attempt_id, Frame.number.between(first, last), Frame.analysed_at.is_(None))
        .order_by(Frame.number)
    )
    return list(found)


async def last_analysed(session: AsyncSession, attempt_id: UUID, before: int) -> Frame | None:
    return await session.scalar(
        select(Frame)
        .where(Frame.attempt_id == attempt_id, Frame.number < before, Frame.reading.is_not(None))
        .order_by(Frame.number.desc())
        .limit(1)
    )


async def last_identified_at(session: AsyncSession, attempt_id: UUID, before: int) -> datetime | None:
    return await session.scalar(
        select(func.max(Frame.taken_at)).where(
            Frame.attempt_id == attempt_id,
            Frame.number < before,
            Frame.reading["distance"].as_float().is_not(None),
        )
    )


async def keep_reading(
    session: AsyncSession, attempt_id: UUID, number: int, reading: dict[str, object] | None, now: datetime
) -> None:
    await session.execute(
        update(Frame)
        .where(Frame.attempt_id == attempt_id, Frame.number == number)
        .values(reading=reading, analysed_at=now)
    )


async def analysed_frames(session: AsyncSession, attempt_id: UUID) -> list[Frame]:
    found = await session.scalars(
        select(Frame).where(Frame.attempt_id == attempt_id, Frame.analysed_at.is_not(None)).order_by(Frame.number)
    )
    return list(found)


async def all_frames(session: AsyncSession, attempt_id: UUID) -> list[Frame]:
    found = await session.scalars(select(Frame).where(Frame.attempt_id == attempt_id).order_by(Frame.number))
    return list(found)


async def find_frame(session: AsyncSession, attempt_id: UUID, number: int) -> Frame | None:
    return await session.get(Frame, (attempt_id, number))


async def browser_signals(session: AsyncSession, attempt_id: UUID) -> list[BrowserSignal]:
    found = await session.scalars(
        select(BrowserSignal).where(BrowserSignal.attempt_id == attempt_id).order_by(BrowserSignal.number)
    )
    return list(found)


async def lock_flags(session: AsyncSession, attempt_id: UUID) -> None:
    """One computation of an attempt's flags at a time."""
    await session.execute(select(func.pg_advisory_xact_lock(1, func.hashtext(str(attempt_id)))))


async def replace_flags(session: AsyncSession, attempt_id: UUID, flags: Sequence[CoreFlag]) -> bool:
    """Whether whoever watches would see a difference."""
    gone = delete(Flag).where(Flag.attempt_id == attempt_id).returning(Flag.rule, Flag.severity, Flag.started_at)
    before = sorted(tuple(row) for row in await session.execute(gone))
    session.add_all(
        Flag(
            attempt_id=attempt_id,
            rule=flag.rule,
            severity=flag.severity,
            started_at=flag.start,
            ended_at=flag.end,
            threshold=dict(flag.threshold),
            reason=flag.reason,
            innocent=list(flag.innocent),
            evidence=list(flag.evidence),
            confidence=flag.confidence,
        )
        for flag in flags
    )
    return before != sorted((flag.rule, flag.severity, flag.start) for flag in flags)


async def sittings_of(session: AsyncSession, attempts: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(select(Attempt.sitting_id).where(Attempt.id.in_(attempts))))


async def flags_of(session: AsyncSession, attempt_id: UUID) -> list[Flag]:
    found = await session.scalars(
        select(Flag).where(Flag.attempt_id == attempt_id).order_by(Flag.started_at, Flag.rule)
    )
    return list(found)


async def find_reference(session: AsyncSession, attempt_id: UUID, number: int) -> Reference | None:
    return await session.get(Reference, (attempt_id, number), with_for_update=True)


async def watched(
    session: AsyncSession, sitting_id: UUID
) -> Sequence[
    Row[UUID | None, str, str | None, datetime | None, int | None, int, int, datetime | None, int, int | None]
]:
    """Everybody on the roster with what is known now, in one query."""
    frames = (
        select(
            Frame.attempt_id,
            func.count().label("frames"),
            func.count(Frame.analysed_at).label("analysed"),
            func.max(Frame.received_at).label("last_frame_at"),
        )
        .group_by(Frame.attempt_id)
        .subquery()
    )
    rank = case(SEVERITY, value=Flag.severity, else_=0)
    flags = (
        select(Flag.attempt_id, func.count().filter(rank > 0).label("flags"), func.max(rank).label("worst"))
        .group_by(Flag.attempt_id)
        .subquery()
    )
    return (
        await session.execute(
            select(
                Attempt.id,
                User.name,
                Attempt.status,
                Attempt.ends_at,
                Attempt.seq,
                func.coalesce(frames.c.frames, 0),
                func.coalesce(frames.c.analysed, 0),
                frames.c.last_frame_at,
                func.coalesce(flags.c.flags, 0),
                flags.c.worst,
            )
            .select_from(RosterEntry)
            .join(User, User.id == RosterEntry.user_id)
            .outerjoin(
                Attempt,
                (Attempt.sitting_id == RosterEntry.sitting_id)
                & (Attempt.candidate_id == User.id)
                & (Attempt.status != "prepared")
                & is_current(),
            )
            .outerjoin(frames, frames.c.attempt_id == Attempt.id)
            .outerjoin(flags, flags.c.attempt_id == Attempt.id)
            .where(RosterEntry.sitting_id == sitting_id)
            .order_by(flags.c.worst.desc().nulls_last(), flags.c.flags.desc().nulls_last(), User.name)
        )
    ).all()


async def times_given(session: AsyncSession, sitting_id: UUID, limit: int = 200) -> Sequence[Row[LedgerLine, str]]:
    """What was done with the time of a sitting's people and by whom, the newest first."""
    query = (
        select(LedgerLine, User.name)
        .join(User, User.id == LedgerLine.actor_id)
        .where(LedgerLine.stream == sitting_id, LedgerLine.tag == TimeGiven.tag)
        .order_by(LedgerLine.seq.desc())
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def frames_to_erase(session: AsyncSession, before: datetime, limit: int = 1000) -> list[Frame]:
    """Old frames whose picture still lies in the store; those in a flag's evidence stay with the flag."""
    in_evidence = (
        select(Flag.id)
        .where(Flag.attempt_id == Frame.attempt_id, Flag.evidence.has_key(func.concat("frame:", Frame.number)))
        .exists()
    )
    found = await session.scalars(
        select(Frame).where(Frame.received_at < before, Frame.blob.is_not(None), ~in_evidence).limit(limit)
    )
    return list(found)


async def references_to_erase(session: AsyncSession, before: datetime) -> list[Reference]:
    """Face numbers and photos of attempts that ended long ago."""
    found = await session.scalars(
        select(Reference)
        .join(Attempt, Attempt.id == Reference.attempt_id)
        .where(Attempt.submitted_at < before, Reference.state != "erased")
    )
    return list(found)
