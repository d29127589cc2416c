"""From signals to flags: while the exam runs over its last minutes, at the end over everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import Flag
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import FlagOut
from exam_api.monitoring.service.live import tell_watchers
from exam_api.monitoring.service.signals import Recent, signals
from proctor.rules import RULES
from proctor.signal import Signal
from proctor.timeline import flags

STRETCH = timedelta(minutes=10)  # back from now: what is computed anew each time
MARGIN = timedelta(minutes=2)  # before a flag that reaches into it, so that the flag begins where it began


async def raise_flags(session: AsyncSession, attempt_id: UUID, now: datetime, recent: Recent | None = None) -> int:
    """Compute an attempt's flags anew: with `recent` over the last minutes, otherwise over everything. How many changed.

    A flag that ended before those minutes stays as it is, so the work does not grow with the length of the exam.
    """
    await queries.lock_flags(session, attempt_id)
    stored = await queries.flags_of(session, attempt_id)
    since = None
    if recent is not None:
        late = await queries.oldest_of_new(session, attempt_id, now - timedelta(seconds=30))
        since = stretch_start(stored, min(now, late or now))
    said = await _signals(session, attempt_id, since, recent, now)
    raised = flags(said, RULES)
    before = [flag for flag in stored if since is None or flag.started_at >= since]
    changed = await queries.replace_flags(session, attempt_id, before, raised)
    if changed:
        await tell_watchers(session, [attempt_id])
    return changed


def stretch_start(stored: Sequence[Flag], newest: datetime) -> datetime:
    """From when on everything is computed anew: no stored flag reaches across this moment."""
    since = newest - STRETCH
    for flag in sorted(stored, key=lambda each: each.ended_at, reverse=True):
        if flag.ended_at < since:
            break
        since = min(since, flag.started_at - MARGIN)
    return since


async def _signals(
    session: AsyncSession, attempt_id: UUID, since: datetime | None, recent: Recent | None, now: datetime
) -> list[Signal]:
    events = await queries.browser_signals(session, attempt_id, since)
    challenges = await queries.life_signs_of(session, attempt_id, since)
    if since is not None and recent is not None:
        return await recent.since(session, attempt_id, since, now) + signals((), events, (), challenges)
    frames = await queries.analysed_frames(session, attempt_id)
    return signals(frames, events, await queries.analysed_sounds(session, attempt_id), challenges)


async def list_flags(session: AsyncSession, attempt_id: UUID) -> list[FlagOut]:
    """An attempt's flags in order of time."""
    return [FlagOut.model_validate(flag, from_attributes=True) for flag in await queries.flags_of(session, attempt_id)]
