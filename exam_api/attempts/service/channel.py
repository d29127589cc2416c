"""The live channel: what a candidate's screen must know at once, said in the transaction that changes it."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.schemas import ClockOut, Device, LateOut
from exam_api.attempts.service.states import STARTED
from exam_api.db.listening import Ear, Ended, Listening, News
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.db.session import Sessions, transaction
from exam_api.exams.queries.clocks import clocks, notify

CHANNEL = "invigil_attempts"
BEAT = 15.0  # seconds without news after which a stream shows that it lives


def clock(attempt: Attempt, sitting: Sitting, now: datetime) -> ClockOut:
    """The server's time, for the page to count down by."""
    seconds, late = None, None
    if attempt.ends_at is not None and attempt.started_at is not None:
        seconds = int((attempt.ends_at - attempt.started_at - attempt.paused).total_seconds())
    if attempt.ends_at is not None and sitting.late_minutes:
        until = attempt.ends_at + timedelta(minutes=sitting.late_minutes)
        late = LateOut(until=until, percent=sitting.late_percent, each=sitting.late_each)
    return ClockOut(
        now=now,
        ends_at=attempt.ends_at,
        status=attempt.status,
        paused_at=attempt.paused_at,
        seconds=seconds,
        note=attempt.time_note,
        generation=attempt.generation,
        late=late,
        section=attempt.section,
        section_ends_at=attempt.section_ends_at,
    )


def _news(attempt: Attempt, sitting: Sitting) -> News:
    said = clock(attempt, sitting, attempt.opened_at).model_dump(mode="json", exclude={"now"})
    return {"subject": str(attempt.id), "sitting": str(attempt.sitting_id), **said}


async def tell(session: AsyncSession, sitting: Sitting, attempts: Iterable[Attempt]) -> None:
    """Say how these attempts of a sitting stand; heard when the transaction commits, and only then."""
    said = [json.dumps(_news(attempt, sitting)) for attempt in attempts]
    if said:
        await notify(session, CHANNEL, said)


def open_listening(url: str, sessions: Sessions) -> Listening:
    """One per web process."""
    return Listening(url, CHANNEL, partial(_present, sessions))


async def _present(sessions: Sessions, attempts: Collection[UUID]) -> list[News]:
    async with transaction(sessions) as session:
        return [_news(attempt, sitting) for attempt, sitting in await clocks(session, attempts)]


async def stream(
    listening: Listening, ear: Ear, first: ClockOut, device: Device, now: Callable[[], datetime]
) -> AsyncIterator[str]:
    """Server-sent events: how the attempt stands, then each change, until it is over or on another device."""
    try:
        said = first
        while True:
            yield f"data: {said.model_dump_json()}\n\n"
            if said.status not in STARTED or said.generation != device.grant.generation:
                return
            while (news := await ear.next(BEAT)) is None:
                yield ":\n\n"
            said = ClockOut(now=now(), **{name: news[name] for name in ClockOut.model_fields if name != "now"})
    except Ended:
        return
    finally:
        listening.leave(ear)
