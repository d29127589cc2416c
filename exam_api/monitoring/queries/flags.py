"""Flags: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Reference
from exam_api.db.models.monitoring import Flag, LifeSign
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


async def life_signs_of(session: AsyncSession, attempt_id: UUID, since: datetime | None = None) -> list[LifeSign]:
    """The signs of life that were asked for and sent, in order."""
    query = select(LifeSign).where(LifeSign.attempt_id == attempt_id, LifeSign.sent_at.is_not(None))
    if since is not None:
        query = query.where(LifeSign.sent_at >= since)
    return list(await session.scalars(query.order_by(LifeSign.number)))


async def find_reference(session: AsyncSession, attempt_id: UUID, number: int) -> Reference | None:
    return await session.get(Reference, (attempt_id, number), with_for_update=True)
