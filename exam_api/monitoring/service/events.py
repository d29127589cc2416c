"""What the exam page noticed about itself."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place
from exam_api.db import ledger
from exam_api.events import BrowserSignalled
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import EventsIn
from exam_api.monitoring.service.pieces import believed, check_running

DETAIL = {"seconds", "length", "origin", "surface", "spaced"}


async def keep_events(session: AsyncSession, place: Place, body: EventsIn, now: datetime) -> int:
    """Write what the page noticed; a batch that comes twice counts once. How many were new."""
    check_running(place, now)
    since = place.attempt.started_at or now
    rows: list[dict[str, object]] = [
        {
            "attempt_id": place.attempt.id,
            "number": event.n,
            "kind": event.kind,
            "at": believed(event.at, now, since),
            "received_at": now,
            "detail": event.model_dump(include=DETAIL, exclude_none=True),
        }
        for event in {event.n: event for event in body.events}.values()
    ]
    new = await queries.keep_browser_signals(session, rows)
    if new:
        await ledger.append(session, BrowserSignalled(place.attempt.id, min(new), max(new)), now)
    return len(new)
