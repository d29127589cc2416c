"""Before the start: looks at points of the screen, so that it can be told where the eyes point. May be skipped."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from exam_api.attempts.access import OwnAttempt
from exam_api.monitoring.service import calibration
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(
    prefix="/api/attempts/{attempt_id}/calibration", tags=["monitoring"], responses=ERRORS(401, 403, 404, 409, 422)
)
JPEG = {"required": True, "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}


@router.put("/{point}", status_code=204, openapi_extra={"requestBody": JPEG})
async def keep_point(
    request: Request,
    point: Annotated[int, Path(ge=1, le=5)],
    place: OwnAttempt,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
) -> None:
    """A picture (JPEG) of the candidate who looks at this point: 1 the middle, 2 to 5 the corners from the upper left on."""
    await calibration.keep_point(session, here, place, point, await request.body(), chance, now)


@router.delete("", status_code=204)
async def skip(place: OwnAttempt, here: Here, session: Session) -> None:
    """Go on without."""
    await calibration.skip(session, here, place)
