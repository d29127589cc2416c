"""Everybody who earned it in a sitting, as the table that a list of certificates begins with."""

import csv
import io

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.exams import Sitting
from exam_api.errors import WrongState
from exam_api.grades.service import standing
from exam_api.grades.service.sheets import safe
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam

BY_ITSELF = _("This exam gives its certificates by itself, when results are released.")
NOBODY = _("Nobody has passed this sitting with a released result yet.")


async def table(session: AsyncSession, here: Installation, sitting: Sitting) -> tuple[Exam, str]:
    """The exam, and a CSV of those who passed and whose result is released. Whether they agreed, the maker has to fill in.

    Raises `WrongState` where there is nothing to give.
    """
    exam, rows = await standing.table(session, here, sitting)
    if exam.certificate is not None:
        raise WrongState(BY_ITSELF)
    earned = [
        (row.person.name, row.person.email, f"{row.attempt.submitted_at:%Y-%m-%d}", f"{row.result.percent:.1f}", "")
        for row in rows
        if row.result is not None
        and row.result.passed
        and row.result.complete
        and row.attempt is not None
        and row.attempt.released_at is not None
        and row.attempt.submitted_at is not None
    ]
    if not earned:
        raise WrongState(NOBODY)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("name", "email", "date", "result", "consent"))
    writer.writerows([safe(cell) for cell in each] for each in earned)
    return exam, file.getvalue()
