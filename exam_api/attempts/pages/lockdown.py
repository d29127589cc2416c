"""Pages of the locked-down browser: how a candidate gets in, what staff set, and the decision to do without."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from exam_api.accounts.access import Instructor, Invigilator, MaybeActor, Role
from exam_api.attempts import queries
from exam_api.attempts.access import OwnAttempt
from exam_api.attempts.pages.exam import next_place
from exam_api.attempts.queries import Place
from exam_api.attempts.queries import lockdown as rows
from exam_api.attempts.service import lockdown
from exam_api.attempts.service.states import STARTED, Status
from exam_api.db.models.lockdown import BrowserProof
from exam_api.errors import Invalid, NotAllowed, NotFound, SignInNeeded
from exam_api.exams.access import LedSitting, SeenSitting
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page
from grading.exam import Exam
from lockdown.key import config_key
from lockdown.plist import write_plist

router = APIRouter()
MEDIA_TYPE = "application/seb"


@dataclass(frozen=True)
class BrowserPage(Page):
    """In place of the exam while its browser has proven nothing: what to do. A script of the page tries to prove it."""

    template: ClassVar[str] = "attempts/browser.html"
    attempt_id: UUID
    title: str
    check: str
    ways: lockdown.Ways


@router.get("/attempts/{attempt_id}/browser", response_model=None)
async def browser_page(
    request: Request, place: OwnAttempt, here: Here, session: Session, now: Now, check: str = ""
) -> HTMLResponse | RedirectResponse:
    """What to do, or on to where the candidate belongs. The address holds a check, for the page to show its hash."""
    attempt = place.attempt
    over = attempt.status not in {Status.ready, *STARTED}
    if over or await lockdown.is_open(session, here, place, now):
        return RedirectResponse(next_place(attempt.status, attempt.id), 303)
    if not lockdown.is_fresh(here, attempt.id, check, now):
        return RedirectResponse(f"{request.url.path}?check={lockdown.new_check(here, attempt.id, now)}", 303)
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    ways = lockdown.ways(here, place.sitting.id, attempt.candidate_id, now)
    return show(request, BrowserPage(attempt.id, exam.title, check, ways))


@router.get("/sittings/{sitting_id}/settings.seb")
async def settings_file(
    request: Request, sitting_id: UUID, actor: MaybeActor, here: Here, session: Session, now: Now
) -> Response:
    """A candidate's settings file: by their session, or by the link that names them."""
    link = request.query_params.get("for")
    if link is None and actor is None:
        raise SignInNeeded
    user_id = actor.id if link is None and actor is not None else lockdown.bearer(here, sitting_id, link or "", now)
    return _file(await lockdown.file_for(session, here, sitting_id, user_id, now), sitting_id)


def _file(content: bytes, sitting_id: UUID) -> Response:
    name = f'attachment; filename="exam-{str(sitting_id)[:8]}.seb"'
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": name})


@router.get("/sittings/{sitting_id}/left")
async def left() -> RedirectResponse:
    """Where Safe Exam Browser ends itself; any other browser goes home."""
    return RedirectResponse("/", 303)


# --- for staff ---
@dataclass(frozen=True)
class LockdownPage(Page):
    """A sitting's settings: the word that ends the browser early, the Config Key, which builds are accepted."""

    template: ClassVar[str] = "attempts/lockdown.html"
    sitting_id: UUID
    title: str
    quit_password: str
    config_key: str
    exam_keys: str
    may_lead: bool
    saved: bool = False
    error: str | None = None


async def _locked(session: Session, here: Here, sitting: SeenSitting) -> Exam:
    """Raises `NotFound` where the exam is sat in any browser."""
    exam = await queries.get_exam(session, here, sitting.sitting.version_id)
    if not exam.proctoring.locked_down:
        raise NotFound
    return exam


async def _lockdown_page(
    session: Session,
    here: Here,
    sitting: SeenSitting,
    *,
    may_lead: bool,
    saved: bool = False,
    typed: str | None = None,
    error: str | None = None,
) -> LockdownPage:
    exam = await _locked(session, here, sitting)
    row = sitting.sitting
    return LockdownPage(
        sitting_id=row.id,
        title=row.title,
        quit_password=lockdown.quit_password(here, row.id),
        config_key=config_key(lockdown.settings(here, row, exam)),
        exam_keys="\n".join(await rows.find_exam_keys(session, row.id)) if typed is None else typed,
        may_lead=may_lead,
        saved=saved,
        error=error,
    )


@router.get("/sittings/{sitting_id}/browser")
async def lockdown_page(
    request: Request, sitting: SeenSitting, actor: Invigilator, here: Here, session: Session, said: str = ""
) -> HTMLResponse:
    """What staff need to know and may set."""
    may_lead = actor.may(Role.instructor)
    return show(request, await _lockdown_page(session, here, sitting, may_lead=may_lead, saved=said == "saved"))


@router.get("/sittings/{sitting_id}/browser/settings.seb")
async def staff_file(sitting: LedSitting, here: Here, session: Session) -> Response:
    """The settings, to open in the browser's own tool beforehand."""
    exam = await _locked(session, here, sitting)
    return _file(write_plist(lockdown.settings(here, sitting.sitting, exam)), sitting.sitting.id)


@router.post("/sittings/{sitting_id}/browser", response_model=None)
async def accept_exam_keys(
    request: Request,
    sitting: LedSitting,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    exam_keys: Annotated[str, Form(max_length=5_000)] = "",
) -> HTMLResponse | RedirectResponse:
    """Say which builds of the browser are accepted."""
    await _locked(session, here, sitting)
    try:
        await lockdown.accept_exam_keys(session, sitting.sitting.id, exam_keys, now, actor.id)
    except Invalid as error:
        message = error.extra["problems"][0]["message"]
        page = await _lockdown_page(session, here, sitting, may_lead=True, typed=exam_keys, error=message)
        return show(request, page, 422)
    return RedirectResponse(f"/sittings/{sitting.sitting.id}/browser?said=saved", 303)


@dataclass(frozen=True)
class ExcusePage(Page):
    """A person decides that somebody sits without the locked-down browser."""

    template: ClassVar[str] = "attempts/excuse.html"
    attempt_id: UUID
    sitting_id: UUID
    candidate: str
    proof: BrowserProof | None
    stands: bool
    reason: str = ""
    error: str | None = None


async def _watched_place(attempt_id: UUID, actor: Invigilator, session: Session) -> Place:
    place = await queries.find_place(session, attempt_id)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor.id:
        raise NotAllowed(_("Nobody decides about their own exam."))
    return place


WatchedPlace = Annotated[Place, Depends(_watched_place)]


async def _excuse_page(
    session: Session, here: Here, place: Place, now: datetime, reason: str = "", error: str | None = None
) -> ExcusePage:
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    if not exam.proctoring.locked_down:
        raise NotFound
    name = await queries.name_of(session, place.attempt.candidate_id)
    proof = await rows.find_proof(session, place.attempt.id)
    stands = lockdown.stands(proof, now, None)
    return ExcusePage(place.attempt.id, place.sitting.id, name, proof, stands, reason, error)


@router.get("/attempts/{attempt_id}/without-browser")
async def excuse_page(request: Request, place: WatchedPlace, here: Here, session: Session, now: Now) -> HTMLResponse:
    """How the browser stands, and the decision."""
    return show(request, await _excuse_page(session, here, place, now))


@router.post("/attempts/{attempt_id}/without-browser", response_model=None)
async def excuse(
    request: Request,
    place: WatchedPlace,
    actor: Invigilator,
    here: Here,
    session: Session,
    now: Now,
    reason: Annotated[str, Form(max_length=1_000)] = "",
) -> HTMLResponse | RedirectResponse:
    """Decide it, with a reason."""
    page = await _excuse_page(session, here, place, now, reason)
    try:
        await lockdown.excuse(session, place, reason, now, actor.id)
    except Invalid as error:
        return show(request, await _excuse_page(session, here, place, now, reason, str(error)), 422)
    return RedirectResponse(f"/sittings/{page.sitting_id}/live", 303)
