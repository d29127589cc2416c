"""The queue of answers that wait for a person, question by question and without names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import form_of, get_exam, seeds_of
from exam_api.db.models.exams import Sitting
from exam_api.db.models.grades import Grade
from exam_api.grades import queries
from exam_api.grades.schemas import QueueOut, WaitingOut
from exam_api.grades.service.results import shape_grade, waits_for_person, waits_for_us
from exam_api.installation import Installation
from grading.exam import Exam
from grading.item import Item


@dataclass(frozen=True)
class Queue:
    """What waits, in the order of the exam's questions; within one question in the order of the attempts' random ids.

    One question at a time keeps the marking even, and neither names nor the roster's order can colour it.
    """

    exam: Exam
    forms: Mapping[UUID, Exam]
    waiting: Sequence[Grade]
    marked: int
    for_the_machine: int


@dataclass(frozen=True)
class Answer:
    """One waiting answer with its question."""

    item: Item
    grade: Grade
    answer: dict[str, Any] | None


async def queue(
    session: AsyncSession, here: Installation, sitting: Sitting, marker: UUID, *, by_hand: bool = False
) -> Queue:
    """What waits for `marker`: never an answer of their own. `by_hand` adds what the machine failed to grade."""
    exam = await get_exam(session, here, sitting.version_id)
    rows = [
        row
        for grades in (await queries.current_of_sitting(session, sitting.id, marker)).values()
        for row in grades.values()
    ]
    order = {item.id: at for at, item in enumerate(exam.items)}
    waiting = [row for row in rows if waits_for_person(row) or (by_hand and waits_for_us(row))]
    seeds = await seeds_of(session, sitting.id)
    return Queue(
        exam=exam,
        forms={each: form_of(here, sitting.version_id, seeds[each]) for each in {row.attempt_id for row in waiting}},
        waiting=sorted(waiting, key=lambda row: (order[row.item], row.attempt_id)),
        marked=sum(row.grader == queries.PERSON for row in rows),
        for_the_machine=sum(waits_for_us(row) for row in rows),
    )


async def answers(session: AsyncSession, forms: Mapping[UUID, Exam], waiting: Sequence[Grade]) -> list[Answer]:
    """The waiting answers themselves, each with its question as the candidate saw it."""
    found = await queries.answers_to(session, [(row.attempt_id, row.item) for row in waiting])
    return [Answer(forms[row.attempt_id].item(row.item), row, found.get((row.attempt_id, row.item))) for row in waiting]


async def shape(session: AsyncSession, found: Queue, limit: int, offset: int) -> QueueOut:
    """One page of the queue for the wire."""
    shown = await answers(session, found.forms, found.waiting[offset : offset + limit])
    return QueueOut(
        waiting=len(found.waiting),
        marked=found.marked,
        for_the_machine=found.for_the_machine,
        answers=[
            WaitingOut(
                attempt_id=each.grade.attempt_id,
                grade_id=each.grade.id,
                grade=shape_grade(each.item, each.grade, staff=True),
                answer=each.answer,
            )
            for each in shown
        ],
    )
