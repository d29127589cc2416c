"""Grades: JSON in, JSON out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from exam_api.accounts.access import Candidate, Instructor
from exam_api.attempts.queries import get_form, get_roster_place
from exam_api.errors import NotFound
from exam_api.exams.queries.sittings import find_sitting
from exam_api.grades.access import MarkedAttempt, SeenGrades, points_shown
from exam_api.grades.schemas import GradeIn, GradeOut, GradesOut, QueueOut, StandingOut
from exam_api.grades.service import keeping, marking, results, standing
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["grades"], responses=ERRORS(401, 403, 404, 422))

ItemId = Annotated[str, Path(max_length=200)]


@router.get("/attempts/{attempt_id}/grades", responses=ERRORS(409))
async def read_grades(seen: SeenGrades, here: Here, session: Session) -> GradesOut:
    """All grades of an attempt and their sum: for instructors, and for the candidate what the sitting shows."""
    return await results.grades_of(session, here, seen.place, seen.parts)


@router.get("/sittings/{sitting_id}/standing")
async def read_standing(sitting_id: UUID, actor: Candidate, here: Here, session: Session, now: Now) -> StandingOut:
    """One's own attempts in a sitting and what counts of them, as far as the sitting shows it."""
    sitting, _entry, _newest = await get_roster_place(session, sitting_id, actor.id)
    found = await standing.of_person(session, here, sitting, actor.id)
    return standing.shape(found, await points_shown(session, found.places, now))


@router.get("/grading-queue")
async def read_queue(
    actor: Instructor,
    here: Here,
    session: Session,
    sitting: UUID,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    by_hand: bool = False,
) -> QueueOut:
    """Answers of a sitting that wait for a person; `by_hand` adds those that the machine could not grade."""
    found = await find_sitting(session, sitting)
    if found is None:
        raise NotFound
    waiting = await marking.queue(session, here, found.sitting, actor.id, by_hand=by_hand)
    return await marking.shape(session, waiting, limit, offset)


@router.put("/attempts/{attempt_id}/grades/{item}", responses=ERRORS(409))
async def give_grade(
    item: ItemId, body: GradeIn, place: MarkedAttempt, actor: Instructor, here: Here, session: Session, now: Now
) -> GradeOut:
    """Grade an answer, or confirm the machine's proposal. The machine never overwrites it."""
    row = await keeping.give(session, here, place, item, body, actor.id, now)
    form = await get_form(session, here, place)
    return results.shape_grade(form.item(item), row, staff=True)


@router.post("/attempts/{attempt_id}/regrade", status_code=202, responses=ERRORS(409))
async def regrade(place: MarkedAttempt, actor: Instructor, session: Session, now: Now) -> None:
    """Have the graders look again, as a new entry beside the old ones; what people graded stays."""
    await keeping.ask_again(session, place, actor.id, now)
