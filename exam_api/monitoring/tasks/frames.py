"""Pictures: looked at in their order, one attempt by one worker at a time; when too many wait, some are left for later."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.db import evidence, ledger
from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.monitoring import Frame
from exam_api.db.session import transaction
from exam_api.events import FramesPassedOver
from exam_api.installation import NotYet, Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.tasks.flags import judge
from exam_api.sealing import Unreadable
from proctor.vision.analyser import FrameAnalyser, FrameReading
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

# The models are not made for two threads at once; more power comes from more worker processes.
LOOKING = asyncio.Lock()
MOST = 10  # frames of one attempt that are looked at in one transaction
WAITING = 900  # frames of one attempt that are taken up at once: 15 minutes at one a second
BUSY = timedelta(seconds=0.3)  # after which a chunk is offered again whose attempt another worker looks at
PROMPT = 2.0  # seconds: so long a frame may have waited before others are left out
WIDEST = 10.0  # seconds between the frames that are looked at, at most
LATER = -10  # priority of what was left for later: it goes when nobody waits


@dataclass(frozen=True)
class Choice:
    """Which waiting frames are looked at now, and which are left for later."""

    now: Sequence[Frame]
    later: Sequence[Frame]


@dataclass(frozen=True)
class Looked:
    """When the first of what waited was taken, and whether more wait."""

    earliest: datetime
    more: bool


def choose(frames: Sequence[Frame], last: datetime | None, now: datetime) -> Choice:
    """The longer the oldest has waited, the wider apart are the frames that are looked at: `WIDEST` at most.

    What belongs to a sign of life is never left out. `last`: when the frame before was taken.
    """
    behind = max((now - frame.received_at).total_seconds() for frame in frames) if frames else 0.0
    if behind <= PROMPT:
        return Choice(frames, ())
    apart = timedelta(seconds=min(WIDEST, behind) - 0.25)  # cameras are never exact
    look: list[Frame] = []
    for frame in frames:
        if frame.challenge is not None or last is None or frame.taken_at - last >= apart:
            look.append(frame)
            last = frame.taken_at
    chosen = {frame.number for frame in look}
    return Choice(look, [frame for frame in frames if frame.number not in chosen])


async def analyse_frames(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at what waits of an attempt, keep the readings, compute the flags.

    Safe to repeat: what is read is not read again. Raises `NotYet` while another worker looks at the same attempt.
    """
    attempt_id = UUID(payload["attempt_id"])
    if workshop.analyser is None:
        return
    while True:
        async with transaction(workshop.here.sessions) as session:
            if not await queries.take_turn(session, "frame", attempt_id):
                raise NotYet(BUSY)
            looked = await _look(session, workshop, workshop.analyser, attempt_id)
        if looked is None:
            return
        await judge(workshop, attempt_id, looked.earliest, always=False)
        if not looked.more:
            return


async def _look(session: AsyncSession, workshop: Workshop, analyser: FrameAnalyser, attempt_id: UUID) -> Looked | None:
    """Look at the next frames. None where none waited."""
    waiting = await queries.waiting_frames(session, attempt_id, WAITING)
    if not waiting:
        return None
    row = await queries.find_watching(session, attempt_id)
    watch = Watch.of(row.watch) if row is not None and row.watch is not None else Watch()
    choice = choose(waiting, watch.at, workshop.now())
    look = choice.now[:MOST]
    whole = len(look) == len(choice.now)
    later = [frame.number for frame in choice.later if whole or frame.number < look[-1].number]
    if later:
        await queries.pass_over(session, attempt_id, later, workshop.now())
        event = FramesPassedOver(attempt_id, len(later), later[0], later[-1])
        await ledger.append(session, event, workshop.now())
        await _look_later(session, attempt_id)
    after = await _read_all(session, workshop, analyser, attempt_id, look, watch, _gaps(waiting))
    await queries.remember(session, attempt_id, watch=after.plain())
    return Looked(waiting[0].taken_at, more=not whole or len(waiting) == WAITING)


async def _read_all(
    session: AsyncSession,
    workshop: Workshop,
    analyser: FrameAnalyser,
    attempt_id: UUID,
    frames: Sequence[Frame],
    watch: Watch,
    gaps: Mapping[int, float | None],
) -> Watch:
    """`gaps`: seconds from each frame to the one that came before it, whether or not that was looked at."""
    reference = await _reference(session, workshop, attempt_id)
    key = await evidence.find_key(session, workshop.here.keyring, attempt_id)
    for frame in frames:
        reading: FrameReading | None = None
        try:
            jpeg = await evidence.get(workshop.here.blobs, key, frame.blob or "")
        except (Unreadable, FileNotFoundError):
            pass  # somebody took it from the store or changed it there: nobody can look at it
        else:
            async with LOOKING:
                reading, watch = await asyncio.to_thread(
                    step, watch, jpeg, frame.taken_at, frame.number, analyser, reference
                )
        if reading is not None and frame.number in gaps:
            reading = replace(reading, gap_s=gaps[frame.number])
        plain = reading.plain() if reading else None
        await queries.keep_reading(session, "frame", attempt_id, frame.number, plain, workshop.now())
    return watch


def _gaps(frames: Sequence[Frame]) -> dict[int, float | None]:
    return {after.number: (after.taken_at - before.taken_at).total_seconds() for before, after in pairwise(frames)}


async def _look_later(session: AsyncSession, attempt_id: UUID) -> None:
    job = Later(CATCH_UP, {"attempt_id": str(attempt_id)}, key=f"{CATCH_UP}:{attempt_id}", priority=LATER)
    await enqueue(session, job)


CATCH_UP = "monitoring.tasks.frames.catch_up"


async def catch_up(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at some of what was left for later, with a memory of its own. It comes again until nothing is left."""
    attempt_id = UUID(payload["attempt_id"])
    if workshop.analyser is None:
        return
    async with transaction(workshop.here.sessions) as session:
        if not await queries.take_turn(session, "frame", attempt_id):
            raise NotYet(BUSY)
        frames = await queries.passed_frames(session, attempt_id, MOST)
        if not frames:
            return
        alone = dict.fromkeys((frame.number for frame in frames), None)
        await _read_all(session, workshop, workshop.analyser, attempt_id, frames, Watch(), alone)
        left = len(await queries.passed_frames(session, attempt_id, 1))
    await judge(workshop, attempt_id, frames[0].taken_at)
    if left:
        raise NotYet(timedelta(0))  # at the end of the queue again, with the same low priority


async def look_again(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """What waits although no job of its own does: after a job that failed too often, or was lost with its queue."""
    async with transaction(workshop.here.sessions) as session:
        for kind, attempt_id in await queries.forgotten(session, workshop.now() - timedelta(minutes=2)):
            task = CATCH_UP if kind == "passed" else f"monitoring.tasks.{kind}s.analyse_{kind}s"
            await enqueue(session, Later(task, {"attempt_id": str(attempt_id)}, key=f"{task}:{attempt_id}"))


async def notice_silence(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """A camera that says nothing any more makes no job: its silence is looked for each minute."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        silent = await queries.fell_silent(session, now - timedelta(seconds=25), now - timedelta(minutes=5))
    for attempt_id in silent:
        await judge(workshop, attempt_id)


async def _reference(session: AsyncSession, workshop: Workshop, attempt_id: UUID) -> Reference | None:
    row = await attempts.find_reference(session, attempt_id)
    if row is None or row.encoding is None:
        return None
    return Reference.unpacked(workshop.here.keyring.unseal(f"face:{attempt_id}".encode(), row.encoding))
