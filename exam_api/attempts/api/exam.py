"""The attempt itself: JSON in, JSON out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from exam_api.accounts.access import IDLE, Candidate, Visit, signed_in
from exam_api.attempts.access import (
    LiveAttempt,
    LiveAttemptLocked,
    NewKey,
    OwnAttempt,
    OwnAttemptLocked,
    ProvenDevice,
    ProvenKey,
    check_new,
    own_place,
    prove_live,
)
from exam_api.attempts.schemas import (
    AsideIn,
    AsideOut,
    AssertionIn,
    AttemptOut,
    ClockOut,
    ComeIn,
    ConsentIn,
    Paper,
    ReferenceOut,
    ResponseIn,
    SectionIn,
    StartOptions,
    SubmitIn,
    TokenOut,
)
from exam_api.attempts.service import aside, channel, close, door, save, sections, start, together
from exam_api.db.listening import Listening
from exam_api.db.session import transaction
from exam_api.errors import ExamPasswordWrong, ReferenceNotUsable
from exam_api.exams.service import entry
from exam_api.exams.service.entry import Arrival
from exam_api.web.context import say
from exam_api.web.deps import Chance, Here, Now, Session, server_time
from exam_api.web.problems import ERRORS, respond

router = APIRouter(prefix="/api", tags=["attempts"], responses=ERRORS(401, 403, 404, 409, 422))


async def _photo(request: Request) -> bytes:
    photo = bytearray()
    async for part in request.stream():
        photo += part
        if len(photo) > door.MAX_PHOTO:
            raise ReferenceNotUsable("The photo is larger than 4 MB.")
    return bytes(photo)


# The first parameter where it stands: a photo may crawl in for a minute, and no database connection may wait for it.
Photo = Annotated[bytes, Depends(_photo)]


# Routes are tried in this order; the save comes each second from each candidate.
@router.post("/attempts/{attempt_id}/responses", status_code=201)
async def save_response(
    body: ResponseIn, device: ProvenDevice, here: Here, now: Now, request: Request
) -> dict[str, Any]:
    """Keep one answer and return proof that we hold it."""
    return await save.save_response(here, request.state.saves, device, body, now)


@router.post("/sittings/{sitting_id}/attempts", response_model=AttemptOut, responses=ERRORS(429))
async def open_attempt(
    request: Request,
    sitting_id: UUID,
    visit: Visit,
    actor: Candidate,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    body: ComeIn | None = None,
) -> AttemptOut | Response:
    """Come to the door: the candidate's attempt in this sitting, or a further one, where the sitting allows it."""
    arrival = Arrival(actor.id, visit.address, body.password if body else None)
    try:
        number = body.number if body else None
        place = await door.open_attempt(session, here, sitting_id, arrival, now, chance, number)
    except ExamPasswordWrong as error:
        return respond(request, error)  # returned, not raised: the count of the tries is committed
    return await door.show(session, here, place, now)


@router.get("/attempts/{attempt_id}")
async def read_attempt(place: OwnAttempt, here: Here, session: Session, now: Now) -> AttemptOut:
    """Where the attempt is."""
    return await door.show(session, here, place, now)


@router.post("/attempts/{attempt_id}/consent", status_code=204)
async def give_consent(place: OwnAttemptLocked, body: ConsentIn, here: Here, session: Session, now: Now) -> None:
    """Accept what is recorded, term by term."""
    await door.give_consent(session, here, place, body, now)


@router.put(
    "/attempts/{attempt_id}/reference",
    status_code=202,
    openapi_extra={
        "requestBody": {"required": True, "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def send_reference(
    photo: Photo, place: OwnAttemptLocked, here: Here, session: Session, chance: Chance, now: Now
) -> ReferenceOut:
    """Send a reference photo (JPEG); the answer to whether it is good comes at the GET."""
    return await door.keep_reference(session, here, place, photo, chance, now)


@router.get("/attempts/{attempt_id}/reference")
async def read_reference(place: OwnAttempt, here: Here, session: Session, now: Now, request: Request) -> ReferenceOut:
    """Whether the reference photo is good, and why not."""
    found = (await door.show(session, here, place, now)).reference
    return found.model_copy(update={"reason": say(request, found.reason) if found.reason else None})


@router.post("/attempts/{attempt_id}/start/options")
async def prepare_start(
    place: OwnAttempt, proof: NewKey, visit: Visit, here: Here, session: Session, now: Now
) -> StartOptions:
    """The start statement for this device, and the passkey request that signs it."""
    await entry.check_place(session, place.sitting.id, visit.address)
    return await start.prepare_start(session, here, place, proof, now)


@router.post("/attempts/{attempt_id}/start")
async def start_attempt(
    attempt_id: UUID, proof: ProvenKey, visit: Visit, body: AssertionIn, here: Here, now: Now, request: Request
) -> TokenOut:
    """Start the clock."""
    crowd = await together.start(
        here, request.state.starts, attempt_id, visit.token or "", now - IDLE, proof, body, now
    )
    if crowd.granted is not None:
        return crowd.granted
    async with transaction(here.sessions) as session:
        actor = await signed_in(request, session, here, now)
        place = await own_place(session, actor.id, attempt_id, lock=True)
        if not crowd.noted:
            await check_new(session, proof)
        return await start.start(session, here, place, proof, body.id, body.credential, now)


@router.post("/attempts/{attempt_id}/token")
async def renew_token(place: OwnAttempt, proof: NewKey, here: Here, now: Now) -> TokenOut:
    """A fresh token for the live device."""
    return start.renew(here, place, proof, now)


@router.post("/attempts/{attempt_id}/hand-over/options")
async def prepare_hand_over(
    place: OwnAttempt, proof: NewKey, visit: Visit, here: Here, session: Session, now: Now
) -> StartOptions:
    """The statement that moves the attempt to this device."""
    await entry.check_place(session, place.sitting.id, visit.address)
    return await start.prepare_hand_over(session, here, place, proof, now)


@router.post("/attempts/{attempt_id}/hand-over")
async def hand_over(
    place: OwnAttemptLocked, proof: NewKey, body: AssertionIn, here: Here, session: Session, now: Now
) -> TokenOut:
    """Make this the one live device."""
    return await start.hand_over(session, here, place, proof, body.id, body.credential, now)


@router.get("/attempts/{attempt_id}/paper")
async def read_paper(place: LiveAttempt, here: Here, session: Session, now: Now) -> Paper:
    """The questions and everything saved so far."""
    return await close.paper(session, here, place, now)


@router.post("/attempts/{attempt_id}/aside", status_code=201)
async def set_aside(
    place: OwnAttempt, proof: NewKey, body: AsideIn, here: Here, session: Session, now: Now
) -> AsideOut:
    """Keep an answer of a device that was replaced, beside the chain."""
    return await aside.set_aside(session, here, place, proof, body, now)


@router.get("/attempts/{attempt_id}/aside")
async def read_aside(place: LiveAttempt, session: Session) -> list[AsideOut]:
    """What other devices of this attempt had also written."""
    return await aside.list_aside(session, place)


@router.get("/attempts/{attempt_id}/clock")
async def read_clock(place: LiveAttempt, now: Now) -> ClockOut:
    """The server's time and the end."""
    return channel.clock(place.attempt, now)


@router.get(
    "/attempts/{attempt_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "`ClockOut`, again at each change"}},
)
async def stream(device: ProvenDevice, here: Here, now: Now, request: Request) -> StreamingResponse:
    """The clock as server-sent events: how it stands now, then each change as it happens."""
    listening: Listening = request.state.listening
    ear = listening.listen(device.attempt_id)  # before the look at how it stands, so that nothing falls between
    try:
        async with transaction(here.sessions) as session:
            first = channel.clock((await prove_live(session, device)).attempt, now)
    except BaseException:
        listening.leave(ear)
        raise
    # The transaction is over: a stream costs no database connection while it waits.
    told = channel.stream(listening, ear, first, device, server_time)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/attempts/{attempt_id}/sections", status_code=204)
async def enter_section(body: SectionIn, place: LiveAttemptLocked, here: Here, session: Session, now: Now) -> None:
    """Close the open part of the exam and open the next one."""
    await sections.enter(session, here, place, body.number, now)


@router.post("/attempts/{attempt_id}/submit")
async def submit(body: SubmitIn, place: LiveAttemptLocked, here: Here, session: Session, now: Now) -> dict[str, Any]:
    """Seal the chain of answers."""
    return await close.submit(session, here, place, body, now)


@router.get("/attempts/{attempt_id}/receipts")
async def download_receipts(place: OwnAttempt, here: Here, session: Session, response: Response) -> dict[str, Any]:
    """All receipts in one file; `python -m credentials receipts FILE` checks it."""
    response.headers["Content-Disposition"] = f'attachment; filename="receipts-{place.attempt.id}.json"'
    return await close.receipt_file(session, here, place)
