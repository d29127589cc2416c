"""Pages about grades: the marking room, the results of a sitting, the candidate's own result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from exam_api.accounts.access import Instructor
from exam_api.attempts.access import OwnAttempt
from exam_api.attempts.queries import counting_answers, get_exam, get_form
from exam_api.attempts.service import handed_in
from exam_api.attempts.service.handed_in import HandedIn
from exam_api.errors import EditedElsewhere, ExamError, Invalid, status_of
from exam_api.exams.access import LedSitting
from exam_api.grades import queries
from exam_api.grades.access import marked_place, parts_shown, points_shown
from exam_api.grades.schemas import GradeIn, GradesOut, StandingOut
from exam_api.grades.service import keeping, marking, results, sheets, standing
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page
from grading.item import to_data
from grading.kinds.short import WAITS

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])

Skip = Annotated[int, Query(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class QueuesPage(Page):
    """Every sitting with answers that wait."""

    template: ClassVar[str] = "grades/queues.html"
    queues: Sequence[queries.SittingQueue]


@dataclass(frozen=True)
class Shown:
    """One answer to grade: the question with its key, what was written, what the machine thinks."""

    attempt_id: UUID
    grade_id: int
    kind: str
    title: str
    prompt: Markup
    max_points: float
    model: dict[str, Any]
    answer: dict[str, Any]
    state: str
    confidence: float | None
    machine: str
    evidence: dict[str, Any]
    proposed: float | None  # by the program; `points` is what stands in the field, a typing error included
    points: str
    reason: str
    handed_in: HandedIn


@dataclass(frozen=True)
class MarkingPage(Page):
    """The marking room: one answer after another. `answer` None: nothing waits (any more)."""

    template: ClassVar[str] = "grades/marking.html"
    sitting_id: UUID
    sitting: str
    number: int
    total: int
    skip: int
    waiting: int
    by_hand: bool
    for_the_machine: int
    answer: Shown | None
    error: str | None


@dataclass(frozen=True)
class ResultsPage(Page):
    """Everybody's result in a sitting."""

    template: ClassVar[str] = "grades/results.html"
    sitting_id: UUID
    sitting: str
    exam: str
    rows: Sequence[standing.Row]
    several: bool
    waiting: int
    passed: int
    graded: int


@dataclass(frozen=True)
class ResultPage(Page):
    """The candidate's own result of one attempt. `found` None: not released yet. `standing`: where there are several."""

    template: ClassVar[str] = "grades/result.html"
    attempt_id: UUID
    title: str
    submitted_at: datetime | None
    pass_percent: float
    found: GradesOut | None
    handed_in: Mapping[str, HandedIn]
    standing: StandingOut | None


@router.get("/grading")
@router.get("/marking")  # the address in the main menu
async def queues_page(request: Request, _actor: Instructor, session: Session) -> HTMLResponse:
    """Where answers wait for a person."""
    return show(request, QueuesPage(await queries.sitting_queues(session)))


@router.get("/sittings/{sitting_id}/grading")
async def marking_page(
    request: Request,
    sitting: LedSitting,
    actor: Instructor,
    here: Here,
    session: Session,
    skip: Skip = 0,
    by_hand: bool = False,
) -> HTMLResponse:
    """The next answer that waits; `skip` leaves some for later."""
    found = await marking.queue(session, here, sitting.sitting, actor.id, by_hand=by_hand)
    return show(request, await _marking(session, sitting, found, skip, by_hand=by_hand))


@dataclass(frozen=True)
class GradeForm:
    """What the marking form sends. Points as typed: a comma is a point."""

    attempt_id: Annotated[UUID, Form()]
    item: Annotated[str, Form(max_length=200)]
    grade_id: Annotated[int, Form(ge=0, le=2**62)]
    points: Annotated[str, Form(max_length=40)] = ""
    reason: Annotated[str, Form(max_length=8_000)] = ""
    skip: Annotated[int, Form(ge=0, le=1_000_000)] = 0
    by_hand: Annotated[bool, Form()] = False

    def grade(self) -> GradeIn:
        """Raises `Invalid` in words for the form."""
        try:
            points = float(self.points.strip().replace(",", "."))
            return GradeIn(points=points, reason=self.reason)
        except ValidationError as error:
            wrong = error.errors()[0]["loc"][0]
            said = _("Give a reason; the candidate will read it.") if wrong == "reason" else _("Give points from 0 up.")
            raise Invalid(said) from error
        except ValueError as error:
            raise Invalid(_("Give the points as a number, such as 1.5.")) from error


@router.post("/sittings/{sitting_id}/grading", response_model=None)
async def mark(
    request: Request,
    sitting: LedSitting,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    form: Annotated[GradeForm, Depends()],
) -> HTMLResponse | RedirectResponse:
    """Keep the grade and go on to the next answer."""
    place = await marked_place(session, actor.id, form.attempt_id)
    try:
        await keeping.give(session, here, place, form.item, form.grade(), actor.id, now, seen=form.grade_id)
    except (Invalid, EditedElsewhere) as error:
        found = await marking.queue(session, here, sitting.sitting, actor.id, by_hand=form.by_hand)
        page = await _marking(session, sitting, found, form.skip, by_hand=form.by_hand, sent=form, error=error)
        return show(request, page, status_of(error))
    rest = f"?skip={form.skip}" + ("&by_hand=true" if form.by_hand else "")
    return RedirectResponse(f"/sittings/{sitting.sitting.id}/grading{rest}", 303)


async def _marking(
    session: Session,
    sitting: LedSitting,
    found: marking.Queue,
    skip: int,
    *,
    by_hand: bool,
    sent: GradeForm | None = None,
    error: ExamError | None = None,
) -> MarkingPage:
    waiting = len(found.waiting)
    skip = skip % waiting if waiting else 0
    shown = await marking.answers(session, found.forms, found.waiting[skip : skip + 1])
    return MarkingPage(
        sitting_id=sitting.sitting.id,
        sitting=sitting.sitting.title,
        number=found.marked + skip + 1,
        total=found.marked + waiting,
        skip=skip,
        waiting=waiting,
        by_hand=by_hand,
        for_the_machine=found.for_the_machine,
        answer=_shown(shown[0], sent, await _behind(session, found, shown[0])) if shown else None,
        error=str(error) if error else None,
    )


async def _behind(session: Session, found: marking.Queue, waiting: marking.Answer) -> HandedIn:
    attempt_id, item = waiting.grade.attempt_id, waiting.item.id
    return (await handed_in.behind(session, attempt_id, found.forms[attempt_id], {item: waiting.answer}))[item]


def _shown(waiting: marking.Answer, sent: GradeForm | None, behind: HandedIn) -> Shown:
    """What stands in the form: what was typed for this very grade, else the machine's proposal."""
    item, row = waiting.item, waiting.grade
    proposed = row.state == queries.PROPOSED
    typed = sent if sent is not None and sent.grade_id == row.id else None
    return Shown(
        attempt_id=row.attempt_id,
        grade_id=row.id,
        kind=item.kind,
        title=item.title,
        prompt=to_html(item.prompt),
        max_points=item.points,
        model=to_data(item),
        answer=waiting.answer or {},
        state=row.state,
        confidence=row.confidence,
        machine=row.feedback,
        evidence=row.evidence,
        proposed=row.points if proposed else None,
        points=typed.points if typed else f"{row.points:g}" if row.points is not None else "",
        reason=typed.reason if typed else row.feedback.replace(WAITS, "").strip() if proposed else "",
        handed_in=behind,
    )


@router.get("/sittings/{sitting_id}/results")
async def results_page(request: Request, sitting: LedSitting, here: Here, session: Session) -> HTMLResponse:
    """Everybody's result so far."""
    exam, rows = await standing.table(session, here, sitting.sitting)
    page = ResultsPage(
        sitting_id=sitting.sitting.id,
        sitting=sitting.sitting.title,
        exam=exam.title,
        rows=rows,
        several=sitting.sitting.attempts != 1,
        waiting=sum(row.for_people for row in rows),
        passed=sum(row.result is not None and row.result.passed for row in rows),
        graded=sum(row.result is not None and row.result.complete for row in rows),
    )
    return show(request, page)


@router.get("/sittings/{sitting_id}/results.csv")
async def results_file(sitting: LedSitting, here: Here, session: Session) -> Response:
    """The same for a spreadsheet."""
    exam, rows = await standing.table(session, here, sitting.sitting)
    name = f'attachment; filename="results-{sitting.sitting.id}.csv"'
    return Response(sheets.as_csv(exam, rows), media_type="text/csv", headers={"Content-Disposition": name})


@router.get("/attempts/{attempt_id}/result")
async def result_page(request: Request, place: OwnAttempt, here: Here, session: Session, now: Now) -> HTMLResponse:
    """The candidate's own result: what the sitting shows of it now."""
    exam = await get_exam(session, here, place.sitting.version_id)
    parts = await parts_shown(session, place, now)
    answers = await counting_answers(session, place.attempt.id) if "answers" in parts else {}
    form = await get_form(session, here, place)
    mine = await standing.of_person(session, here, place.sitting, place.attempt.candidate_id)
    page = ResultPage(
        attempt_id=place.attempt.id,
        title=exam.title,
        submitted_at=place.attempt.submitted_at,
        pass_percent=exam.pass_percent,
        found=await results.grades_of(session, here, place, parts) if parts else None,
        handed_in=await handed_in.behind(session, place.attempt.id, form, answers),
        standing=standing.shape(mine, await points_shown(session, mine.places, now)) if len(mine.tried) > 1 else None,
    )
    return show(request, page)
