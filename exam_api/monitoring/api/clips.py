"""Short videos beside a flag: in from the live device where it was asked for, out for who reviews."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from exam_api.attempts.access import ProvenDevice, live_place, prove_live
from exam_api.db import evidence
from exam_api.db.session import transaction
from exam_api.errors import ClipNotVideo, NotFound
from exam_api.monitoring import queries
from exam_api.monitoring.access import WatchedAttempt
from exam_api.monitoring.schemas import ClipOut
from exam_api.monitoring.service import clips, pieces
from exam_api.sealing import SALT
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS
from exam_api.web.ranges import read_range

router = APIRouter(prefix="/api/attempts/{attempt_id}/clips", tags=["monitoring"], responses=ERRORS(401, 403, 404, 422))
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@router.put(
    "/{flag_id}",
    status_code=204,
    responses=ERRORS(408, 409, 413, 415),
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(clips.MAGIC, BYTES)}},
)
async def keep_clip(
    request: Request,
    flag_id: UUID,
    device: ProvenDevice,
    here: Here,
    now: Now,
    chance: Chance,
    content_type: Annotated[str | None, Header(max_length=200, include_in_schema=False)] = None,
) -> None:
    """Keep the video that was asked for, at most 8 MB. The same again changes nothing."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in clips.MAGIC:
        raise ClipNotVideo
    async with transaction(here.sessions) as session:
        await prove_live(session, device)
        key = await clips.asked(session, here, device.attempt_id, flag_id)
    if key is None:
        return
    name = f"clips/{device.attempt_id}/{flag_id}-{chance(8).hex()}"
    incoming = clips.Incoming(key, name, chance(SALT), media_type, request.stream())
    await clips.store(here, incoming)  # no database connection waits for the network or the store
    async with transaction(here.sessions) as session:
        await live_place(session, device)
        kept = await clips.keep(session, device.attempt_id, flag_id, incoming, now)
    if not kept:
        await pieces.drop(here, [incoming.name])


@router.get("")
async def list_clips(place: WatchedAttempt, session: Session) -> list[ClipOut]:
    """The videos that were asked for, and which of them are here."""
    return [ClipOut.of(clip) for clip in await queries.clips_of(session, place.attempt.id)]


@router.get(
    "/{flag_id}",
    response_class=StreamingResponse,
    responses={200: {"content": dict.fromkeys(clips.MAGIC, BYTES)}, 206: {"description": "A part"}, **ERRORS(416)},
)
async def read_clip(
    flag_id: UUID,
    place: WatchedAttempt,
    here: Here,
    session: Session,
    wanted: Annotated[str | None, Header(alias="range", max_length=200)] = None,
) -> StreamingResponse:
    """The video beside a flag, or a part of it."""
    clip = await queries.find_clip(session, place.attempt.id, flag_id)
    key = await evidence.find_key(session, here.keyring, place.attempt.id)
    if clip is None or clip.blob is None or key is None:
        raise NotFound
    size = clip.size or 0
    part = read_range(wanted, size)
    start, end = part or (0, size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        **({"Content-Range": f"bytes {start}-{end - 1}/{size}"} if part else {}),
    }
    return StreamingResponse(
        clips.read(here, key, clip, start, end), 206 if part else 200, media_type=clip.media_type, headers=headers
    )
