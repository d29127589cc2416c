"""Flags: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Flag, Frame, LeftOut, LifeSign
from exam_api.events import TimeChanged
from proctor.flag import Flag as CoreFlag

SEVERITY = {"high": 3, "medium": 2, "low": 1, "quality": 0}


async def lock_flags(session: AsyncSession, attempt_id: UUID) -> None:
    """One computation of an attempt's flags at a time."""
    await session.execute(select(func.pg_advisory_xact_lock(1, func.hashtext(str(attempt_id)))))


async def replace_flags(
    session: AsyncSession, attempt_id: UUID, stored: Sequence[Flag], flags: Sequence[CoreFlag]
) -> int:
    """Make the stored flags say what these say. A flag that is still the same event keeps its id, so that a clip or a person
    can name it. How many are new, gone or different.
    """
    changed, left = 0, list(stored)
    for flag in flags:
        same = next((each for each in left if _same(each, flag)), None)
        if same is None:
            session.add(Flag(attempt_id=attempt_id, **_values(flag)))
            changed += 1
            continue
        left.remove(same)
        for name, value in _values(flag).items():
            if getattr(same, name) != value:
                setattr(same, name, value)
        changed += session.is_modified(same)
    for gone in left:
        await session.delete(gone)
    await session.flush()
    return changed + len(left)


def _same(stored: Flag, flag: CoreFlag) -> bool:
    """One rule, and one event: they begin together or overlap."""
    return stored.rule == flag.rule and stored.started_at <= flag.end and flag.start <= stored.ended_at


def _values(flag: CoreFlag) -> dict[str, Any]:
    return {
        "rule": flag.rule,
        "severity": str(flag.severity),
        "started_at": flag.start,
        "ended_at": flag.end,
        "threshold": dict(flag.threshold),
        "reason": flag.reason,
        "innocent": list(flag.innocent),
        "evidence": list(flag.evidence),
        "confidence": flag.confidence,
    }


async def flags_of(session: AsyncSession, attempt_id: UUID) -> list[Flag]:
    found = await session.scalars(
        select(Flag).where(Flag.attempt_id == attempt_id).order_by(Flag.started_at, Flag.rule)
    )
    return list(found)


async def leave_out(session: AsyncSession, attempt_id: UUID, flag: CoreFlag) -> bool:
    """Whether this is noted for the first time."""
    mine = select(LeftOut).where(LeftOut.attempt_id == attempt_id, LeftOut.rule == flag.rule)
    across = mine.where(LeftOut.started_at <= flag.end, flag.start <= LeftOut.ended_at).limit(1)
    if (known := await session.scalar(across)) is not None:
        known.ended_at, known.reason = max(known.ended_at, flag.end), flag.reason
        return False
    row = LeftOut(attempt_id=attempt_id, rule=flag.rule, started_at=flag.start, ended_at=flag.end, reason=flag.reason)
    session.add(row)
    await session.flush()
    return True


async def left_out_of(session: AsyncSession, attempt_id: UUID) -> list[LeftOut]:
    query = select(LeftOut).where(LeftOut.attempt_id == attempt_id)
    return list(await session.scalars(query.order_by(LeftOut.started_at, LeftOut.rule)))


async def breaks(session: AsyncSession, attempt_id: UUID) -> list[tuple[datetime, datetime | None]]:
    """When the clock of an attempt stood; the end of a break that lasts is None."""
    query = (
        select(LedgerLine)
        .where(LedgerLine.stream == attempt_id, LedgerLine.tag == TimeChanged.tag)
        .where(LedgerLine.data["change"].astext.in_(("pause", "resume")))
    )
    found: list[tuple[datetime, datetime | None]] = []
    for line in await session.scalars(query.order_by(LedgerLine.seq)):
        if line.data["change"] == "pause":
            found.append((line.at, None))
        elif found:
            found[-1] = (found[-1][0], line.at)
    return found


async def last_frame_of_running(session: AsyncSession, attempt_id: UUID) -> Frame | None:
    """The newest picture of an attempt whose clock runs."""
    query = (
        select(Frame)
        .join(Attempt, Attempt.id == Frame.attempt_id)
        .where(Frame.attempt_id == attempt_id, Attempt.status == "running")
    )
    return await session.scalar(query.order_by(Frame.number.desc()).limit(1))


async def last_frame_of_ended(session: AsyncSession, attempt_id: UUID) -> tuple[Frame, datetime] | None:
    """The newest picture of an attempt that is over, and when that was."""
    query = (
        select(Frame, Attempt.submitted_at)
        .join(Attempt, Attempt.id == Frame.attempt_id)
        .where(Frame.attempt_id == attempt_id, Attempt.submitted_at.is_not(None))
        .order_by(Frame.number.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row is not None and row[1] is not None else None


async def life_signs_of(session: AsyncSession, attempt_id: UUID, since: datetime | None = None) -> list[LifeSign]:
    """The signs of life that were asked for and sent, in order."""
    query = select(LifeSign).where(LifeSign.attempt_id == attempt_id, LifeSign.sent_at.is_not(None))
    if since is not None:
        query = query.where(LifeSign.sent_at >= since)
    return list(await session.scalars(query.order_by(LifeSign.number)))


async def find_reference(session: AsyncSession, attempt_id: UUID, number: int) -> Reference | None:
    return await session.get(Reference, (attempt_id, number), with_for_update=True)
