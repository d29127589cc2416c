"""Courses for people: the list, a course, a lesson."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from exam_api.accounts.access import Author, Instructor, Role, SignedIn
from exam_api.accounts.schemas import Email
from exam_api.errors import CourseFilesWrong, LessonLocked
from exam_api.learning import queries
from exam_api.learning.access import LedCourse, OwnCourse, SeenCourse, StaffCourse, is_staff
from exam_api.learning.schemas import MAX_TOTAL, CourseOut, CourseRow, EnrolRow, LessonOut
from exam_api.learning.service import content, folder, progress
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page

router = APIRouter(prefix="/courses", include_in_schema=False, dependencies=[Depends(checked_form)])

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
TOO_LARGE = _("The files are larger than 10 MB together.")


@dataclass(frozen=True)
class CourseList(Page):
    """The courses of a learner, or all of them for staff; authors import here."""

    template: ClassVar[str] = "learning/courses.html"
    courses: list[CourseRow]
    may_import: bool
    problems: list[dict[str, str | int]] = field(default_factory=list)


@dataclass(frozen=True)
class CoursePage(Page):
    """Modules and lessons, how far one is, and whether the exam is open."""

    template: ClassVar[str] = "learning/course.html"
    course: CourseOut
    staff: bool
    may_enrol: bool
    people: list[tuple[str, str, int]]
    enrolled: list[EnrolRow] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LessonPage(Page):
    """One lesson to read, and the way on."""

    template: ClassVar[str] = "learning/lesson.html"
    course: CourseOut
    lesson: LessonOut
    html: Markup
    before: tuple[str, str] | None
    after: tuple[str, str] | None
    may_finish: bool


@router.get("")
async def course_list(request: Request, actor: SignedIn, session: Session) -> HTMLResponse:
    """The courses one can open."""
    return show(request, await _list(session, actor))


async def _list(session: Session, actor: SignedIn, problems: list[dict[str, str | int]] | None = None) -> CourseList:
    records = await queries.list_courses(session, None if is_staff(actor) else actor.id)
    enrolled = await queries.list_enrolled(session, actor.id)
    done = await queries.list_done(session, actor.id, [record.id for record in records])
    rows = [
        content.row(content.course_of(record), done[record.id] if record.id in enrolled else None) for record in records
    ]
    return CourseList(rows, actor.may(Role.author), problems or [])


async def _uploads(request: Request) -> list[tuple[str, bytes]]:
    """The files of the form; a chosen folder comes as files with their paths."""
    async with request.form() as form:  # closes the temporary files
        files = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
        if sum(part.size or 0 for part in files) > MAX_TOTAL:
            raise CourseFilesWrong(problems=[{"file": "", "line": 1, "message": TOO_LARGE}])
        return [(part.filename, await part.read()) for part in files if part.filename]


Uploads = Annotated[list[tuple[str, bytes]], Depends(_uploads)]


@router.post("")
async def import_course(request: Request, uploads: Uploads, actor: Author, session: Session, now: Now) -> Response:
    """Read in a folder; what is wrong is listed by file and line."""
    try:
        saved = await folder.import_files(session, folder.unpack(uploads), now, actor.id)
    except CourseFilesWrong as error:
        return show(request, await _list(session, actor, error.extra["problems"]), 422)
    return RedirectResponse(f"/courses/{saved.slug}", 303)


@router.get("/{slug}")
async def course_page(request: Request, place: SeenCourse, actor: SignedIn, session: Session) -> HTMLResponse:
    """A course."""
    return show(request, await _course(session, place, actor))


async def _course(
    session: Session,
    place: SeenCourse,
    actor: SignedIn,
    rows: list[EnrolRow] | None = None,
    wrong: list[str] | None = None,
) -> CoursePage:
    done = await progress.done_in(session, place.course.id, actor.id)
    leads = actor.may(Role.instructor)
    return CoursePage(
        course=content.shape(place.course, done if place.enrolled else None),
        staff=place.staff,
        may_enrol=leads,
        people=await queries.list_people(session, place.course.id) if leads else [],
        enrolled=rows or [],
        wrong=wrong or [],
    )


@router.get("/{slug}/export.zip")
async def export_course(place: StaffCourse) -> Response:
    """The folder as its author wrote it."""
    headers = {"Content-Disposition": f'attachment; filename="{place.course.slug}.zip"'}
    return Response(folder.pack(place.course), media_type="application/zip", headers=headers)


@router.post("/{slug}/enrolments")
async def enrol(request: Request, place: LedCourse, actor: Instructor, session: Session, now: Now) -> HTMLResponse:
    """Put a pasted list of addresses into the course, and say what became of each."""
    right, wrong = _addresses(str((await request.form()).get("emails", "")))
    rows = await progress.enrol(session, place.course, right, now, actor.id) if right else []
    return show(request, await _course(session, place, actor, rows, wrong))


def _addresses(text: str) -> tuple[list[str], list[str]]:
    right, wrong = [], []
    for word in text.replace(",", " ").replace(";", " ").split()[:5_000]:
        try:
            right.append(EMAIL.validate_python(word))
        except ValidationError:
            wrong.append(word[:200])
    return right, wrong


@router.get("/{slug}/{lesson}")
async def lesson_page(
    request: Request, lesson: str, place: SeenCourse, actor: SignedIn, session: Session
) -> HTMLResponse:
    """A lesson. One that is still locked names what comes before it; staff can read it anyway."""
    return show(request, await _lesson(session, place, actor, lesson))


async def _lesson(session: Session, place: SeenCourse, actor: SignedIn, lesson: str) -> LessonPage:
    course = content.course_of(place.course)
    found = content.lesson_of(course, lesson)
    done = await progress.done_in(session, place.course.id, actor.id)
    shown = content.lesson(course, found, done if place.enrolled else None)
    order = [(each.id, each.title) for each in course.lessons]
    at = order.index((found.id, found.title))
    locked = shown.state == "locked" and not place.staff
    return LessonPage(
        course=content.shape(place.course, done if place.enrolled else None),
        lesson=shown,
        html=Markup() if locked else to_html(found.body_markdown),
        before=order[at - 1] if at else None,
        after=order[at + 1] if at + 1 < len(order) else None,
        may_finish=place.enrolled and shown.state == "open",
    )


@router.post("/{slug}/{lesson}")
async def finish_lesson(
    request: Request, lesson: str, place: OwnCourse, actor: SignedIn, session: Session, now: Now
) -> Response:
    """Mark the lesson as done and go on to what is next."""
    try:
        done = await progress.finish(session, place.course, actor.id, lesson, now)
    except LessonLocked:
        return show(request, await _lesson(session, place, actor, lesson), 409)
    step = done.next
    lesson_next = step.id if step is not None and step.kind == "lesson" else None
    return RedirectResponse(f"/courses/{place.course.slug}" + (f"/{lesson_next}" if lesson_next else ""), 303)
