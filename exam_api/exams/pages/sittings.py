"""Sittings: the list, planning one, its window and its roster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from exam_api.accounts.access import Instructor, Invigilator, Role
from exam_api.errors import ExamError, Invalid, NotPublished, SittingInUse, status_of
from exam_api.exams.access import LedSitting, SeenSitting
from exam_api.exams.pages.frame import (
    SAID,
    Blank,
    FormData,
    FormPage,
    Said,
    go,
    refusal_problems,
    shape_problems,
)
from exam_api.exams.queries import exams as exam_queries
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import ExtraTimeIn, RosterAdded, Search, SittingIn, SittingOut, Window
from exam_api.exams.service import agreements, paste, rosters, shapes, sittings
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.render import Page

# What a field of the rules means that is left empty.
LEFT_EMPTY: dict[str, str | None] = {
    "attempts": None,
    "delay_minutes": "0",
    "counts": "best",
    "late_minutes": "0",
    "late_percent": "0",
    "grace_minutes": None,
}

router = APIRouter(prefix="/sittings")


@dataclass(frozen=True)
class SittingList(Page):
    template: ClassVar[str] = "exams/sittings.html"
    sittings: list[queries.SittingListed]
    search: str
    may_plan: bool
    now: datetime


@dataclass(frozen=True)
class NewSitting(FormPage):
    """The window, the duration and the first people. Times are UTC; a script shows them in the reader's zone too."""

    template: ClassVar[str] = "exams/sitting_new.html"
    exams: list[tuple[str, str]]
    values: Blank
    left_out: list[paste.WrongLine] = field(default_factory=list)


@dataclass(frozen=True)
class SittingPage(FormPage):
    """One sitting; `added` and `left_out` report what a pasted list has become, activation codes this once."""

    template: ClassVar[str] = "exams/sitting.html"
    sitting: SittingOut
    values: Blank
    may_lead: bool
    locked_down: bool
    agreements: dict[str, str] = field(default_factory=lambda: agreements.LABELS, kw_only=True)
    now: datetime
    pasted: str = ""
    added: list[RosterAdded] = field(default_factory=list)
    left_out: list[paste.WrongLine] = field(default_factory=list)
    said: str | None = None


@router.get("")
async def sitting_list(
    request: Request, actor: Invigilator, session: Session, now: Now, search: Search = ""
) -> HTMLResponse:
    """All sittings."""
    found = await queries.list_sittings(session, search)
    return show(request, SittingList(found, search, actor.may(Role.instructor), now))


@router.get("/new")
async def new_sitting(request: Request, _: Instructor, session: Session, chance: Chance) -> HTMLResponse:
    """An empty form, or one for the exam that the address names."""
    plan = str(UUID(bytes=chance(16), version=4))
    values = Blank(
        {
            "exam_id": request.query_params.get("exam", ""),
            "minutes": "60",
            "attempts": "1",
            "late_minutes": "0",
            "late_percent": "0",
            "plan": plan,
        }
    )
    return show(request, NewSitting(await _exams(session), values))


async def _exams(session: Session) -> list[tuple[str, str]]:
    """The exams that can be sat: those with a published version."""
    listed = await exam_queries.list_exams(session, limit=500)
    return [(str(each.exam.id), f"{each.exam.title} ({each.version})") for each in listed if each.version]


@router.post("/new")
async def plan_sitting(
    request: Request,
    form: FormData,
    actor: Instructor,
    session: Session,
    here: Here,
    now: Now,
    chance: Chance,
) -> Response:
    """Plan it; a wrong line in the list of people stops everything, so that nobody is left out unseen."""
    pasted = paste.read_people(form.get("people", ""))
    try:
        body = SittingIn(exam_id=form.get("exam_id"), **_window(form))
        if pasted.wrong:
            return show(request, NewSitting(await _exams(session), form, left_out=pasted.wrong), 422)
        if (planned := await sittings.planned_before(session, form["plan"], actor.id)) is not None:
            return go(f"/sittings/{planned}")  # the page was sent again; one sitting is enough
        sitting = await sittings.plan(session, body, now, actor.id, form["plan"])
    except ValidationError as error:
        return show(
            request, NewSitting(await _exams(session), form, left_out=pasted.wrong, errors=shape_problems(error)), 422
        )
    except (Invalid, NotPublished) as error:
        return show(request, NewSitting(await _exams(session), form, errors=refusal_problems(error)), 422)
    added = await rosters.add(session, here, sitting.id, pasted.rows, now, chance, actor.id)
    if any(each.created for each in added):  # their codes are shown now or never
        found = await queries.find_sitting(session, sitting.id)
        assert found is not None
        return show(request, await _page(session, found, now, may_lead=True, added=added, said=SAID["planned"]), 201)
    return go(f"/sittings/{sitting.id}", "planned")


def _window(form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a window; a time that is none stays text, and the shape says so."""
    times = {name: _moment(form.get(name, "")) for name in ("opens_at", "closes_at")}
    rules = {name: form[name].strip() or empty for name, empty in LEFT_EMPTY.items() if name in form}
    return {"title": form.get("title", ""), "minutes": form.get("minutes", ""), **times, **rules}


def _moment(text: str) -> datetime | str:
    """A `datetime-local` value, which stands for UTC here."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _page(session: Session, found: queries.SittingListed, now: datetime, **more: Any) -> SittingPage:
    roster = await queries.list_roster(session, found.sitting.id)
    sitting = found.sitting
    values = {
        "title": sitting.title,
        "minutes": str(sitting.minutes),
        "attempts": "" if sitting.attempts is None else str(sitting.attempts),
        "delay_minutes": str(sitting.delay_minutes),
        "counts": sitting.counts,
        "late_minutes": str(sitting.late_minutes),
        "late_percent": str(sitting.late_percent),
        "grace_minutes": "" if sitting.grace_minutes is None else str(sitting.grace_minutes),
        "opens_at": f"{sitting.opens_at.astimezone(UTC):%Y-%m-%dT%H:%M}",
        "closes_at": f"{sitting.closes_at.astimezone(UTC):%Y-%m-%dT%H:%M}",
    }
    locked_down = await queries.is_locked_down(session, sitting.version_id)
    return SittingPage(
        **{
            "sitting": shapes.sitting_out(found, roster),
            "values": Blank(values),
            "now": now,
            "locked_down": locked_down,
            **more,
        }
    )


@router.get("/{sitting_id}")
async def sitting_page(
    request: Request, sitting: SeenSitting, actor: Invigilator, session: Session, now: Now, said: Said
) -> HTMLResponse:
    """A sitting; invigilators read, instructors change."""
    return show(request, await _page(session, sitting, now, may_lead=actor.may(Role.instructor), said=said))


@router.post("/{sitting_id}")
async def move_sitting(
    request: Request, form: FormData, sitting: LedSitting, actor: Instructor, session: Session, now: Now
) -> Response:
    """Change the window or the duration."""
    try:
        await sittings.move(session, sitting.sitting.id, Window(**_window(form)), now, actor.id)
    except (ValidationError, Invalid, SittingInUse) as error:
        problems = refusal_problems(error) if isinstance(error, ExamError) else shape_problems(error)
        page = await _page(session, sitting, now, may_lead=True, values=form, errors=problems)
        return show(request, page, 409 if isinstance(error, SittingInUse) else 422)
    return go(f"/sittings/{sitting.sitting.id}", "saved")


@router.post("/{sitting_id}/roster")
async def add_people(
    request: Request,
    form: FormData,
    sitting: LedSitting,
    actor: Instructor,
    session: Session,
    here: Here,
    now: Now,
    chance: Chance,
) -> HTMLResponse:
    """Take in a pasted list: the right lines are added, the wrong ones stay in the form with their reasons."""
    pasted = paste.read_people(form.get("people", ""))
    sitting_id = sitting.sitting.id
    try:
        async with session.begin_nested():  # all of the list or nothing of it
            added = await rosters.add(session, here, sitting_id, pasted.rows, now, chance, actor.id)
    except (Invalid, SittingInUse) as error:
        problems = [("people", text) for _field, text in refusal_problems(error)]
        page = await _page(session, sitting, now, may_lead=True, errors=problems, pasted=form["people"])
        return show(request, page, status_of(error))
    left = "\n".join(each.text for each in pasted.wrong)
    found = await queries.find_sitting(session, sitting_id)
    assert found is not None
    page = await _page(session, found, now, may_lead=True, added=added, left_out=pasted.wrong, pasted=left)
    return show(request, page, 422 if pasted.wrong else 200)


@router.post("/{sitting_id}/roster/{user_id}")
async def set_extra_time(
    request: Request,
    user_id: UUID,
    form: FormData,
    sitting: LedSitting,
    actor: Instructor,
    session: Session,
    now: Now,
) -> Response:
    """Other extra time for one person, what is agreed with them about being watched, or off the roster."""
    sitting_id = sitting.sitting.id
    try:
        if form.get("action") == "remove":
            await rosters.remove(session, sitting_id, user_id, now, actor.id)
            return go(f"/sittings/{sitting_id}#roster", "removed")
        if form.get("action") == "agree":
            agreed = [name for name in agreements.LABELS if form.get(f"agree-{name}")]
            await agreements.agree(session, sitting_id, user_id, agreed, now, actor.id)
            return go(f"/sittings/{sitting_id}#roster", "saved")
        extra = ExtraTimeIn.model_validate(paste.read_extra(form.get("extra", "")))
        await rosters.set_extra(session, sitting_id, user_id, extra, now, actor.id)
    except (ValidationError, Invalid, SittingInUse) as error:
        problems = refusal_problems(error) if isinstance(error, ExamError) else shape_problems(error)
        named = [(f"extra-{user_id}", text) for _field, text in problems]
        page = await _page(session, sitting, now, may_lead=True, errors=named)
        return show(request, page, 409 if isinstance(error, SittingInUse) else 422)
    return go(f"/sittings/{sitting_id}#roster", "saved")
