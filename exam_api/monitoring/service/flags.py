"""From signals to flags: while the exam runs over its last minutes, at the end over everything."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.monitoring import Flag, Frame
from exam_api.events import FlagLeftOut
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import FlagOut
from exam_api.monitoring.service import calibration, clips
from exam_api.monitoring.service.live import tell_watchers
from exam_api.monitoring.service.signals import Recent, all_calm, signals
from proctor.accommodation import Profile
from proctor.flag import Flag as CoreFlag
from proctor.rules import RULES
from proctor.rules.rhythm import ChangedRhythm
from proctor.signal import Signal, SignalKind
from proctor.timeline import Suppressed, judge

STRETCH = timedelta(minutes=5)  # back from now: what is computed anew each time
GAPS = {"camera_gap", "sound_gap"}
SILENCE = timedelta(seconds=25)  # without a picture, after which that is said while it lasts
MARGIN = timedelta(minutes=2)  # before a flag that reaches into it, so that the flag begins where it began


async def raise_flags(
    session: AsyncSession,
    attempt_id: UUID,
    now: datetime,
    recent: Recent | None = None,
    *,
    earliest: datetime | None = None,
    always: bool = True,
) -> int:
    """Compute an attempt's flags anew: with `recent` over the last minutes, otherwise over everything. How many changed.

    A flag that ended before those minutes stays as it is, so the work does not grow with the length of the exam; `earliest`
    is the oldest moment about which something is new. Unless `always`, nothing is computed while everything is calm.
    """
    await queries.lock_flags(session, attempt_id)
    stored = await queries.flags_of(session, attempt_id)
    since = None
    if recent is not None:
        since = stretch_start(stored, min(now, earliest or now))
    said, fresh = await _signals(session, attempt_id, since, recent, now)
    if not always and all_calm(said, fresh):
        return 0
    agreed = await queries.accommodations(session, attempt_id)
    profile = Profile(**dict.fromkeys(agreed, True))
    found = await asyncio.to_thread(judge, said, (*RULES, ChangedRhythm()), profile)
    breaks = await queries.breaks(session, attempt_id)
    raised = [flag for flag in found.flags if not (flag.rule in GAPS and _in_break(flag, breaks))]
    before = [flag for flag in stored if since is None or flag.started_at >= since]
    changed = await queries.replace_flags(session, attempt_id, before, raised)
    await _leave_out(session, attempt_id, found.suppressed, now)
    if changed:
        await clips.ask(session, attempt_id, await queries.flags_of(session, attempt_id), now)
        await tell_watchers(session, [attempt_id])
    return changed


async def _leave_out(session: AsyncSession, attempt_id: UUID, suppressed: Sequence[Suppressed], now: datetime) -> None:
    """Note what an agreement keeps silent, each event once."""
    for each in suppressed:
        flag = each.flag
        if await queries.leave_out(session, attempt_id, flag):
            await ledger.append(session, FlagLeftOut(attempt_id, flag.rule, flag.start, list(each.agreed)), now)


def _in_break(flag: CoreFlag, breaks: Sequence[tuple[datetime, datetime | None]]) -> bool:
    """Nobody is watched while the clock stands."""
    return any(start <= flag.end and (end is None or flag.start <= end) for start, end in breaks)


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
) -> tuple[list[Signal], list[Signal]]:
    """All signals from then on, and those that have come since this process looked last."""
    events = await queries.browser_signals(session, attempt_id, since)
    fitted = await calibration.of_attempt(session, attempt_id)
    challenges = await queries.life_signs_of(session, attempt_id, since)
    checks = await queries.spots_of(session, attempt_id, since)
    if since is not None and recent is not None:
        known, fresh = await recent.since(session, attempt_id, since, now, fitted)
        said = known + signals((), events, (), challenges, checks=checks)
        return said + await _silence(session, attempt_id, now), fresh
    frames = await queries.analysed_frames(session, attempt_id)
    said = signals(frames, events, await queries.analysed_sounds(session, attempt_id), challenges, fitted, checks)
    said += await _silence(session, attempt_id, now)
    return said, said


async def _silence(session: AsyncSession, attempt_id: UUID, now: datetime) -> list[Signal]:
    """A camera that says nothing any more: known only by the time, until a picture comes again or the exam is handed in."""
    last = await queries.last_frame_of_running(session, attempt_id)
    if last is None:
        return await _silence_to_the_end(session, attempt_id)
    return [] if now - last.received_at < SILENCE else [_gap(last, now)]


async def _silence_to_the_end(session: AsyncSession, attempt_id: UUID) -> list[Signal]:
    """A camera that said nothing any more until the exam was handed in."""
    found = await queries.last_frame_of_ended(session, attempt_id)
    return [] if found is None or found[1] - found[0].taken_at < SILENCE else [_gap(*found)]


def _gap(last: Frame, until: datetime) -> Signal:
    quiet = until - last.taken_at
    return Signal(last.taken_at, SignalKind.gap, quiet.total_seconds(), 1.0, 1.0, f"frame:{last.number}", quiet)


async def list_flags(session: AsyncSession, attempt_id: UUID) -> list[FlagOut]:
    """An attempt's flags in order of time."""
    return [FlagOut.model_validate(flag, from_attributes=True) for flag in await queries.flags_of(session, attempt_id)]
