"""Decisions: a person's, with a reason, never a program's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place
from exam_api.attempts.service.states import Status, move
from exam_api.db import ledger
from exam_api.db.models.exams import Sitting
from exam_api.db.models.reviews import Decision
from exam_api.errors import EditedElsewhere, WrongState
from exam_api.events import DecisionMade
from exam_api.installation import Installation
from exam_api.reviews.schemas import DecisionIn, Outcome
from exam_api.reviews.service import cases
from exam_api.reviews.service.cases import Case
from exam_api.reviews.service.queue import can_clear
from exam_api.web.i18n import _

VOIDED = _("This attempt is voided, and that cannot be taken back.")
NOT_YET = _("This attempt is not submitted yet; until then it can only be voided.")
NEWER = _("A flag or finding came up while you looked. Look at it, then decide; your reason is still in the form.")


async def decide(
    session: AsyncSession, here: Installation, place: Place, body: DecisionIn, actor_id: UUID, now: datetime
) -> Decision:
    """Keep a decision; a void ends the attempt. The attempt is locked by the caller.

    Raises `WrongState`, `EditedElsewhere` when there is something that the person cannot have seen.
    """
    (case,) = await cases.read(session, here, place.sitting, [place.attempt.id])
    if body.seen is not None and body.seen != case.seen:
        raise EditedElsewhere(NEWER)
    return await _keep(session, case, body.outcome, body.reason, actor_id, now)


async def clear(
    session: AsyncSession, here: Installation, sitting: Sitting, reason: str, actor_id: UUID, now: datetime
) -> list[UUID]:
    """One decision for each attempt that nothing was flagged in and nobody has decided about."""
    found = await cases.read(session, here, sitting, lock=True)
    clean = [case for case in found if can_clear(case) and case.attempt.candidate_id != actor_id]
    for case in clean:
        await _keep(session, case, Outcome.no_concern, reason, actor_id, now)
    return [case.attempt.id for case in clean]


async def _keep(
    session: AsyncSession, case: Case, outcome: Outcome, reason: str, actor_id: UUID, now: datetime
) -> Decision:
    attempt = case.attempt
    if attempt.status == Status.voided:
        raise WrongState(VOIDED)
    if outcome == Outcome.void:
        move(attempt, Status.voided)
    elif attempt.status != Status.submitted:
        raise WrongState(NOT_YET)
    decision = Decision(
        attempt_id=attempt.id, outcome=outcome, reason=reason.strip(), decided_by=actor_id, decided_at=now
    )
    session.add(decision)
    await session.flush()
    event = DecisionMade(attempt.id, outcome.value, decision.reason, sorted(case.worries))
    await ledger.append(session, event, now, actor_id)
    return decision
