"""Further attempts: whether somebody who has handed in may begin another one, and from when. Pure."""

from datetime import UTC, datetime, timedelta

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.errors import (
    AttemptsUsed,
    FormerAttemptOpen,
    FormerAttemptVoided,
    NextAttemptLater,
    ResultIsOut,
    SittingNotOpen,
)
from exam_api.web.i18n import _

SUBMITTED, VOIDED = "submitted", "voided"


def next_from(sitting: Sitting, attempt: Attempt) -> datetime | None:
    """From when a further attempt may begin after this one, the person's newest; None: never."""
    used_up = sitting.attempts is not None and attempt.number >= sitting.attempts
    if attempt.status != SUBMITTED or attempt.submitted_at is None or attempt.released_at is not None or used_up:
        return None
    start = max(attempt.submitted_at + timedelta(minutes=sitting.delay_minutes), sitting.opens_at)
    return start if start < sitting.closes_at else None


def check(sitting: Sitting, attempt: Attempt, now: datetime) -> None:
    """Whether an attempt after this one may begin now.

    Raises `FormerAttemptVoided`, `FormerAttemptOpen`, `ResultIsOut`, `AttemptsUsed`, `SittingNotOpen`, `NextAttemptLater`.
    """
    if attempt.status == VOIDED:
        raise FormerAttemptVoided
    if attempt.status != SUBMITTED or attempt.submitted_at is None:
        raise FormerAttemptOpen
    if attempt.released_at is not None:
        raise ResultIsOut
    if sitting.attempts is not None and attempt.number >= sitting.attempts:
        raise AttemptsUsed
    if not sitting.opens_at <= now < sitting.closes_at:
        raise SittingNotOpen
    start = attempt.submitted_at + timedelta(minutes=sitting.delay_minutes)
    if now < start:
        said = _("The next attempt can begin from {moment} (UTC).").format(
            moment=f"{start.astimezone(UTC):%Y-%m-%d %H:%M}"
        )
        raise NextAttemptLater(said, next_from=start.isoformat())
