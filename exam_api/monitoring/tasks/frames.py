"""Pictures: looked at in their order, one attempt by one worker at a time; when too many wait, some are left for later."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import evidence, ledger
from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.monitoring import Frame
from exam_api.db.session import transaction
from exam_api.events import FramesPassedOver
from exam_api.installation import NotYet, Workshop
from exam_api.monitoring import queries, service
from exam_api.monitoring.queries import Known
from exam_api.monitoring.schemas import SeenIn
from exam_api.monitoring.service import spots
from exam_api.monitoring.tasks.flags import judge, judge_after_end
from exam_api.sealing import Unreadable
from proctor.device import told
from proctor.vision.analyser import FrameAnalyser, FrameReading
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

log = logging.getLogger("exam_api.monitoring")
# The models are not made for two threads at once; more power comes from more worker processes.
LOOKING = asyncio.Lock()
# Who waits for the models holds a connection to the database; others wait here and hold none.
PLACES = asyncio.Semaphore(4)
MOST = 10  # frames of one attempt that are looked at in one transaction
WAITING = 900  # frames of one attempt that are taken up at once: 15 minutes at one a second
BUSY = timedelta(seconds=0.3)  # after which a chunk is offered again whose attempt another worker looks at
PROMPT = 2.0  # seconds: so long a frame may have waited before others are left out
WIDEST = 10.0  # seconds between the frames that are looked at, at most
GIVE_UP = timedelta(days=1)  # after which nobody tries again what could not be looked at
LATER = -10  # priority of what was left for later: it goes when nobody waits


@dataclass(frozen=True)
class Choice:
    """Which waiting frames are looked at now, and which are left for later."""

    now: Sequence[Frame]
    later: Sequence[Frame]


@dataclass(frozen=True)
class Looked:
    """When the first of what waited was taken, whether a flag can change by it, and whether more wait."""

    earliest: datetime
    restless: bool
    more: bool


def choose(frames: Sequence[Frame], last: datetime | None, now: datetime) -> Choice:
    """The longer the oldest has waited, the wider apart are the frames that are looked at: `WIDEST` at most.

    What belongs to a sign of life, or comes from a computer that looks itself, is never left out. `last`: when the frame
    before was taken.
    """
    behind = max((now - frame.received_at).total_seconds() for frame in frames) if frames else 0.0
    if behind <= PROMPT:
        return Choice(frames, ())
    apart = timedelta(seconds=min(WIDEST, behind) - 0.25)  # cameras are never exact
    look: list[Frame] = []
    for frame in frames:
        if frame.challenge is not None or frame.claimed is not None or last is None or frame.taken_at - last >= apart:
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
        async with PLACES, transaction(workshop.here.sessions) as session:
            if not await queries.take_turn(session, "frame", attempt_id):
                raise NotYet(BUSY)
            looked = await _look(session, workshop, workshop.analyser, attempt_id)
        if looked is None:
            return
        if looked.restless:
            await judge(workshop, attempt_id, looked.earliest, always=False)
        if not looked.more:
            return


async def _look(session: AsyncSession, workshop: Workshop, analyser: FrameAnalyser, attempt_id: UUID) -> Looked | None:
    """Look at the next frames. None where none waited."""
    waiting = await queries.waiting_frames(session, attempt_id, WAITING)
    if not waiting:
        return None
    known = await queries.looking_at(session, attempt_id)
    watch = Watch.of(known.watching.watch) if known.watching.watch is not None else Watch()
    choice = choose(waiting, watch.at, workshop.now())
    look = choice.now[:MOST]
    whole = len(look) == len(choice.now)
    later = [frame.number for frame in choice.later if whole or frame.number < look[-1].number]
    if later:
        await queries.pass_over(session, attempt_id, later, workshop.now())
        event = FramesPassedOver(attempt_id, len(later), later[0], later[-1])
        await ledger.append(session, event, workshop.now())
        await _look_later(session, attempt_id)
    after, checks = await _read_all(workshop, analyser, known, look, watch, _gaps(waiting))
    calibration = service.fitted(known.watching.calibration)
    said = [signal for frame in look for signal in service.frame_signals(frame, calibration)]
    until = service.restless_to(said, known.watching.restless_to)
    await queries.remember(session, attempt_id, until, watch=after.plain())
    # Last, when the models have done, and in the order in which the socket takes these rows: it waits for none of them long.
    for frame, reading in checks:
        await spots.compare(session, frame, reading, workshop.now(), workshop.chance)
    restless, more = until is not None and look[0].taken_at <= until, not whole or len(waiting) == WAITING
    if not more:
        await judge_after_end(session, attempt_id, workshop.now())
    return Looked(waiting[0].taken_at, restless, more)


async def _read_all(
    workshop: Workshop,
    analyser: FrameAnalyser,
    known: Known,
    frames: Sequence[Frame],
    watch: Watch,
    gaps: Mapping[int, float | None],
) -> tuple[Watch, list[tuple[Frame, FrameReading | None]]]:
    """What to remember; and the pictures that answer a check, with what they show.

    `gaps`: seconds from each frame to the one that came before it, whether or not that was looked at.
    """
    checks: list[tuple[Frame, FrameReading | None]] = []
    reference = _reference(workshop, known)
    key = evidence.opened(workshop.here.keyring, known.key)
    for frame in frames:
        reading: FrameReading | None = None
        if frame.blob is None and frame.claimed is not None:
            reading, watch = told(watch, SeenIn.model_validate(frame.claimed).reading(frame.number, frame.taken_at))
            frame.reading, frame.analysed_at = reading.plain(), workshop.now()
            continue
        try:
            jpeg = await evidence.get(workshop.here.blobs, key, frame.blob or "")
        except (Unreadable, FileNotFoundError):
            pass  # somebody took it from the store or changed it there: nobody can look at it
        else:
            async with LOOKING:
                reading, watch = await asyncio.to_thread(
                    step, watch, jpeg, frame.taken_at, frame.number, analyser, reference
                )
            if frame.spot is not None:
                checks.append((frame, reading))
        if reading is not None and frame.number in gaps:
            reading = replace(reading, gap_s=gaps[frame.number])
        frame.reading, frame.analysed_at = reading.plain() if reading else None, workshop.now()
    return watch, checks


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
    async with PLACES, transaction(workshop.here.sessions) as session:
        if not await queries.take_turn(session, "frame", attempt_id):
            raise NotYet(BUSY)
        frames = await queries.passed_frames(session, attempt_id, MOST)
        if not frames:
            return
        alone = dict.fromkeys((frame.number for frame in frames), None)
        known = await queries.looking_at(session, attempt_id)
        await _read_all(workshop, workshop.analyser, known, frames, Watch(), alone)
        left = len(await queries.passed_frames(session, attempt_id, 1))
        if not left:
            await judge_after_end(session, attempt_id, workshop.now())
    await judge(workshop, attempt_id, frames[0].taken_at)
    if left:
        raise NotYet(timedelta(0))  # at the end of the queue again, with the same low priority


async def look_again(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """What waits although no job of its own does: after a job that failed too often, or was lost with its queue.

    What this worker has no models for would come again each minute and for ever, so it is only counted; and what could not
    be looked at for a day is left as it is: it never will be, and the live view says how much waits.
    """
    now = workshop.now()
    able = {"frame": workshop.analyser, "passed": workshop.analyser, "sound": workshop.listener}
    async with transaction(workshop.here.sessions) as session:
        found = await queries.forgotten(session, now - GIVE_UP, now - timedelta(minutes=2))
        for kind, attempt_id in found:
            if able[kind] is not None:
                task = CATCH_UP if kind == "passed" else f"monitoring.tasks.{kind}s.analyse_{kind}s"
                await enqueue(session, Later(task, {"attempt_id": str(attempt_id)}, key=f"{task}:{attempt_id}"))
    if blind := {attempt_id for kind, attempt_id in found if able[kind] is None}:
        log.warning(
            "pictures or sounds of %d attempts wait, and this worker has no models for them: run `python deploy/models.py`",
            len(blind),
        )


async def notice_silence(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """A camera that says nothing any more makes no job: its silence is looked for each minute."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        silent = await queries.fell_silent(session, now - timedelta(seconds=25), now - timedelta(minutes=5))
    for attempt_id in silent:
        await judge(workshop, attempt_id)


def _reference(workshop: Workshop, known: Known) -> Reference | None:
    if known.face is None:
        return None
    purpose = f"face:{known.watching.attempt_id}".encode()
    return Reference.unpacked(workshop.here.keyring.unseal(purpose, known.face))
