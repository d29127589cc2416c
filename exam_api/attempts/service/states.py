"""The states of an attempt, as a table one can read aloud."""

from datetime import datetime, timedelta
from enum import StrEnum

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.errors import WrongState
from exam_api.web.i18n import _


class Status(StrEnum):
    """Where an attempt is."""

    ready = "ready"
    running = "running"
    submitted = "submitted"
    voided = "voided"


NEXT: dict[Status, set[Status]] = {
    Status.ready: {Status.running, Status.voided},
    Status.running: {Status.submitted, Status.voided},
    Status.submitted: {Status.voided},
    Status.voided: set(),
}


def move(attempt: Attempt, to: Status) -> None:
    """Change the state, if the table allows it. Raises `WrongState`."""
    if to not in NEXT[Status(attempt.status)]:
        raise WrongState(
            _("The attempt is {status}; it cannot become {next} now.").format(status=attempt.status, next=to)
        )
    attempt.status = to


def end_of(sitting: Sitting, started_at: datetime, extra_minutes: int) -> datetime:
    """When the time is over: the candidate's minutes, but not past the sitting's end, which moves by the extra time too."""
    return min(
        started_at + timedelta(minutes=sitting.minutes + extra_minutes),
        sitting.closes_at + timedelta(minutes=extra_minutes),
    )
