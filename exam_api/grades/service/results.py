"""From grades to a result of one attempt."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place, counting_answers, get_form
from exam_api.db.models.grades import Grade
from exam_api.grades import queries
from exam_api.grades.schemas import FlagShown, GradeOut, GradesOut, ResultOut
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam
from grading.item import Item
from grading.mark import Ungraded
from grading.scale import Result, result

NOT_YET = _("Nobody has looked at this answer yet.")


def add_up(exam: Exam, rows: Mapping[str, Grade], off_percent: float = 0.0) -> Result:
    """The result of an attempt; an answer without a grade counts as not graded, never as zero."""
    marks = [
        queries.mark_of(rows[item.id]) if item.id in rows else Ungraded(item.points, NOT_YET, "failure")
        for item in exam.items
    ]
    return result(marks, exam.pass_percent, off_percent)


async def grades_of(session: AsyncSession, here: Installation, place: Place, parts: frozenset[str] | None) -> GradesOut:
    """All grades of an attempt: for staff (`parts` None) with what only they may see, for the candidate these parts."""
    exam = await get_form(session, here, place)
    rows = await queries.current_grades(session, place.attempt.id)
    grades = [shape_grade(item, rows.get(item.id), staff=parts is None) for item in exam.items]
    found = GradesOut(
        attempt_id=place.attempt.id,
        released_at=place.attempt.released_at,
        result=shape_result(add_up(exam, rows, place.attempt.late_off)),
        grades=grades,
    )
    if parts is None:
        return found
    answers = await counting_answers(session, place.attempt.id) if "answers" in parts else {}
    return found.model_copy(
        update={
            "result": found.result if "points" in parts else None,
            "grades": _only(parts, exam, grades, answers),
            "flags": await _flags(session, place) if "flags" in parts else None,
        }
    )


def _only(
    parts: frozenset[str], exam: Exam, grades: list[GradeOut], answers: Mapping[str, dict[str, Any]]
) -> list[GradeOut]:
    """What the candidate may see of each grade."""
    return [
        grade.model_copy(
            update={
                "points": grade.points if "points" in parts else None,
                "feedback": grade.feedback if "feedback" in parts else "",
                "answer": item.answered(answers[item.id]) if item.id in answers else None,
                "solution": item.solution() if "solutions" in parts else None,
            }
        )
        for item, grade in zip(exam.items, grades, strict=True)
    ]


async def _flags(session: AsyncSession, place: Place) -> list[FlagShown]:
    found = await queries.flags_of(session, place.attempt.id)
    return [FlagShown(at=flag.started_at, reason=flag.reason, innocent=flag.innocent) for flag in found]


def shape_result(found: Result) -> ResultOut:
    return ResultOut(
        points=found.points,
        max_points=found.max_points,
        percent=found.percent,
        passed=found.passed,
        complete=found.complete,
        off_percent=found.off_percent,
    )


def shape_grade(item: Item, row: Grade | None, *, staff: bool) -> GradeOut:
    """One grade for the wire."""
    if row is None:
        return GradeOut(
            item=item.id,
            title=item.title,
            kind=item.kind,
            state="ungraded",
            points=None,
            max_points=item.points,
            feedback=NOT_YET,
            grader="nobody",
            graded_at=None,
            cause="failure" if staff else None,
        )
    shown = GradeOut.model_validate(
        {
            "item": item.id,
            "title": item.title,
            "kind": item.kind,
            **{
                name: getattr(row, name)
                for name in ("state", "points", "max_points", "feedback", "grader", "graded_at")
            },
        }
    )
    extra = {name: getattr(row, name) for name in ("confidence", "cause", "evidence")}
    return shown.model_copy(update=extra) if staff else shown


def waits_for_person(row: Grade) -> bool:
    """A proposal to confirm, or an answer that only a person can grade."""
    return row.state == queries.PROPOSED or (row.state == queries.UNGRADED and row.cause == "person")


def waits_for_us(row: Grade) -> bool:
    """A failure of ours."""
    return row.state == queries.UNGRADED and row.cause == "failure"
