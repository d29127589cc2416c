"""Trying a program during the exam: asked for here, run by the worker."""

from uuid import UUID

from fastapi import APIRouter, Request

from exam_api.attempts.access import LiveAttempt, LiveAttemptLocked
from exam_api.attempts.schemas import TrialAccepted, TrialIn, TrialOut
from exam_api.attempts.service import trials
from exam_api.attempts.service.trial_results import shape
from exam_api.web.context import say
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api/attempts/{attempt_id}/trials", tags=["attempts"], responses=ERRORS(401, 404, 409, 422))


@router.post("", status_code=202, responses=ERRORS(429))
async def try_program(body: TrialIn, place: LiveAttemptLocked, here: Here, session: Session, now: Now) -> TrialAccepted:
    """Run a program on the sample tests, or on an input of one's own. The live channel says when the result is there."""
    return TrialAccepted(id=(await trials.ask(session, here, place, body, now)).id)


@router.get("/{trial_id}")
async def read_trial(request: Request, trial_id: UUID, place: LiveAttempt, session: Session) -> TrialOut:
    """Where a trial stands, and what the program did."""
    return shape(await trials.read(session, place, trial_id), lambda text: say(request, text))
