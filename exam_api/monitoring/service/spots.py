"""Where a candidate's computer looks at its pictures itself: one is asked for now and then, at a moment nobody can know.

A check is planned, asked for with a fresh nonce, and answered by a picture that was taken soon afterwards; or it ends for one
of the reasons of `proctor.device.REFUSED`. What the network is to blame for (`network`) says nothing about anybody, unless it
happens in check after check.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.db.models.monitoring import Frame, SpotCheck
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import SeenIn
from proctor import device
from proctor.signal import Signal, SignalKind
from proctor.vision.judge import Thresholds
from proctor.vision.reading import FrameReading

ANSWER = timedelta(seconds=20)  # from asking to the picture being here: a slow line carries one in three
# From asking to the picture being taken; a page takes the next one. As long as an absence must be told to be flagged: who lies
# and becomes honest when asked has to tell of an absence each time, or is contradicted by the words before.
PROMPT = timedelta(seconds=10)
WORDS_BEFORE, BEFORE = (
    3,
    timedelta(seconds=10),
)  # so many words, and how old they may be, that a picture is compared with
CLOCK = timedelta(seconds=3)  # how far a device's idea of our time may be off
SOON = (8.0, 15.0)  # seconds to the next check after one that leaves a doubt
THERE = 3  # words about pictures that came in the time of a check: then the network is not to blame
NETWORK = "network"
LATELY = timedelta(seconds=60)  # for which flags are computed anew after a doubt
Chance = Callable[[int], bytes]


@dataclass(frozen=True)
class Pace:
    """Seconds between two checks, at least and at most."""

    least: float
    most: float

    def next(self, chance: Chance, now: datetime) -> datetime:
        """When the next one comes."""
        return now + timedelta(seconds=_between(chance, self.least, self.most))


def _between(chance: Chance, least: float, most: float) -> float:
    return random.Random(chance(16)).uniform(least, most)  # noqa: S311  (seeded by the system's own chance, and not kept)


async def due(
    session: AsyncSession, attempt_id: UUID, pace: Pace, now: datetime, chance: Chance
) -> dict[str, Any] | None:
    """What the page should be asked now, if anything; it may have heard it before."""
    last = await queries.newest_spot(session, attempt_id)
    if last is None:
        await queries.plan_spot(session, attempt_id, 1, pace.next(chance, now))
        return None
    if last.sent_at is None:
        if now < last.due_at:
            return None
        last.sent_at, last.nonce = now, b64u(chance(16))
        return _asked(last)
    if last.outcome is None and now <= last.sent_at + ANSWER:
        return _asked(last)
    if last.outcome is None:
        last.outcome = await _silence(session, last, "missing")
        await queries.remember(session, attempt_id, now + LATELY)
    await queries.plan_spot(session, attempt_id, last.number + 1, _after(last, pace, now, chance))
    return None


def _asked(spot: SpotCheck) -> dict[str, Any]:
    return {"spot": {"n": spot.number, "nonce": spot.nonce, "seconds": ANSWER.total_seconds()}}


def _after(last: SpotCheck, pace: Pace, now: datetime, chance: Chance) -> datetime:
    if last.outcome == "answered" and not doubtful(last.signal):
        return pace.next(chance, now)
    return min(pace.next(chance, now), soon(chance, now))


def soon(chance: Chance, now: datetime) -> datetime:
    """When to look again after a check that leaves a doubt: one picture alone can be an error of either side."""
    return now + timedelta(seconds=_between(chance, *SOON))


async def _silence(session: AsyncSession, spot: SpotCheck, else_: str) -> str:
    """Why no answer came in time: the line, or the page."""
    assert spot.sent_at is not None
    heard = await queries.heard_between(session, spot.attempt_id, spot.sent_at, spot.sent_at + ANSWER)
    return else_ if heard >= THERE else NETWORK


async def take(
    session: AsyncSession, attempt_id: UUID, nonce: str, frame: int, digest: str, taken_at: datetime, now: datetime
) -> tuple[int | None, str | None]:
    """The check that this picture answers, or why it answers none. `taken_at` as the server believes it."""
    spot = await queries.find_spot(session, attempt_id, nonce)
    if spot is None or spot.sent_at is None:
        last = await queries.newest_spot(session, attempt_id)
        if last is not None and last.sent_at is not None and last.outcome is None:
            last.outcome = "wrong_nonce"
            await queries.remember(session, attempt_id, now + LATELY)
        return None, "wrong_nonce"
    if spot.outcome is not None:
        return None, "used_nonce"
    why = None
    if now > spot.sent_at + ANSWER:
        why = await _silence(session, spot, "late")
    elif taken_at < spot.sent_at - CLOCK:
        why = "old_picture"
    elif taken_at > spot.sent_at + PROMPT + CLOCK:
        why = await _silence(session, spot, "late")
    elif await queries.sent_before(session, attempt_id, digest, frame):
        why = "same_picture"
    spot.outcome, spot.frame = why or "answered", frame
    if why is not None:
        await queries.remember(session, attempt_id, now + LATELY)
    return (spot.number, None) if why is None else (None, why)


async def compare(
    session: AsyncSession, frame: Frame, seen: FrameReading | None, now: datetime, chance: Chance
) -> None:
    """Keep what word and picture of one check say together; after a doubt the next check comes soon.

    `seen`: None where the picture cannot be read. That answers nothing, or every check could be answered with rubbish.
    """
    if frame.spot is None or frame.claimed is None:
        return
    if seen is None:
        await queries.spoil_spot(session, frame.attempt_id, frame.spot, "unreadable")
        await queries.hasten_spot(session, frame.attempt_id, soon(chance, now))
        await queries.remember(session, frame.attempt_id, now + LATELY)
        return
    said = _word(frame)
    words = await queries.words_before_spot(session, frame.attempt_id, frame.spot, WORDS_BEFORE, BEFORE)
    found = device.compare(said, seen, before=[_word(each) for each in words])
    plain = {
        "kind": found.kind.value,
        "value": found.value,
        "confidence": found.confidence,
        "quality": found.quality,
        "note": found.note,
    }
    other = seen.distance is not None and seen.distance >= Thresholds().same_below
    await queries.keep_spot(session, frame.attempt_id, frame.spot, {**plain, "other_face": other})
    if other or found.kind == SignalKind.device_differs:
        await queries.hasten_spot(session, frame.attempt_id, soon(chance, now))
        await queries.remember(session, frame.attempt_id, now + LATELY)


def _word(frame: Frame) -> FrameReading:
    return SeenIn.model_validate(frame.claimed).reading(frame.number, frame.taken_at)


def doubtful(signal: dict[str, Any] | None) -> bool:
    """Whether one picture more should be seen soon."""
    return signal is not None and (signal["kind"] == SignalKind.device_differs or signal["other_face"])


def spot_signal(spot: SpotCheck) -> Signal | None:
    """What a check says; None while it is open or not compared yet."""
    if spot.sent_at is None or spot.outcome is None:
        return None
    if spot.outcome == NETWORK:
        return device.unreached(spot.sent_at, spot.number)
    if spot.outcome != "answered":
        return device.unanswered(spot.sent_at, spot.number, spot.outcome)
    if spot.signal is None:
        return None
    said = spot.signal
    kind = SignalKind(said["kind"])
    source = f"frame:{spot.frame}"
    return Signal(spot.sent_at, kind, said["value"], said["confidence"], said["quality"], source, note=said["note"])
