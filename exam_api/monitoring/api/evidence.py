"""What was kept, for a person who reviews."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from exam_api.attempts.access import SeenAttempt
from exam_api.errors import NotFound
from exam_api.monitoring import queries, service
from exam_api.monitoring.access import WatchedAttempt
from exam_api.monitoring.schemas import MAX_NUMBER, ChainOut, FlagOut, LeftOutOut
from exam_api.monitoring.service import chain, erasing, evidence
from exam_api.web.deps import Here, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["monitoring"], responses=ERRORS(401, 403, 404, 409, 422))
Number = Annotated[int, Path(ge=1, le=MAX_NUMBER)]


@router.get("/attempts/{attempt_id}/flags")
async def list_flags(place: WatchedAttempt, session: Session) -> list[FlagOut]:
    """The flags of an attempt, each with its reason and evidence."""
    return await service.list_flags(session, place.attempt.id)


@router.get("/attempts/{attempt_id}/left-out")
async def list_left_out(place: WatchedAttempt, session: Session) -> list[LeftOutOut]:
    """Rules that fired and are left out by agreement. They are no flags, and nobody else sees them."""
    found = await queries.left_out_of(session, place.attempt.id)
    return [LeftOutOut.model_validate(each, from_attributes=True) for each in found]


@router.get("/attempts/{attempt_id}/chain")
async def check_chain(place: WatchedAttempt, session: Session) -> ChainOut:
    """Whether the pictures and sounds that are kept are all that the devices signed, in their order."""
    return await chain.check(session, place.attempt.id)


@router.get("/attempts/{attempt_id}/erasures")
async def list_erasures(place: SeenAttempt, session: Session) -> list[dict[str, Any]]:
    """Signed statements of what was erased and when; `whole` says that the key of all evidence is gone."""
    return await erasing.erasures(session, place.attempt.id)


@router.get(
    "/attempts/{attempt_id}/frames/{number}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}},
)
async def read_frame_picture(place: WatchedAttempt, number: Number, here: Here, session: Session) -> Response:
    """One camera frame, for a person who reviews."""
    frame = await queries.find_frame(session, place.attempt.id, number)
    if frame is None or frame.blob is None:
        raise NotFound
    picture = await evidence.read(session, here, place.attempt.id, frame.blob)
    return Response(picture, media_type="image/jpeg")


@router.get(
    "/attempts/{attempt_id}/sounds/{number}",
    response_class=Response,
    responses={200: {"content": {"audio/webm": {}, "audio/mp4": {}, "audio/wav": {}}, "description": "The sound"}},
)
async def read_sound(place: WatchedAttempt, number: Number, here: Here, session: Session) -> Response:
    """Ten seconds of sound, for a person who reviews."""
    sound = await queries.find_sound(session, place.attempt.id, number)
    if sound is None or sound.blob is None:
        raise NotFound
    heard = await evidence.read(session, here, place.attempt.id, sound.blob)
    return Response(heard, media_type=evidence.sound_type(heard))
