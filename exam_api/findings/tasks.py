"""What the worker does for findings: looks at a sitting's answers when somebody has submitted."""

import asyncio
from typing import Any
from uuid import UUID

from exam_api.attempts.queries import get_exam
from exam_api.db.session import transaction
from exam_api.findings import queries
from exam_api.findings.service import keeping
from exam_api.findings.service.cohort import make_cohort
from exam_api.findings.service.study import look_at
from exam_api.installation import Workshop
from integrity.errors import TooSmall


async def study_cohort(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Compute the sitting's statistics again and put them in place of the last ones. Nothing is locked meanwhile."""
    await _study(workshop, UUID(payload["sitting_id"]))


async def study_outdated(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each minute: somebody who submitted while a look was under way was not in it."""
    async with transaction(workshop.here.sessions) as session:
        outdated = await queries.outdated_sittings(session)
    for sitting_id in outdated:
        await _study(workshop, sitting_id)


async def _study(workshop: Workshop, sitting_id: UUID) -> None:
    read_at = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        sitting = await queries.find_sitting(session, sitting_id)
        if sitting is None:
            return
        exam = await get_exam(session, workshop.here, sitting.version_id)
        started = await queries.submitted_attempts(session, sitting_id)
        saves = await queries.saves(session, sitting_id)
    study, reason = None, None
    try:
        study = await asyncio.to_thread(lambda: look_at(make_cohort(exam, started, saves)))
    except TooSmall as error:
        reason = str(error)
    async with transaction(workshop.here.sessions) as session:
        await keeping.keep(session, sitting_id, started, study, reason, read_at, workshop.now())
