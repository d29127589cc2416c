"""Pages about proof: what a candidate takes home, a recovery file taken in by staff, and what a receipts file proves."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse

from credentials.attempt.recovery import public_jwk
from credentials.canonical import MAX_BYTES
from exam_api.accounts.access import Invigilator, MaybeActor
from exam_api.attempts import queries
from exam_api.attempts.access import OwnAttempt, OwnAttemptLocked
from exam_api.attempts.queries import Place
from exam_api.attempts.service import arbiter, copies, handed_in, recovery
from exam_api.attempts.service.handed_in import FileSeen
from exam_api.errors import Invalid, NotAllowed, NotFound, TooManyTries, WrongState, status_of
from exam_api.exams.service.further import next_from
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class RecoveryPage(Page):
    """Take in a recovery file: choose it, see what is new in it, say why. `document` is the file in between."""

    template: ClassVar[str] = "attempts/recovery.html"
    attempt_id: UUID
    candidate: str
    ends_at: datetime | None
    titles: dict[str, str]
    found: recovery.Found | None = None
    taken: bool = False
    document: str = ""
    reason: str = ""
    error: str | None = None


async def _foreign_place(attempt_id: UUID, actor: Invigilator, session: Session) -> Place:
    place = await queries.find_place(session, attempt_id, lock=True)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor.id:
        raise NotAllowed(_("Nobody takes in answers of their own exam."))
    return place


ForeignAttempt = Annotated[Place, Depends(_foreign_place)]


async def _recovery_page(session: Session, here: Here, place: Place) -> RecoveryPage:
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    return RecoveryPage(
        attempt_id=place.attempt.id,
        candidate=await queries.name_of(session, place.attempt.candidate_id),
        ends_at=place.attempt.ends_at,
        titles={item.id: item.title for item in exam.items},
    )


@router.get("/attempts/{attempt_id}/recovery")
async def recovery_page(request: Request, place: ForeignAttempt, here: Here, session: Session) -> HTMLResponse:
    """Choose a candidate's recovery file."""
    return show(request, await _recovery_page(session, here, place))


@router.post("/attempts/{attempt_id}/recovery")
async def take_recovery(
    request: Request,
    place: ForeignAttempt,
    actor: Invigilator,
    here: Here,
    session: Session,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    document: Annotated[str, Form(max_length=2_000_000)] = "",
    reason: Annotated[str, Form(max_length=2_000)] = "",
) -> HTMLResponse:
    """First show what the file would add; then, with a reason, take it in."""
    page = await _recovery_page(session, here, place)
    content = await file.read(2_000_001) if file else document.encode()
    try:
        found = await recovery.read(session, here, place, content)
        page = replace(page, found=found, document=content.decode(), reason=reason)
        if file is None:
            await recovery.take(session, here, place, content, actor.id, reason, now)
            page = replace(page, taken=True)
    except (Invalid, WrongState) as error:
        return show(request, replace(page, error=str(error)), status_of(error))
    return show(request, page)


@dataclass(frozen=True)
class CopyView:
    """The candidate's wish for a copy by mail; `open`: a wish can be made now."""

    address: str
    state: str = ""
    at: datetime | None = None
    problem: str | None = None
    open: bool = True
    error: str | None = None


@dataclass(frozen=True)
class SubmittedPage(Page):
    """What we hold, and the candidate's own proof of it."""

    template: ClassVar[str] = "attempts/submitted.html"
    attempt_id: UUID
    title: str
    submitted_at: datetime
    saves: int
    answered: int
    questions: int
    head: str
    log_index: int | None
    recovery_jwk: dict[str, str]
    files: tuple[FileSeen, ...]
    copy: CopyView | None
    now: datetime
    sitting_id: UUID
    number: int
    allowed: int | None
    counts: str
    next_from: datetime | None
    leave: str | None  # where the locked-down browser ends itself


@router.get("/attempts/{attempt_id}/submitted")
async def submitted(request: Request, place: OwnAttempt, here: Here, session: Session, now: Now) -> HTMLResponse:
    """What we hold, and the receipts to take home."""
    if place.attempt.submitted_at is None:
        return HTMLResponse("", 303, {"Location": f"/sittings/{place.sitting.id}/start"})
    return show(request, await _submitted(session, here, place, now))


@router.post("/attempts/{attempt_id}/copy")
async def ask_for_copy(
    request: Request, place: OwnAttemptLocked, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """Mail the receipts file to the candidate's own address."""
    try:
        await copies.ask(session, here, place, now)
    except (WrongState, TooManyTries) as error:
        if place.attempt.submitted_at is None:
            raise
        return show(request, await _submitted(session, here, place, now, str(error)), status_of(error))
    return HTMLResponse("", 303, {"Location": f"/attempts/{place.attempt.id}/submitted#copy"})


async def _submitted(
    session: Session, here: Here, place: Place, now: datetime, error: str | None = None
) -> SubmittedPage:
    attempt = place.attempt
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    latest = await queries.latest_responses(session, attempt.id)
    form = await queries.get_form(session, here, place)
    behind = await handed_in.behind(session, attempt.id, form, {each.item: each.answer for each in latest})
    head = await queries.find_head(session, attempt.id)
    assert attempt.submitted_at is not None
    return SubmittedPage(
        attempt_id=attempt.id,
        title=exam.title,
        submitted_at=attempt.submitted_at,
        saves=attempt.seq,
        answered=len(latest),
        questions=exam.count,
        head=attempt.head,
        log_index=head.log_index if head else None,
        recovery_jwk=public_jwk(here.keyring.recovery),
        files=tuple(file for each in behind.values() for file in each.files),
        copy=await _copy(session, here, place, error),
        now=now,
        sitting_id=place.sitting.id,
        number=attempt.number,
        allowed=place.sitting.attempts,
        counts=place.sitting.counts,
        next_from=await _further(session, place, now),
        leave=f"/sittings/{place.sitting.id}/left" if exam.proctoring.locked_down else None,
    )


async def _further(session: Session, place: Place, now: datetime) -> datetime | None:
    """From when this person may begin a further attempt; None: never, or one has begun already."""
    newest = await queries.find_attempt_of(session, place.sitting.id, place.attempt.candidate_id)
    if newest is None or newest.id != place.attempt.id or now >= place.sitting.closes_at:
        return None
    return next_from(place.sitting, newest)


async def _copy(session: Session, here: Here, place: Place, error: str | None) -> CopyView | None:
    if here.mail is None:
        return None
    address = await queries.address_of(session, place.attempt.candidate_id)
    row = await queries.find_mail(session, place.attempt.id)
    if row is None:
        return CopyView(address, error=error)
    may_ask = row.state != "waiting" and row.asked < copies.MOST
    return CopyView(address, row.state, row.changed_at, row.problem, may_ask, error)


@dataclass(frozen=True)
class ArbiterPage(Page):
    """What a receipts file proves, for anyone."""

    template: ClassVar[str] = "attempts/arbiter.html"
    found: arbiter.Judged | None = None
    error: str | None = None


@router.get("/receipts")
async def arbiter_page(request: Request, _actor: MaybeActor) -> HTMLResponse:
    """Drop a receipts file here."""
    return show(request, ArbiterPage())


@router.post("/receipts")
async def judge_receipts(
    request: Request,
    actor: MaybeActor,
    here: Here,
    session: Session,
    file: Annotated[UploadFile | None, File()] = None,
) -> HTMLResponse:
    """Read what the file proves. Nothing of it is kept."""
    content = await file.read(MAX_BYTES + 1) if file else b""
    try:
        found = await arbiter.judge(session, here, actor, content)
    except Invalid as error:
        return show(request, ArbiterPage(error=str(error)), 422)
    return show(request, ArbiterPage(found))
