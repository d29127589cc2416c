"""What becomes of frames and browser signals: kept as they come, turned into flags, erased in time."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.attempts.service.states import Status
from exam_api.db import ledger
from exam_api.db.models.monitoring import BrowserSignal, Frame
from exam_api.errors import Invalid, Paused, TimeIsUp, WrongState
from exam_api.events import BrowserSignalled, FramesArrived
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import EventsIn, FlagOut, FrameIn, LiveOut, SeatOut, TimeGivenOut, WatchedOut
from proctor.rules import RULES
from proctor.signal import BrowserEvent, Signal
from proctor.timeline import flags
from proctor.vision.analyser import FrameReading, Thresholds, bad_frame, signals_of

OLDEST = timedelta(
    seconds=120
)  # how far behind ours a candidate's clock is believed: a queue that waited for the network
PACE, BURST = 3.0, 100  # frames a second that are taken, and how many more at first; the page sends at most two
WORST = {rank: name for name, rank in queries.SEVERITY.items()}


def believed(at: datetime, now: datetime) -> datetime:
    """A candidate's time inside what can be true; the server's clock is the frame around it."""
    return min(max(at, now - OLDEST), now)


def check_running(place: Place, now: datetime) -> None:
    """Frames and signals belong to a running attempt; nobody is watched in a break."""
    if place.attempt.status == Status.paused:
        raise Paused
    if place.attempt.status != Status.running or place.write_until is None:
        raise WrongState
    if now > place.write_until:
        raise TimeIsUp


async def store_blob(here: Installation, attempt_id: UUID, frame: FrameIn, chance: Callable[[int], bytes]) -> str:
    """Put the picture into the store; its name cannot be guessed."""
    blob = f"frames/{attempt_id}/{frame.n:06d}-{chance(8).hex()}.jpg"
    await here.blobs.put_async(blob, frame.jpeg)
    return blob


def check_number(number: int, started_at: datetime, now: datetime) -> None:
    """A frame's number cannot run ahead of the time, so what an attempt fills is bounded. Raises `Invalid`."""
    if number > BURST + PACE * (now - started_at).total_seconds():
        raise Invalid("This frame's number is ahead of the time.")


async def drop_blobs(here: Installation, blobs: Sequence[str]) -> None:
    """Take pictures out of the store that no row names: nothing else would ever erase them."""
    if blobs:
        await here.blobs.delete_async(list(blobs))


async def keep_frames(
    session: AsyncSession, attempt_id: UUID, frames: Sequence[tuple[FrameIn, str]], now: datetime
) -> set[str]:
    """Write a batch of stored frames and tell the worker. The blobs that are now named by a row."""
    rows: list[dict[str, object]] = [
        {
            "attempt_id": attempt_id,
            "number": frame.n,
            "taken_at": believed(frame.taken_at, now),
            "received_at": now,
            "blob": blob,
            "digest": b64u(hashlib.sha256(frame.jpeg).digest()),
            "size": len(frame.jpeg),
        }
        for frame, blob in frames
    ]
    numbers = set(await queries.keep_frames(session, rows))
    if numbers:
        await ledger.append(session, FramesArrived(attempt_id, min(numbers), max(numbers)), now)
    return {blob for frame, blob in frames if frame.n in numbers}


async def keep_events(session: AsyncSession, place: Place, body: EventsIn, now: datetime) -> int:
    """Write what the page noticed; a batch that comes twice counts once. How many were new."""
    check_running(place, now)
    rows: list[dict[str, object]] = [
        {
            "attempt_id": place.attempt.id,
            "number": event.n,
            "kind": event.kind,
            "at": believed(event.at, now),
            "received_at": now,
            "detail": event.model_dump(include={"seconds", "length"}, exclude_none=True),
        }
        for event in {event.n: event for event in body.events}.values()
    ]
    new = await queries.keep_browser_signals(session, rows)
    if new:
        await ledger.append(session, BrowserSignalled(place.attempt.id, min(new), max(new)), now)
    return len(new)


def signals(frames: Sequence[Frame], events: Sequence[BrowserSignal]) -> list[Signal]:
    """Every signal of an attempt, from what was stored: the same rows always say the same."""
    said: list[Signal] = []
    for frame in frames:
        if frame.reading is None:
            said.append(bad_frame(frame.taken_at, frame.number))
        else:
            said += signals_of(FrameReading.of(frame.reading), Thresholds())
    said += [
        BrowserEvent.of(
            event.number, event.at, event.kind, seconds=event.detail.get("seconds"), length=event.detail.get("length")
        ).signal()
        for event in events
    ]
    return said


async def raise_flags(session: AsyncSession, attempt_id: UUID) -> int:
    """Compute an attempt's flags anew from all its signals. How many there are."""
    await queries.lock_flags(session, attempt_id)
    said = signals(
        await queries.analysed_frames(session, attempt_id), await queries.browser_signals(session, attempt_id)
    )
    raised = flags(said, RULES)
    await queries.replace_flags(session, attempt_id, raised)
    return len(raised)


async def list_flags(session: AsyncSession, attempt_id: UUID) -> list[FlagOut]:
    """An attempt's flags in order of time."""
    return [FlagOut.model_validate(flag, from_attributes=True) for flag in await queries.flags_of(session, attempt_id)]


async def watch(session: AsyncSession, sitting_id: UUID, now: datetime) -> LiveOut:
    """A sitting as an invigilator sees it: those who need a person stand first."""
    people = [
        WatchedOut(
            attempt_id=attempt_id,
            name=name,
            status=status or "absent",
            ends_at=ends_at,
            saves=saves or 0,
            frames=frames,
            analysed=analysed,
            last_frame_at=last,
            flags=count,
            worst=WORST.get(worst) if worst else None,
        )
        for attempt_id, name, status, ends_at, saves, frames, analysed, last, count, worst in await queries.watched(
            session, sitting_id
        )
    ]
    return LiveOut(now=now, people=people)


async def seats(session: AsyncSession, sitting_id: UUID, minutes: int) -> list[SeatOut]:
    """Everybody on the roster by name, with how their time stands."""
    return [
        SeatOut(
            user_id=user.id,
            name=user.name,
            status=attempt.status if attempt and attempt.status != Status.prepared else "absent",
            ends_at=attempt.ends_at if attempt else None,
            paused_at=attempt.paused_at if attempt else None,
            extra_minutes=entry.extra_on(minutes),
        )
        for entry, user, attempt in await attempts.list_of_sitting(session, sitting_id)
    ]


async def times_given(session: AsyncSession, sitting_id: UUID) -> list[TimeGivenOut]:
    """What was done with the time of a sitting's people, the newest first."""
    names = {str(user.id): user.name for _, user, _ in await attempts.list_of_sitting(session, sitting_id)}
    return [
        TimeGivenOut(
            at=line.at,
            by=by,
            change=line.data["change"],
            amount=line.data["amount"],
            reason=line.data["reason"],
            people=[names.get(each, "–") for each in line.data["people"]],
        )
        for line, by in await queries.times_given(session, sitting_id)
    ]
