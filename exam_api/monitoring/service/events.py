"""What the exam page noticed about itself."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place
from exam_api.db import ledger
from exam_api.events import BrowserSignalled
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import EventIn, EventsIn
from exam_api.monitoring.service.pieces import believed, check_running
from proctor.liveness.virtual_camera import named_like_a_program

DETAIL = {"seconds", "length", "origin", "surface", "spaced"}


async def keep_events(session: AsyncSession, place: Place, body: EventsIn, now: datetime) -> int:
    """Write what the page noticed; a batch that comes twice counts once. How many were new."""
    check_running(place, now)
    since = place.attempt.started_at or now
    rows: list[dict[str, object]] = [
        {
            "attempt_id": place.attempt.id,
            "number": event.n,
            "kind": kind,
            "at": believed(event.at, now, since),
            "received_at": now,
            "detail": event.model_dump(include=DETAIL, exclude_none=True),
        }
        for event in {event.n: event for event in body.events}.values()
        if (kind := _kept_as(event)) is not None
    ]
    new = await queries.keep_browser_signals(session, rows) if rows else []
    if new:
        await ledger.append(session, BrowserSignalled(place.attempt.id, min(new), max(new)), now)
    return len(new)


def _kept_as(event: EventIn) -> str | None:
    """Its kind. Of a camera's name only stays whether it is that of a program; None: nothing does."""
    if event.kind != "camera_named":
        return event.kind
    return "camera_virtual" if named_like_a_program(event.label or "") else None
