"""Reviews: JSON in, JSON out."""

from uuid import UUID

from fastapi import APIRouter

from exam_api.accounts.access import Instructor
from exam_api.db.models.exams import Sitting
from exam_api.errors import NotFound
from exam_api.exams.access import LedSitting
from exam_api.exams.queries.sittings import find_sitting
from exam_api.reviews.access import DecidedAttempt, ReviewedAttempt
from exam_api.reviews.queries import Decided
from exam_api.reviews.schemas import (
    ClearedOut,
    ClearIn,
    DecisionIn,
    DecisionOut,
    QueueOut,
    ReleaseIn,
    ReleaseOut,
    ReviewOut,
)
from exam_api.reviews.service import bundle, deciding, queue, releasing
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["reviews"], responses=ERRORS(401, 403, 404, 422))


async def _get_sitting(session: Session, sitting_id: UUID) -> Sitting:
    found = await find_sitting(session, sitting_id)
    if found is None:
        raise NotFound
    return found.sitting


@router.get("/reviews")
async def read_queue(actor: Instructor, here: Here, session: Session, sitting: UUID, open: bool = False) -> QueueOut:  # noqa: A002  (the query parameter's name)
    """Who in a sitting needs a person first; `open` leaves out those for whom everything is decided."""
    return await queue.read(session, here, await _get_sitting(session, sitting), actor.id, only_open=open)


@router.post("/reviews/clear")
async def clear(body: ClearIn, actor: Instructor, here: Here, session: Session, now: Now) -> ClearedOut:
    """Decide "no concern" for everybody without a medium or high flag or a finding, with one reason."""
    sitting = await _get_sitting(session, body.sitting)
    return ClearedOut(cleared=await deciding.clear(session, here, sitting, body.reason, actor.id, now))


@router.get("/reviews/{attempt_id}")
async def read_review(place: ReviewedAttempt, here: Here, session: Session) -> ReviewOut:
    """One attempt with everything that a decision needs."""
    return (await bundle.read(session, here, place)).review


@router.post("/reviews/{attempt_id}/decision", status_code=201, responses=ERRORS(409))
async def decide(
    body: DecisionIn, place: DecidedAttempt, actor: Instructor, here: Here, session: Session, now: Now
) -> DecisionOut:
    """Decide about an attempt, with a reason. The newest decision counts; a void cannot be taken back."""
    decision = await deciding.decide(session, here, place, body, actor.id, now)
    return bundle.shape(Decided(decision, actor.name))


@router.post("/sittings/{sitting_id}/release")
async def release(
    body: ReleaseIn, sitting: LedSitting, actor: Instructor, here: Here, session: Session, now: Now
) -> ReleaseOut:
    """Release results to their candidates: what can be, and why not for the rest. A release cannot be taken back."""
    return await releasing.release(session, here, sitting.sitting, body.attempts, actor.id, now)
