"""Write grades: a machine's where no person has spoken, a person's always."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place, get_form
from exam_api.db import ledger
from exam_api.db.models.grades import Grade
from exam_api.errors import EditedElsewhere, Invalid, UnknownItem, WrongState
from exam_api.events import AttemptGraded, GradeGiven, RegradeAsked
from exam_api.grades import queries
from exam_api.grades.schemas import GradeIn
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam
from grading.item import Item
from grading.mark import Grade as Mark
from grading.mark import Ungraded


async def keep_marks(
    session: AsyncSession, attempt_id: UUID, marks: Mapping[str, Mark], now: datetime, *, again: bool = False
) -> int:
    """Append what the graders said where it says something new; how many rows. The attempt is locked by the caller.

    A person's grade stands, and our failure never replaces a grade. `again` appends an unchanged grade too, because
    somebody asked for it.
    """
    current = await queries.current_grades(session, attempt_id)
    new = [
        queries.row_of(attempt_id, item, mark, now)
        for item, mark in marks.items()
        if _counts(current.get(item), mark, again=again)
    ]
    if new:
        session.add_all(new)
        await session.flush()
        newest = current | {row.item: row for row in new}
        waiting = sum(row.state != queries.FINAL for row in newest.values())
        await ledger.append(session, AttemptGraded(attempt_id, waiting), now)
    return len(new)


def _counts(old: Grade | None, mark: Mark, *, again: bool) -> bool:
    if old is None:
        return True
    if old.grader == queries.PERSON:
        return False
    if isinstance(mark, Ungraded) and mark.cause == "failure":
        return old.state == queries.UNGRADED and old.feedback != queries.storable(mark.reason)
    return again or not _says_the_same(old, mark)


def _says_the_same(old: Grade, mark: Mark) -> bool:
    """Evidence is left out: computing times differ from run to run."""
    new = queries.row_of(old.attempt_id, old.item, mark, old.graded_at)
    return all(
        getattr(old, name) == getattr(new, name) for name in ("state", "points", "max_points", "cause", "feedback")
    )


def get_item(exam: Exam, item_id: str) -> Item:
    """Raises `UnknownItem`."""
    try:
        return exam.item(item_id)
    except KeyError as error:
        raise UnknownItem from error


async def give(
    session: AsyncSession,
    here: Installation,
    place: Place,
    item_id: str,
    body: GradeIn,
    actor_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Grade:
    """A person grades an answer, or confirms a proposal. The attempt is locked by the caller.

    `seen` is the grade that the person looked at; when another one counts meanwhile, nothing is written.
    Raises `WrongState`, `UnknownItem`, `Invalid`, `EditedElsewhere`.
    """
    if place.attempt.status != queries.SUBMITTED:
        raise WrongState(_("Only a submitted attempt can be graded."))
    item = get_item(await get_form(session, here, place), item_id)
    if body.points > item.points:
        raise Invalid(
            _("This question has {most} points, so it cannot earn {points}.").format(
                most=f"{item.points:g}", points=f"{body.points:g}"
            )
        )
    old = (await queries.current_grades(session, place.attempt.id)).get(item_id)
    if seen is not None and (old is None or old.id != seen):
        raise EditedElsewhere(_("Somebody else graded this answer meanwhile; your grade was not kept."))
    row = Grade(
        attempt_id=place.attempt.id,
        item=item_id,
        state=queries.FINAL,
        points=body.points,
        max_points=item.points,
        confidence=None,
        cause=None,
        feedback=body.reason.strip(),
        evidence=_history(old, body.points),
        grader=queries.PERSON,
        graded_by=actor_id,
        graded_at=now,
    )
    session.add(row)
    await session.flush()
    await ledger.append(session, GradeGiven(place.attempt.id, item_id, body.points, row.feedback), now, actor_id)
    return row


def _history(old: Grade | None, points: float) -> dict[str, object]:
    if old is None:
        return {}
    return {
        "replaces": old.id,
        "proposed": old.points,
        "confirmed": old.state == queries.PROPOSED and old.points == points,
    }


async def ask_again(session: AsyncSession, place: Place, actor_id: UUID, now: datetime) -> None:
    """Have the worker run the graders again. Raises `WrongState`."""
    if place.attempt.status != queries.SUBMITTED:
        raise WrongState(_("Only a submitted attempt can be graded."))
    await ledger.append(session, RegradeAsked(place.attempt.id), now, actor_id)
