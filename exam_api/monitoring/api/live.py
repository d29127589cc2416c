"""What the exam page says of itself, and a sitting as its invigilators see it."""

from fastapi import APIRouter

from exam_api.accounts.access import Invigilator
from exam_api.attempts.access import LiveAttempt
from exam_api.attempts.schemas import TimeIn, TimeOut
from exam_api.attempts.service import time as time_service
from exam_api.exams.access import SeenSitting
from exam_api.monitoring import service
from exam_api.monitoring.schemas import EventsIn, LiveOut, TimeGivenOut
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["monitoring"], responses=ERRORS(401, 403, 404, 409, 422))


@router.post("/attempts/{attempt_id}/events", status_code=202)
async def keep_events(place: LiveAttempt, body: EventsIn, session: Session, now: Now) -> dict[str, int]:
    """Keep what the exam page noticed."""
    return {"kept": await service.keep_events(session, place, body, now)}


@router.get("/sittings/{sitting_id}/live")
async def watch(sitting: SeenSitting, _: Invigilator, session: Session, now: Now) -> LiveOut:
    """Everybody in a sitting, now."""
    return await service.watch(session, sitting.sitting.id, now)


@router.post("/sittings/{sitting_id}/time")
async def give_time(
    body: TimeIn, sitting: SeenSitting, actor: Invigilator, here: Here, session: Session, now: Now
) -> TimeOut:
    """Give time, stop the clock or start it again, for some people or for everybody; it reaches their screens at once."""
    return await time_service.change(session, here, sitting.sitting.id, body, now, actor.id)


@router.get("/sittings/{sitting_id}/time")
async def list_times(sitting: SeenSitting, _: Invigilator, session: Session) -> list[TimeGivenOut]:
    """What was given, by whom and why, the newest first."""
    return await service.times_given(session, sitting.sitting.id)
