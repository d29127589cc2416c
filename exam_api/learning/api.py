"""Courses: JSON in, JSON out."""

from fastapi import APIRouter

from exam_api.accounts.access import Author, Instructor, SignedIn
from exam_api.errors import LessonLocked
from exam_api.learning import queries
from exam_api.learning.access import LedCourse, OwnCourse, SeenCourse, StaffCourse, is_staff
from exam_api.learning.schemas import (
    CourseIn,
    CourseOut,
    CourseRow,
    CourseSaved,
    DoneOut,
    EnrolIn,
    EnrolRow,
    LessonOut,
)
from exam_api.learning.service import content, folder, progress
from exam_api.web.deps import Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api/courses", tags=["learning"], responses=ERRORS(401, 422))


@router.post("", responses=ERRORS(403, 409))
async def import_course(body: CourseIn, actor: Author, session: Session, now: Now) -> CourseSaved:
    """Read in a course folder, or bring a course up to it; its slug stands in `course.yaml`."""
    return await folder.import_files(session, body.files, now, actor.id)


@router.get("")
async def list_courses(actor: SignedIn, session: Session) -> list[CourseRow]:
    """The courses a learner is enrolled in; all of them for authors and instructors."""
    records = await queries.list_courses(session, None if is_staff(actor) else actor.id)
    enrolled = await queries.list_enrolled(session, actor.id)
    done = await queries.list_done(session, actor.id, [record.id for record in records])
    return [
        content.row(content.course_of(record), done[record.id] if record.id in enrolled else None) for record in records
    ]


@router.get("/{slug}", responses=ERRORS(404))
async def read_course(place: SeenCourse, session: Session) -> CourseOut:
    """A course with the reader's own progress."""
    done = await progress.done_in(session, place.course.id, place.user_id)
    return content.shape(place.course, done if place.enrolled else None)


@router.get("/{slug}/files", responses=ERRORS(403, 404))
async def export_course(place: StaffCourse) -> CourseIn:
    """The folder as its author wrote it, ready to be sent again."""
    return CourseIn(files=place.course.files)


@router.get("/{slug}/lessons/{lesson}", responses=ERRORS(404, 409))
async def read_lesson(lesson: str, place: SeenCourse, session: Session) -> LessonOut:
    """A lesson with its Markdown; a learner reads it once it is open."""
    course = content.course_of(place.course)
    done = await progress.done_in(session, place.course.id, place.user_id)
    found = content.lesson(course, content.lesson_of(course, lesson), done if place.enrolled else None)
    if found.state == "locked" and not place.staff:
        raise LessonLocked
    return found


@router.post("/{slug}/lessons/{lesson}/done", responses=ERRORS(404, 409))
async def finish_lesson(lesson: str, place: OwnCourse, session: Session, now: Now) -> DoneOut:
    """Mark a lesson of an own course as done."""
    return await progress.finish(session, place.course, place.user_id, lesson, now)


@router.post("/{slug}/enrolments", responses=ERRORS(403, 404))
async def enrol(body: EnrolIn, place: LedCourse, actor: Instructor, session: Session, now: Now) -> list[EnrolRow]:
    """Put people into the course; one result per address."""
    return await progress.enrol(session, place.course, body.emails, now, actor.id)
