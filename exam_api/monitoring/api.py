"""Browser signals by HTTP, frames by WebSocket, and what invigilators read."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response, WebSocket, WebSocketDisconnect
from obstore.exceptions import BaseError as StoreError
from pydantic import ValidationError

from exam_api.accounts.access import Invigilator
from exam_api.attempts import queries as attempts
from exam_api.attempts.access import NONCE_HEADER, LiveAttempt, live_place, prove_device
from exam_api.attempts.schemas import Device, TimeIn, TimeOut
from exam_api.attempts.service import time as time_service
from exam_api.db.session import transaction
from exam_api.errors import ExamError, Invalid, NotFound, StoreDown, TokenNotValid, code_of
from exam_api.exams.access import SeenSitting
from exam_api.installation import Installation
from exam_api.monitoring import queries, service
from exam_api.monitoring.access import WatchedAttempt
from exam_api.monitoring.schemas import HELLO, MAX_NUMBER, EventsIn, FlagOut, FrameIn, LiveOut, TimeGivenOut, read_frame
from exam_api.web.deps import Chance, Here, Now, Session, server_time
from exam_api.web.problems import ERRORS

log = logging.getLogger("exam_api.monitoring")
router = APIRouter(prefix="/api", tags=["monitoring"], responses=ERRORS(401, 403, 404, 409, 422))
BATCH = 5  # frames that share one commit and one job
LINGER = 2.0  # seconds that the first frame of a batch waits for company
SILENCE = 60.0  # seconds without a frame after which the socket is given up
HELLOS = 3
CLOSE_REFUSED, CLOSE_BAD, CLOSE_LATER = 4401, 4400, 1013


@router.post("/attempts/{attempt_id}/events", status_code=202)
async def keep_events(place: LiveAttempt, body: EventsIn, session: Session, now: Now) -> dict[str, int]:
    """Keep what the exam page noticed."""
    return {"kept": await service.keep_events(session, place, body, now)}


@router.get("/attempts/{attempt_id}/flags")
async def list_flags(place: WatchedAttempt, session: Session) -> list[FlagOut]:
    """The flags of an attempt, each with its reason and evidence."""
    return await service.list_flags(session, place.attempt.id)


@router.get(
    "/attempts/{attempt_id}/frames/{number}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}},
)
async def read_frame_picture(
    place: WatchedAttempt, number: Annotated[int, Path(ge=1, le=MAX_NUMBER)], here: Here, session: Session
) -> Response:
    """One camera frame, for a person who reviews."""
    frame = await queries.find_frame(session, place.attempt.id, number)
    if frame is None or frame.blob is None:
        raise NotFound
    picture = await here.blobs.get_async(frame.blob)
    return Response(bytes(await picture.bytes_async()), media_type="image/jpeg")


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


@router.websocket("/attempts/{attempt_id}/frames")
async def frames(socket: WebSocket, attempt_id: UUID, here: Here, chance: Chance) -> None:
    """Camera frames of the live device. `kept` is said when a batch is committed, not before."""
    await socket.accept()
    try:
        await _receive(socket, here, await _greet(socket, here, attempt_id), chance)
    except ExamError as error:
        code = CLOSE_BAD if isinstance(error, Invalid) else CLOSE_REFUSED
        await _farewell(socket, code, code_of(error))
    except StoreError as error:
        log.error("the blob store does not take frames: %s", error)  # noqa: TRY400  (its words say all)
        await _farewell(socket, CLOSE_LATER, code_of(StoreDown()))
    except TimeoutError:
        await _farewell(socket, 1001, "silence")
    except WebSocketDisconnect:
        return


async def _farewell(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except RuntimeError:  # the other side has already gone
        return


@dataclass
class Camera:
    """A greeted socket: whose it is, since when frames can exist, and the last number that it sent."""

    device: Device
    started_at: datetime
    last: int


async def _greet(socket: WebSocket, here: Installation, attempt_id: UUID) -> Camera:
    """Token and proof in the first message (a browser cannot send headers here); a fresh nonce on request."""
    for _ in range(HELLOS):
        try:
            hello = HELLO.validate_json(await asyncio.wait_for(socket.receive_text(), 10))
        except (ValidationError, KeyError) as error:
            raise Invalid("The first message holds a token and a proof.") from error
        now = server_time()
        try:
            device = prove_device(
                here,
                now,
                attempt_id,
                method="GET",
                path=socket.url.path,
                authorization=f"DPoP {hello.token}",
                proof=hello.proof,
            )
        except TokenNotValid as error:
            await socket.send_text(json.dumps({"refused": code_of(error), "nonce": error.headers.get(NONCE_HEADER)}))
            continue
        async with transaction(here.sessions) as session:
            if not await attempts.see_proof(session, device.proof.jti, device.proof_expires_at):
                break
            place = await live_place(session, device)
            service.check_running(place, now)
            following = await queries.next_frame(session, attempt_id)
        await socket.send_text(json.dumps({"ready": True, "next": following}))
        return Camera(device, place.attempt.started_at or now, following - 1)
    raise TokenNotValid


async def _receive(socket: WebSocket, here: Installation, camera: Camera, chance: Callable[[int], bytes]) -> None:
    """Take frames in small batches: one commit and one job for several. What is not kept leaves the store again."""
    batch: list[tuple[FrameIn, str]] = []
    try:
        await _batches(socket, here, camera, batch, chance)
    except (ExamError, StoreError, WebSocketDisconnect, TimeoutError):
        with suppress(StoreError):
            await service.drop_blobs(here, [blob for _, blob in batch])
        raise


async def _keep(here: Installation, device: Device, batch: Sequence[tuple[FrameIn, str]], now: datetime) -> None:
    """One commit. A refusal leaves the pictures to be dropped; after a lost connection they might be kept, so they stay."""
    async with transaction(here.sessions) as session:
        service.check_running(await live_place(session, device), now)
        kept = await service.keep_frames(session, device.attempt_id, batch, now)
    await service.drop_blobs(here, [blob for _, blob in batch if blob not in kept])


async def _batches(
    socket: WebSocket,
    here: Installation,
    camera: Camera,
    batch: list[tuple[FrameIn, str]],
    chance: Callable[[int], bytes],
) -> None:
    attempt_id, first_at, taken = camera.device.attempt_id, None, 0
    began = time.monotonic()
    while True:
        try:
            message = await asyncio.wait_for(socket.receive_bytes(), LINGER if batch else SILENCE)
        except TimeoutError:
            if not batch:
                raise
        except KeyError as error:
            raise Invalid("A frame is a binary message.") from error
        else:
            taken += 1
            frame = read_frame(message)
            service.check_number(frame.n, camera.started_at, server_time())
            if frame.n > camera.last:  # a number that came before is kept already
                camera.last = frame.n
                batch.append((frame, await service.store_blob(here, attempt_id, frame, chance)))
                first_at = first_at or server_time()
        now = server_time()
        full = len(batch) >= BATCH or (first_at is not None and (now - first_at).total_seconds() >= LINGER)
        if batch and full:
            await _keep(here, camera.device, batch, now)
            number, first_at = batch[-1][0].n, None
            batch.clear()
            await socket.send_text(json.dumps({"kept": number}))
        if taken > service.BURST + service.PACE * (time.monotonic() - began):
            await asyncio.sleep(1 / service.PACE)  # the network then makes a flood wait
