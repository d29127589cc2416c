"""Release results: all that are complete and, where something was flagged, decided about. It cannot be taken back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.service.states import Status
from exam_api.db import ledger
from exam_api.db.models.exams import Sitting
from exam_api.errors import DecisionNeeded, ExamError, GradesIncomplete, NotAllowed, NotFound, WrongState, code_of
from exam_api.events import GradesReleased
from exam_api.installation import Installation
from exam_api.reviews.schemas import ReleaseOut, ReleaseRow
from exam_api.reviews.service import cases
from exam_api.reviews.service.cases import Case
from exam_api.web.i18n import _

OWN = _("Nobody releases their own result.")
VOIDED = _("This attempt was voided, so it has no result.")
AT_WORK = _("This attempt is not submitted yet.")
GONE = _("There is no such attempt in this sitting.")


def refusal(case: Case, actor_id: UUID) -> ExamError | None:
    """Why a result cannot be released now, or None."""
    if case.attempt.candidate_id == actor_id:
        return NotAllowed(OWN)
    if case.attempt.status != Status.submitted:
        return WrongState(VOIDED if case.attempt.status == Status.voided else AT_WORK)
    if not case.result.complete:
        return GradesIncomplete()
    return DecisionNeeded() if case.unanswered else None


async def plan(session: AsyncSession, here: Installation, sitting: Sitting, actor_id: UUID) -> ReleaseOut:
    """What a release of everybody would do now; nothing is changed. `released` without a time: it would be."""
    found = await cases.read(session, here, sitting)
    return ReleaseOut(attempts=[_row(case, refusal(case, actor_id)) for case in found])


async def release(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    only: Collection[UUID] | None,
    actor_id: UUID,
    now: datetime,
) -> ReleaseOut:
    """Release what can be, and say of each attempt what became of it."""
    found = await cases.read(session, here, sitting, only, lock=True)
    rows = []
    for case in found:
        why_not = refusal(case, actor_id)
        if why_not is None and case.attempt.released_at is None:
            case.attempt.released_at = now
            await ledger.append(session, GradesReleased(case.attempt.id), now, actor_id)
        rows.append(_row(case, why_not))
    known = {case.attempt.id for case in found}
    return ReleaseOut(attempts=rows + [_unknown(each) for each in dict.fromkeys(only or ()) if each not in known])


def _row(case: Case, why_not: ExamError | None) -> ReleaseRow:
    # What is released stays so, whatever came up afterwards.
    done = case.attempt.released_at is not None
    return ReleaseRow(
        attempt_id=case.attempt.id,
        name=case.name,
        released=done or why_not is None,
        released_at=case.attempt.released_at,
        code=code_of(why_not) if why_not and not done else None,
        detail=str(why_not) if why_not and not done else None,
    )


def _unknown(attempt_id: UUID) -> ReleaseRow:
    return ReleaseRow(
        attempt_id=attempt_id, name="", released=False, released_at=None, code=code_of(NotFound()), detail=GONE
    )
