"""The candidate's way: the door, the check-in, the exam room, and after."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from exam_api.accounts.access import Candidate, Visit
from exam_api.attempts import queries
from exam_api.attempts.access import LiveAttempt, OwnAttempt
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import MAX_NUMBER, AttemptOut, ConsentIn
from exam_api.attempts.service import door, lockdown, preparing, sections
from exam_api.attempts.service.sections import Gate
from exam_api.attempts.service.states import STARTED, Status, end_of, late_of
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.errors import (
    ConsentNeeded,
    ExamError,
    ExamPasswordNeeded,
    ExamPasswordWrong,
    LessonsMissing,
    NetworkRefused,
    status_of,
)
from exam_api.exams.access import LedSitting
from exam_api.exams.queries.entry import find_rules
from exam_api.exams.service.entry import Arrival
from exam_api.exams.service.further import next_from
from exam_api.installation import Installation
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.headers import permissions
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page
from grading.exam import public
from grading.kinds.drawing import COLOURS, WIDTHS, Drawing
from grading.kinds.recording import Recording
from grading.room import is_right_to_left

TICK_EVERY_BOX = _("Please tick every box first. The ones that are missing are marked.")
WORDS_CHANGED = _("What is recorded has changed since you opened this page. Please read it again and tick every box.")

router = APIRouter()


@dataclass(frozen=True)
class Tried:
    """A try at the door that did not get through: what was ticked stays ticked, and each field says what it lacks."""

    ticked: tuple[str, ...] = ()
    notice: str | None = None
    terms: str | None = None
    password: str | None = None


DoorState = Literal["open", "later", "wait", "over", "voided"]


@dataclass(frozen=True)
class DoorPage(Page):
    """Before the start: rules, time, what is recorded. `minutes_now`: how long somebody has who starts at this moment.

    `number` is the attempt that would begin here, `attempts` are those that were handed in, of which `counts` says which one
    counts. `state` "later": the sitting has not opened; "wait": a further attempt may begin at `next_from`.
    """

    template: ClassVar[str] = "attempts/door.html"
    sitting_id: UUID
    title: str
    description: Markup
    questions: int
    points: float
    minutes: int
    extra_minutes: int
    opens_at: datetime
    closes_at: datetime
    minutes_now: int
    number: int
    allowed: int | None
    delay: int
    counts: str
    attempts: list[Attempt]
    next_from: datetime | None
    late: tuple[int, int]  # how many minutes one may go on after the end, and what each costs in percent
    camera: bool
    fullscreen: bool
    terms: list[tuple[str, str]]
    version: str
    state: DoorState
    ways: lockdown.Ways | None  # into the locked-down browser, where the exam is sat in it
    asks_password: bool
    tried: Tried | None


@dataclass(frozen=True)
class CheckInPage(Page):
    """System check, reference photo, start."""

    template: ClassVar[str] = "attempts/check_in.html"
    attempt: AttemptOut
    calibrates: bool  # whether the directions of gaze can be judged here
    face_model: str | None  # address of what the candidate's own computer looks with; None: the server looks
    check: str  # for the locked-down browser to show its hash of; empty where the exam is sat in any
    sign_at: str  # where another device signs for this one


@dataclass(frozen=True)
class RoomPage(Page):
    """The exam room: the frame; questions come over the proven session."""

    template: ClassVar[str] = "attempts/room.html"
    attempt_id: UUID
    title: str
    left: timedelta
    ends_at: datetime
    late_percent: int | None  # what a minute after the end costs; None: nobody can go on
    camera: bool
    microphone: bool
    fullscreen: bool
    screen: bool
    rhythm: bool
    tools: tuple[str, ...]
    language: str
    right_to_left: bool
    face_model: str | None  # as in `CheckInPage`
    check: str  # this too
    sign_at: str


@dataclass(frozen=True)
class SheetPage(Page):
    """The questions as forms, for the room to put in its frame."""

    template: ClassVar[str] = "attempts/sheet.html"
    items: list[dict[str, Any]]
    stimuli: list[dict[str, Any]]
    tongue: dict[str, str]  # the attributes that say how the exam's own words are written
    gate: Gate
    intro: Markup


@router.get("/sittings/{sitting_id}/start", response_model=None)
async def door_page(
    request: Request, sitting_id: UUID, actor: Candidate, here: Here, session: Session, now: Now
) -> HTMLResponse | RedirectResponse:
    """Rules, time, accommodations, what is recorded; who has been through the door and may not try again goes on to where
    they belong.
    """
    sitting, _entry, attempt = await queries.get_roster_place(session, sitting_id, actor.id)
    if (released := await queries.find_released(session, sitting_id, actor.id)) is not None:
        return RedirectResponse(f"/attempts/{released.id}/result", 303)
    again = attempt is not None and now < sitting.closes_at and next_from(sitting, attempt) is not None
    if attempt is not None and not again and (attempt.status in STARTED or attempt.submitted_at is not None):
        return RedirectResponse(next_place(attempt.status, attempt.id), 303)
    return show(request, await _door(sitting_id, actor.id, here, session, now))


async def _door(sitting_id: UUID, user_id: UUID, here: Here, session: Session, now: datetime) -> DoorPage:
    sitting, entry, attempt = await queries.get_roster_place(session, sitting_id, user_id)
    rules = await find_rules(session, sitting_id)
    exam = await queries.get_exam(session, here, sitting.version_id)
    terms = door.consent_terms(exam, here.keeping, on_device=here.on_device(exam))
    extra = entry.extra_on(sitting.minutes)
    further = next_from(sitting, attempt) if attempt is not None else None
    tries_again = attempt is not None and attempt.submitted_at is not None
    return DoorPage(
        sitting_id=sitting_id,
        title=exam.title,
        description=to_html(exam.description),
        questions=exam.count,
        points=exam.max_points,
        minutes=sitting.minutes + extra,
        extra_minutes=extra,
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        minutes_now=max(0, int((end_of(sitting, now, extra) - late_of(sitting) - now).total_seconds() // 60)),
        number=attempt.number + tries_again if attempt is not None else 1,
        allowed=sitting.attempts,
        delay=sitting.delay_minutes,
        counts=sitting.counts,
        attempts=[each for each in await queries.attempts_of(session, sitting_id, user_id) if each.submitted_at],
        next_from=further,
        late=(sitting.late_minutes, sitting.late_percent),
        camera=exam.proctoring.camera,
        fullscreen=exam.proctoring.fullscreen,
        terms=list(zip(terms.terms, terms.text, strict=True)),
        version=terms.version,
        state="voided" if attempt is not None and attempt.status == Status.voided else _state(sitting, now, further),
        asks_password=(attempt is None or attempt.status == Status.prepared or tries_again)
        and rules is not None
        and rules.password is not None,
        ways=lockdown.ways(here, sitting_id, user_id, now) if exam.proctoring.locked_down else None,
        tried=None,
    )


def _state(sitting: Sitting, now: datetime, further: datetime | None) -> DoorState:
    if now >= sitting.closes_at:
        return "over"
    if now < sitting.opens_at:
        return "later"
    return "wait" if further is not None and now < further else "open"


def _tried(shown: DoorPage, error: ExamError, body: ConsentIn) -> DoorPage:
    """The page again after a refusal. Ticks count only for the words that this page still shows."""
    outdated = body.version != shown.version
    ticked = () if outdated else tuple(body.terms)
    missing = any(name not in ticked for name, _text in shown.terms)
    tried = Tried(
        ticked=ticked,
        notice=None if isinstance(error, ExamPasswordNeeded | ExamPasswordWrong | ConsentNeeded) else str(error),
        terms=(WORDS_CHANGED if outdated else TICK_EVERY_BOX) if missing else None,
        password=str(error) if isinstance(error, ExamPasswordNeeded | ExamPasswordWrong) else None,
    )
    return replace(shown, tried=tried)


@router.post("/sittings/{sitting_id}/start", response_model=None)
async def enter(
    request: Request,
    sitting_id: UUID,
    visit: Visit,
    actor: Candidate,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    version: Annotated[str, Form(max_length=200)],
    terms: Annotated[list[str] | None, Form()] = None,
    password: Annotated[str, Form(max_length=200)] = "",
    number: Annotated[int | None, Form(ge=1, le=MAX_NUMBER)] = None,
) -> HTMLResponse | RedirectResponse:
    """Accept what is recorded and go to the check-in."""
    body = ConsentIn(version=version, terms=[each[:200] for each in terms or () if each][:20])
    try:
        place = await door.open_attempt(
            session, here, sitting_id, Arrival(actor.id, visit.address, password), now, chance, number
        )
    except (NetworkRefused, LessonsMissing, ExamPasswordNeeded, ExamPasswordWrong) as error:
        page = await _door(sitting_id, actor.id, here, session, now)
        return show(request, _tried(page, error, body), status_of(error))
    if place.attempt.status == Status.ready:
        try:
            await door.give_consent(session, here, place, body, now)
        except ConsentNeeded as error:
            return show(request, _tried(await _door(sitting_id, actor.id, here, session, now), error, body), 422)
    return RedirectResponse(next_place(place.attempt.status, place.attempt.id), 303)


def next_place(status: str, attempt_id: UUID) -> str:
    """Where a candidate belongs now."""
    return {
        Status.ready: f"/attempts/{attempt_id}/check-in",
        Status.running: f"/attempts/{attempt_id}/room",
        Status.paused: f"/attempts/{attempt_id}/room",
    }.get(Status(status), f"/attempts/{attempt_id}/submitted")


@router.post("/sittings/{sitting_id}/prepare")
async def prepare(sitting: LedSitting, here: Here, session: Session, now: Now, chance: Chance) -> RedirectResponse:
    """Make everybody's attempt now; the worker does it in the hour before the sitting opens."""
    await preparing.prepare(session, here, sitting.sitting.id, chance, now)
    return RedirectResponse(f"/sittings/{sitting.sitting.id}?said=prepared", 303)


def _face_model(here: Installation, *, on_device: bool) -> str | None:
    """Where a page gets what it looks with."""
    return f"/watching/{here.face_model.name}" if on_device and here.face_model is not None else None


def _sign_at(here: Installation) -> str:
    return f"{here.origin.partition('://')[2]}/sign"


async def _check(session: Session, here: Installation, place: Place, now: datetime) -> str:
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    return lockdown.new_check(here, place.attempt.id, now) if exam.proctoring.locked_down else ""


@router.get("/attempts/{attempt_id}/check-in")
async def check_in(request: Request, place: OwnAttempt, here: Here, session: Session, now: Now) -> HTMLResponse:
    """Check the system, show the face, start."""
    attempt = await door.show(session, here, place, now)
    if attempt.status != Status.ready:
        return HTMLResponse("", 303, {"Location": next_place(attempt.status, attempt.id)})
    if not attempt.consented:
        return HTMLResponse("", 303, {"Location": f"/sittings/{attempt.sitting_id}/start"})
    if not await lockdown.is_open(session, here, place, now):
        return HTMLResponse("", 303, {"Location": f"/attempts/{attempt.id}/browser"})
    agreed = await queries.accommodations(session, attempt.id)
    calibrates = attempt.camera and "no_gaze" not in agreed  # nobody is asked for looks that nobody would judge
    check = await _check(session, here, place, now)
    answer = show(
        request, CheckInPage(attempt, calibrates, _face_model(here, on_device=attempt.on_device), check, _sign_at(here))
    )
    answer.headers["Permissions-Policy"] = permissions(camera=attempt.camera, microphone=attempt.microphone)
    return answer


@router.get("/attempts/{attempt_id}/room")
async def room(request: Request, place: OwnAttempt, here: Here, session: Session, now: Now) -> HTMLResponse:
    """The exam room. In a locked-down sitting it opens unproven: no question is in it, and another device takes over there."""
    attempt = place.attempt
    if attempt.status not in STARTED or attempt.ends_at is None:
        return HTMLResponse("", 303, {"Location": next_place(attempt.status, attempt.id)})
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    page = RoomPage(
        attempt_id=attempt.id,
        title=exam.title,
        left=attempt.ends_at - attempt.late - (attempt.paused_at or now),
        ends_at=attempt.ends_at - attempt.late,
        late_percent=place.sitting.late_percent if attempt.late else None,
        camera=exam.proctoring.camera,
        microphone=exam.proctoring.microphone,
        fullscreen=exam.proctoring.fullscreen,
        screen=exam.proctoring.screen,
        rhythm=exam.proctoring.rhythm,
        tools=exam.tools,
        language=exam.language,
        right_to_left=is_right_to_left(exam.language),
        face_model=_face_model(here, on_device=here.on_device(exam)),
        check=await _check(session, here, place, now),
        sign_at=_sign_at(here),
    )
    answer = show(request, page)
    recorded = {item.media for item in exam.items if isinstance(item, Recording)}
    answer.headers["Permissions-Policy"] = permissions(
        camera=exam.proctoring.camera or "video" in recorded,
        microphone=exam.proctoring.microphone or bool(recorded),
        screen=exam.proctoring.screen,
    )
    return answer


@router.get("/attempts/{attempt_id}/sheet")
async def sheet(request: Request, place: LiveAttempt, here: Here, session: Session, now: Now) -> HTMLResponse:
    """The questions as HTML, only for the live device."""
    await lockdown.require(session, here, place, now)
    form = await queries.get_form(session, here, place)
    shown = public(sections.visible(form, place.attempt))
    items = [
        {
            **item,
            "html": to_html(item["prompt"]),
            "options": [{**each, "html": to_html(each["text"])} for each in item.get("options", ())],
            "left": [{**each, "html": to_html(each["text"])} for each in item.get("left", ())],
            **({"colours": COLOURS, "widths": WIDTHS} if item["kind"] == Drawing.kind else {}),
        }
        for item in shown["items"]
    ]
    stimuli = [{**each, "html": to_html(each["text"])} for each in shown["stimuli"]]
    gate = sections.gate(form, place.attempt, now)
    intro = to_html(gate.open.intro if gate.open else "")
    return show(request, SheetPage(items, stimuli, _tongue(form.language), gate, intro))


def _tongue(language: str) -> dict[str, str]:
    """Where the file names no language, the first letter of each text says which way it runs."""
    direction = "rtl" if is_right_to_left(language) else "ltr"
    return {"lang": language, "dir": direction} if language else {"dir": "auto"}
