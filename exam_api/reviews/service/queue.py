"""The review queue of a sitting."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import get_exam
from exam_api.db.models.exams import Sitting
from exam_api.installation import Installation
from exam_api.reviews.schemas import Need, Outcome, QueueOut, QueueRow
from exam_api.reviews.service import cases
from exam_api.reviews.service.cases import Case

OPEN = {Need.decision, Need.another_look, Need.grades, Need.clearing}


async def read(
    session: AsyncSession, here: Installation, sitting: Sitting, actor_id: UUID, *, only_open: bool
) -> QueueOut:
    """Who needs a person first. One's own attempt is somebody else's to review, so it is left out."""
    exam = await get_exam(session, here, sitting.version_id)
    found = [each for each in await cases.read(session, here, sitting) if each.attempt.candidate_id != actor_id]
    found.sort(key=lambda case: case.urgency)
    return QueueOut(
        sitting_id=sitting.id,
        sitting=sitting.title,
        exam=exam.title,
        total=len(found),
        clearable=sum(can_clear(case) for case in found),
        rows=[_row(case) for case in found if not only_open or case.need in OPEN],
    )


def can_clear(case: Case) -> bool:
    """Nothing is flagged and nobody has decided yet; grades may still be waiting."""
    return case.need in {Need.clearing, Need.grades} and not case.worries and case.decision is None


async def after(
    session: AsyncSession, here: Installation, sitting: Sitting, actor_id: UUID, attempt_id: UUID
) -> UUID | None:
    """The next attempt that needs a decision, whoever stands first when this one is done."""
    found = [
        case
        for case in await cases.read(session, here, sitting)
        if case.attempt.candidate_id not in {actor_id} and case.attempt.id != attempt_id
    ]
    waiting = sorted((case for case in found if case.need in OPEN), key=lambda case: case.urgency)
    return waiting[0].attempt.id if waiting else None


def _row(case: Case) -> QueueRow:
    attempt = case.attempt
    return QueueRow(
        attempt_id=attempt.id,
        name=case.name,
        number=attempt.number,
        status=attempt.status,
        submitted_at=attempt.submitted_at,
        released_at=attempt.released_at,
        flags=len(case.flags),
        worst=case.worst,
        findings=len(case.findings),
        waiting=case.waiting,
        percent=case.result.percent,
        passed=case.result.passed,
        complete=case.result.complete,
        decision=Outcome(case.decision.outcome) if case.decision else None,
        need=case.need,
    )
