"""What a learner has done, what is open, and what comes next. `done` is a collection of lesson ids, in any order.

Ids that the course does not have (a lesson was removed since) count for nothing and break nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from courses.content import Course, ExamRef, Lesson


class State(StrEnum):
    """How a lesson stands for one learner."""

    done = "done"
    open = "open"
    locked = "locked"


class StepKind(StrEnum):
    """What the next step is."""

    lesson = "lesson"
    exam = "exam"


@dataclass(frozen=True)
class Step:
    """What to do next: a lesson (by id) or an exam (by slug)."""

    kind: StepKind
    id: str
    title: str


def states(course: Course, done: Collection[str]) -> dict[str, State]:
    """Return the state of every lesson, by id, in reading order. What is done stays done, whatever else is missing."""
    return {lesson.id: _state(lesson, done) for lesson in course.lessons}


def _state(lesson: Lesson, done: Collection[str]) -> State:
    if lesson.id in done:
        return State.done
    return State.open if all(name in done for name in lesson.after) else State.locked


def missing(course: Course, needed: Lesson | ExamRef, done: Collection[str]) -> tuple[Lesson, ...]:
    """Return the lessons that still keep `needed` closed, in reading order; () when it is open."""
    return tuple(lesson for lesson in course.lessons if lesson.id in needed.after and lesson.id not in done)


def exam_open(course: Course, exam: ExamRef, done: Collection[str]) -> bool:
    """Say whether all lessons that the exam asks for (all, unless the author said otherwise) are done."""
    return not missing(course, exam, done)


def percent(course: Course, done: Collection[str]) -> int:
    """Return the share of lessons done, 0-100, rounded down: 100 only when nothing is missing."""
    lessons = course.lessons
    return 100 * sum(lesson.id in done for lesson in lessons) // len(lessons)


def next_step(course: Course, done: Collection[str], passed: Collection[str] = ()) -> Step | None:
    """Return the first open lesson, else the first open exam that is not in `passed` (slugs), else None: all is done."""
    by_lesson = states(course, done)
    for lesson in course.lessons:
        if by_lesson[lesson.id] is State.open:
            return Step(StepKind.lesson, lesson.id, lesson.title)
    for exam in course.exams:
        if exam.slug not in passed and exam_open(course, exam, done):
            return Step(StepKind.exam, exam.slug, exam.title)
    return None
