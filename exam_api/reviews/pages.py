"""Pages about reviews: the queue, one attempt, the release of a sitting's results."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import ValidationError

from exam_api.accounts.access import Instructor
from exam_api.attempts.queries import get_form
from exam_api.attempts.service import handed_in
from exam_api.attempts.service.handed_in import HandedIn
from exam_api.errors import EditedElsewhere, ExamError, Invalid, NotFound, WrongState, status_of
from exam_api.exams.access import LedSitting
from exam_api.exams.queries.sittings import find_sitting
from exam_api.reviews import queries
from exam_api.reviews.access import DecidedAttempt, ReviewedAttempt
from exam_api.reviews.schemas import ClearIn, DecisionIn, Outcome, QueueOut, ReleaseOut, ReviewOut
from exam_api.reviews.service import bundle, deciding, queue, releasing
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])

CONFIRMATION = "release"
VOID_CONFIRMATION = "void"
SAID = {
    "decided": _("Your decision is kept."),
    "cleared": _("Cleared. Their results can be released as soon as they are complete."),
    "last": _("Your decision is kept. Nobody else here waits for a person."),
}
UNCONFIRMED = _('To void the attempt, type "void". Nothing was decided.')
NO_REASON = _("Choose a decision and give a reason of 3 to 2,000 characters.")


@dataclass(frozen=True)
class QueuePage(Page):
    """The queue of one sitting. `queue` None: nobody has handed in anything yet."""

    template: ClassVar[str] = "reviews/queue.html"
    sittings: Sequence[queries.SittingCount]
    queue: QueueOut | None
    everybody: bool
    said: str | None
    error: str | None = None


@dataclass(frozen=True)
class ReviewPage(Page):
    """One attempt: everything that a decision needs, and the decision."""

    template: ClassVar[str] = "reviews/attempt.html"
    review: ReviewOut
    svg: Markup
    prompts: list[Markup]
    handed_in: dict[str, HandedIn]
    lasted: timedelta | None
    following: UUID | None
    said: str | None
    outcome: str = ""
    reason: str = ""
    error: str | None = None
    word: str = VOID_CONFIRMATION


@dataclass(frozen=True)
class ReleasePage(Page):
    """What a release would do, or has done (`done`)."""

    template: ClassVar[str] = "reviews/release.html"
    sitting_id: UUID
    sitting: str
    exam: str
    plan: ReleaseOut
    word: str
    done: int | None = None
    chosen: frozenset[str] | None = None
    error: str | None = field(default=None)


@router.get("/reviews")
async def queue_page(
    request: Request,
    actor: Instructor,
    here: Here,
    session: Session,
    sitting: UUID | None = None,
    everybody: bool = False,
    said: str = "",
) -> HTMLResponse:
    """Who needs a person first."""
    return show(request, await _queue(session, here, actor.id, sitting, everybody=everybody, said=SAID.get(said)))


async def _queue(
    session: Session, here: Here, actor_id: UUID, sitting_id: UUID | None, *, everybody: bool, said: str | None
) -> QueuePage:
    """The named sitting, else the latest in which something is left to do."""
    counts = await queries.sittings_to_review(session)
    if sitting_id is not None:
        found = await find_sitting(session, sitting_id)
        if found is None:
            raise NotFound
        sitting = found.sitting
    elif counts:
        sitting = next((each for each in counts if each.closed < each.attempts), counts[0]).sitting
    else:
        return QueuePage(counts, None, everybody, said)
    shown = await queue.read(session, here, sitting, actor_id, only_open=not everybody)
    return QueuePage(counts, shown, everybody, said)


@router.post("/reviews/clear", response_model=None)
async def clear(
    request: Request,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    sitting: Annotated[UUID, Form()],
    reason: Annotated[str, Form(max_length=4_000)] = "",
) -> HTMLResponse | RedirectResponse:
    """One decision for everybody without a flag."""
    found = await find_sitting(session, sitting)
    if found is None:
        raise NotFound
    try:
        body = ClearIn(sitting=sitting, reason=reason)
    except ValidationError:
        page = await _queue(session, here, actor.id, sitting, everybody=False, said=None)
        return show(request, QueuePage(page.sittings, page.queue, everybody=False, said=None, error=NO_REASON), 422)
    await deciding.clear(session, here, found.sitting, body.reason, actor.id, now)
    return RedirectResponse(f"/reviews?sitting={sitting}&said=cleared", 303)


@router.get("/reviews/{attempt_id}")
async def review_page(
    request: Request, place: ReviewedAttempt, actor: Instructor, here: Here, session: Session, said: str = ""
) -> HTMLResponse:
    """One attempt."""
    return show(request, await _review(session, here, place, actor.id, said=SAID.get(said)))


@router.get("/attempts/{attempt_id}/review")
async def old_address(attempt_id: UUID, _actor: Instructor) -> RedirectResponse:
    """The address that lists of attempts use."""
    return RedirectResponse(f"/reviews/{attempt_id}", 303)


async def _review(
    session: Session,
    here: Here,
    place: ReviewedAttempt,
    actor_id: UUID,
    *,
    said: str | None = None,
    outcome: str = "",
    reason: str = "",
    error: str | None = None,
) -> ReviewPage:
    found = await bundle.read(session, here, place)
    review = found.review
    ended = review.submitted_at or review.ends_at
    form = await get_form(session, here, place)
    answers = {each.grade.item: each.answer for each in review.answers}
    return ReviewPage(
        review=review,
        svg=Markup(found.svg),  # noqa: S704  (drawn by proctor.picture, every text escaped)
        prompts=[to_html(each.prompt) for each in review.answers],
        handed_in=await handed_in.behind(session, place.attempt.id, form, answers),
        lasted=ended - review.started_at if ended and review.started_at else None,
        following=await queue.after(session, here, place.sitting, actor_id, place.attempt.id),
        said=said,
        outcome=outcome,
        reason=reason,
        error=error,
    )


@router.post("/reviews/{attempt_id}", response_model=None)
async def decide(
    request: Request,
    place: DecidedAttempt,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    outcome: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=4_000)] = "",
    seen: Annotated[str, Form(max_length=64)] = "",
    confirmation: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep the decision and go on to who is next."""
    try:
        body = DecisionIn.model_validate({"outcome": outcome, "reason": reason, "seen": seen})
        _confirm(body, confirmation)
        await deciding.decide(session, here, place, body, actor.id, now)
    except (ValidationError, Invalid, WrongState, EditedElsewhere) as problem:
        error: ExamError = Invalid(NO_REASON) if isinstance(problem, ValidationError) else problem
        page = await _review(session, here, place, actor.id, outcome=outcome, reason=reason, error=str(error))
        return show(request, page, status_of(error))
    following = await queue.after(session, here, place.sitting, actor.id, place.attempt.id)
    if following is None:
        return RedirectResponse(f"/reviews?sitting={place.sitting.id}&said=last", 303)
    return RedirectResponse(f"/reviews/{following}?said=decided", 303)


def _confirm(body: DecisionIn, typed: str) -> None:
    """A void takes back even what was released, so one click is not enough. Raises `Invalid`."""
    if body.outcome == Outcome.void and typed.strip().lower() != VOID_CONFIRMATION:
        raise Invalid(UNCONFIRMED)


@router.get("/sittings/{sitting_id}/release")
async def release_page(
    request: Request, sitting: LedSitting, actor: Instructor, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """What a release would do."""
    return show(request, await _release(session, here, sitting, actor.id, now))


async def _release(session: Session, here: Here, sitting: LedSitting, actor_id: UUID, now: datetime) -> ReleasePage:
    return ReleasePage(
        sitting_id=sitting.sitting.id,
        sitting=sitting.sitting.title,
        exam=sitting.exam_title,
        plan=await releasing.plan(session, here, sitting.sitting, actor_id, now),
        word=CONFIRMATION,
    )


@router.post("/sittings/{sitting_id}/release")
async def release(
    request: Request,
    sitting: LedSitting,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    confirmation: Annotated[str, Form(max_length=100)] = "",
    attempts: Annotated[list[UUID] | None, Form(max_length=10_000)] = None,
) -> HTMLResponse:
    """Release the chosen results, and say of each what became of it."""
    page = await _release(session, here, sitting, actor.id, now)
    chosen = frozenset(str(each) for each in attempts or ())
    error = None
    if confirmation.strip().lower() != CONFIRMATION:
        error = _('To release, type "release". Nothing was released.')
    elif not chosen:
        error = _("Choose at least one person. Nothing was released.")
    if error:
        values = {**vars(page), "chosen": chosen, "error": error}
        return show(request, ReleasePage(**values), 422)
    before = {row.attempt_id for row in page.plan.attempts if row.released_at}
    found = await releasing.release(session, here, sitting.sitting, attempts, actor.id, now)
    done = sum(row.released and row.attempt_id not in before for row in found.attempts)
    after = await releasing.plan(session, here, sitting.sitting, actor.id, now)
    return show(request, ReleasePage(**{**vars(page), "plan": after, "done": done}))
