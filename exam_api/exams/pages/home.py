"""Home: what is next for whoever has signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from exam_api.accounts.access import Role, SignedIn
from exam_api.accounts.service import health as machinery
from exam_api.exams.access import owner_filter
from exam_api.exams.queries import exams as exam_queries
from exam_api.exams.queries import sittings as sitting_queries
from exam_api.exams.schemas import MySitting
from exam_api.exams.service import mine
from exam_api.learning import queries as learning_queries
from exam_api.learning.schemas import CourseRow, NextStep
from exam_api.learning.service import content
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()

SHOWN = 6
DUE = ("running", "open", "again", "planned")


@dataclass(frozen=True)
class Home(Page):
    """What is due and what is next: own sittings and courses; for staff, their exams, the sittings of these days, and
    what needs an operator.
    """

    template: ClassVar[str] = "exams/home.html"
    name: str
    due: list[MySitting]
    over: list[MySitting]
    courses: list[tuple[CourseRow, NextStep | None]]
    exams: list[exam_queries.ExamListed]
    sittings: list[sitting_queries.SittingListed]
    writes: bool
    leads: bool
    watches: bool
    health: machinery.Report | None
    now: datetime


@dataclass(frozen=True)
class MyExams(Page):
    """All sittings of one candidate."""

    template: ClassVar[str] = "exams/mine.html"
    due: list[MySitting]
    over: list[MySitting]
    now: datetime


async def _mine(session: Session, actor: SignedIn, now: datetime) -> tuple[list[MySitting], list[MySitting]]:
    every = [mine.shape(each, now) for each in await sitting_queries.list_mine(session, actor.id)]
    due = [each for each in every if each.state in DUE]
    due.sort(key=lambda each: (DUE.index(each.state), each.opens_at))
    return due, [each for each in reversed(every) if each.state not in DUE]


async def _courses(session: Session, actor: SignedIn) -> list[tuple[CourseRow, NextStep | None]]:
    records = await learning_queries.list_courses(session, actor.id)
    done = await learning_queries.list_done(session, actor.id, [record.id for record in records])
    rows = [(content.course_of(record), done[record.id]) for record in records]
    return [(content.row(course, did), content.next_of(course, did)) for course, did in rows]


@router.get("/home")
async def home(request: Request, actor: SignedIn, session: Session, here: Here, now: Now) -> HTMLResponse:
    """One page for everybody; each sees what is theirs."""
    due, over = await _mine(session, actor, now)
    writes, leads = actor.may(Role.author, Role.instructor), actor.may(Role.instructor)
    watches = actor.may(Role.instructor, Role.invigilator)
    page = Home(
        name=actor.name,
        due=due,
        over=over[:SHOWN],
        courses=await _courses(session, actor),
        exams=await exam_queries.list_exams(session, owner_filter(actor), limit=SHOWN) if writes else [],
        sittings=await sitting_queries.list_sittings(session, limit=SHOWN) if watches else [],
        writes=writes,
        leads=leads,
        watches=watches,
        health=await machinery.look(session, here, now) if actor.may(Role.operator) else None,
        now=now,
    )
    return show(request, page)


@router.get("/my/exams")
async def my_exams(request: Request, actor: SignedIn, session: Session, now: Now) -> HTMLResponse:
    """What is due, and what is over."""
    return show(request, MyExams(*await _mine(session, actor, now), now))


@router.get("/learn")
async def learn(_: SignedIn) -> RedirectResponse:
    """The menu's address of the courses."""
    return RedirectResponse("/courses", 303)
