"""Keep what was found in place of the last look."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.findings import CohortRun, Finding
from exam_api.events import FindingsMade
from exam_api.findings import queries
from exam_api.findings.service.cohort import codes_of
from exam_api.findings.service.study import ALPHA, Study


async def keep(
    session: AsyncSession,
    sitting_id: UUID,
    attempts: Iterable[UUID],
    study: Study | None,
    reason: str | None,
    made_at: datetime,
    now: datetime,
) -> None:
    """Replace a sitting's findings; `made_at` is when the answers were read. `study` None: too few answers, see `reason`."""
    of_code = {code: str(attempt) for attempt, code in codes_of(attempts).items()}
    run = CohortRun(
        sitting_id=sitting_id,
        people=study.people if study else len(of_code),
        pairs=study.pairs if study else 0,
        reason=reason,
        evidence={**(study.evidence() if study else {"alpha": ALPHA, "items": 0}), "codes": of_code},
        made_at=made_at,
    )
    rows = [
        Finding(
            sitting_id=sitting_id,
            detector=one.detector,
            attempts=[of_code[code] for code in one.people],
            p_value=one.p_value,
            p_adjusted=one.p_adjusted,
            statistic=one.statistic,
            expected=one.expected,
            explanation=one.explanation,
            innocent=list(one.innocent),
            evidence={**one.evidence, "assumptions": list(one.assumptions), "alpha": ALPHA},
            made_at=made_at,
        )
        for one in (study.findings if study else ())
    ]
    if await queries.replace(session, run, rows):
        await ledger.append(session, FindingsMade(sitting_id, len(rows)), now)
