"""The live channel: what a candidate's screen must know at once, and whoever watches the sitting."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.schemas import ClockOut, Device
from exam_api.attempts.service.states import STARTED
from exam_api.db import news
from exam_api.db.listening import Ear, Ended, Listening, News
from exam_api.db.models.attempts import Attempt
from exam_api.db.news import Carrier
from exam_api.db.session import Sessions, transaction
from exam_api.exams.queries.clocks import clocks

BEAT = 15.0  # seconds without news after which a stream shows that it lives


def clock(attempt: Attempt, now: datetime) -> ClockOut:
    """The server's time, for the page to count down by."""
    seconds = None
    if attempt.ends_at is not None and attempt.started_at is not None:
        seconds = int((attempt.ends_at - attempt.started_at - attempt.paused - attempt.late).total_seconds())
    return ClockOut(
        now=now,
        ends_at=attempt.ends_at,
        status=attempt.status,
        paused_at=attempt.paused_at,
        seconds=seconds,
        note=attempt.time_note,
        generation=attempt.generation,
        section_ends_at=attempt.section_ends_at,
        late_from=attempt.ends_at - attempt.late if attempt.ends_at and attempt.late else None,
    )


def _news(attempt: Attempt) -> News:
    said = clock(attempt, attempt.opened_at).model_dump(mode="json", exclude={"now"})
    return {"subject": str(attempt.id), **said}


async def tell(session: AsyncSession, attempts: Collection[Attempt]) -> None:
    """Say that these attempts changed, and so their sittings; heard when the transaction commits, and only then."""
    await news.tell(session, {each.id for each in attempts} | {each.sitting_id for each in attempts})


def open_listening(carriers: Sequence[Carrier], sessions: Sessions) -> Listening:
    """One per web process."""
    return Listening(carriers, partial(_present, sessions))


async def _present(sessions: Sessions, attempts: Collection[UUID]) -> list[News]:
    async with transaction(sessions) as session:
        return [_news(attempt) for attempt in await clocks(session, attempts)]


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
            while (heard := await ear.next(BEAT)) is None:
                yield ":\n\n"
            if "status" not in heard:  # there is no such attempt any more
                return
            said = ClockOut(now=now(), **{name: heard[name] for name in ClockOut.model_fields if name != "now"})
    except Ended:
        return
    finally:
        listening.leave(ear)
