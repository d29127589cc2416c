"""A sign of life before the start: asked for, shown in one request of pictures, judged by the worker. It can be declined."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from exam_api.attempts.access import OwnAttempt
from exam_api.monitoring.schemas import CheckInSignOut
from exam_api.monitoring.service import check_in
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(
    prefix="/api/attempts/{attempt_id}/check-in-sign",
    tags=["monitoring"],
    responses=ERRORS(401, 403, 404, 409, 413, 422, 429),
)
PICTURES = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


@router.post("", status_code=201)
async def ask(place: OwnAttempt, here: Here, session: Session, now: Now, chance: Chance) -> CheckInSignOut:
    """Ask for a sign of life; asked again, it is another one. `spared` where something agreed speaks against it."""
    return await check_in.ask(session, here, place, now, chance)


@router.get("")
async def read(place: OwnAttempt, session: Session) -> CheckInSignOut:
    """How it stands: whether the pictures are still looked at, and what they show."""
    return await check_in.find(session, place.attempt.id)


@router.put("/{number}", status_code=202, openapi_extra={"requestBody": PICTURES})
async def keep(
    request: Request,
    number: Annotated[int, Path(ge=1, le=100)],
    place: OwnAttempt,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
) -> CheckInSignOut:
    """The pictures of this try, at most forty and 2 MB: for each its length and its milliseconds (four bytes each), the JPEG."""
    return await check_in.keep(session, here, place, number, await request.body(), chance, now)


@router.delete("")
async def decline(place: OwnAttempt, here: Here, session: Session, now: Now) -> CheckInSignOut:
    """Go on without. Refused with 409 where the exam does not start without it."""
    return await check_in.decline(session, here, place, now)
