"""A stored course as the course it describes, and as its reader sees it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from courses import progress
from courses.content import Course, ExamRef, Lesson, read_course
from courses.errors import UnknownLesson
from exam_api.db.models.learning import Course as CourseRecord
from exam_api.errors import NotFound
from exam_api.learning.schemas import CourseExam, CourseOut, CourseRow, LessonOut, LessonRow, ModuleOut, NextStep


@dataclass(frozen=True)
class _Stored:
    """Equal revisions hold equal files, so reading once is enough; a page need not parse all Markdown again."""

    id: UUID
    revision: int
    files: dict[str, str] = field(compare=False)


@lru_cache(maxsize=64)
def _read(stored: _Stored) -> Course:
    return read_course(stored.files)


def course_of(record: CourseRecord) -> Course:
    """The course that a record's files describe."""
    return _read(_Stored(record.id, record.revision, record.files))


def lesson_of(course: Course, lesson_id: str) -> Lesson:
    """Raises `NotFound`."""
    try:
        return course.lesson(lesson_id)
    except UnknownLesson as error:
        raise NotFound from error


def row(course: Course, done: Collection[str] | None) -> CourseRow:
    """One line of a list; `done` None: not enrolled."""
    return CourseRow(
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        lessons=len(course.lessons),
        minutes=course.minutes,
        percent=None if done is None else progress.percent(course, done),
    )


def shape(record: CourseRecord, done: Collection[str] | None) -> CourseOut:
    """The whole course with the reader's progress; who is not enrolled has done nothing."""
    course = course_of(record)
    did = done or ()
    states = progress.states(course, did)
    modules = [
        ModuleOut(
            id=module.id,
            title=module.title,
            lessons=[_lesson_row(course, lesson, states, did) for lesson in module.lessons],
        )
        for module in course.modules
    ]
    return CourseOut(
        **dict(row(course, done)),
        language=course.language,
        mastery=course.mastery,
        revision=record.revision,
        modules=modules,
        exams=[_exam(course, exam, did) for exam in course.exams],
        next=next_of(course, did),
    )


def lesson(course: Course, found: Lesson, done: Collection[str] | None) -> LessonOut:
    """One lesson with its text."""
    did = done or ()
    return LessonOut(
        **dict(_lesson_row(course, found, progress.states(course, did), did)), body_markdown=found.body_markdown
    )


def next_of(course: Course, done: Collection[str]) -> NextStep | None:
    step = progress.next_step(course, done)
    return NextStep(kind=step.kind.value, id=step.id, title=step.title) if step else None


def _lesson_row(course: Course, found: Lesson, states: dict[str, progress.State], done: Collection[str]) -> LessonRow:
    return LessonRow(
        id=found.id,
        title=found.title,
        minutes=found.minutes,
        objectives=list(found.objectives),
        state=states[found.id].value,
        missing=_missing(course, found, done),
    )


def _exam(course: Course, exam: ExamRef, done: Collection[str]) -> CourseExam:
    closed_by = _missing(course, exam, done)
    return CourseExam(slug=exam.slug, title=exam.title, open=not closed_by, missing=closed_by)


def _missing(course: Course, needed: Lesson | ExamRef, done: Collection[str]) -> list[str]:
    return [lesson.title for lesson in progress.missing(course, needed, done)]
