"""The states of an attempt, as a table one can read aloud."""

import math
from datetime import datetime, timedelta
from enum import StrEnum

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.errors import WrongState
from exam_api.installation import Installation
from exam_api.web.i18n import _


class Status(StrEnum):
    """Where an attempt is."""

    prepared = "prepared"  # made ahead; the candidate has not come yet
    ready = "ready"
    running = "running"
    paused = "paused"
    submitted = "submitted"
    voided = "voided"


STARTED = frozenset({Status.running, Status.paused})
"""The states in which somebody is at work, even if the clock stands."""

NEXT: dict[Status, set[Status]] = {
    Status.prepared: {Status.ready},
    Status.ready: {Status.running, Status.voided},
    Status.running: {Status.paused, Status.submitted, Status.voided},
    Status.paused: {Status.running, Status.voided},
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


def in_time(ends_at: datetime, written_at: datetime | None, now: datetime, grace: timedelta) -> bool:
    """Whether an answer that arrives now counts: before the end, or given before it and held up on the way.

    `written_at` is what the device has counted from our signed time: see decisions 13 and 21.
    """
    if now <= ends_at:
        return True
    return written_at is not None and written_at <= ends_at and now <= ends_at + grace


def end_of(sitting: Sitting, started_at: datetime, extra_minutes: int, paused: timedelta = timedelta(0)) -> datetime:
    """When the time is over: the candidate's minutes, but not past the sitting's end. What was given comes on top of
    both, and so do finished breaks: the closing of the sitting cuts neither. Last come the late minutes, which cost points.
    """
    own = min(started_at + timedelta(minutes=sitting.minutes), sitting.closes_at)
    return own + timedelta(minutes=extra_minutes) + paused + late_of(sitting)


def late_of(sitting: Sitting) -> timedelta:
    """How long one may go on after the end, at a price."""
    return timedelta(minutes=sitting.late_minutes)


def price_of_lateness(late: timedelta, percent: int) -> int:
    """Percent of the points that are taken off, for each begun minute after the end; never more than all."""
    return min(100, percent * math.ceil(max(late, timedelta(0)) / timedelta(minutes=1)))


def grace_of(here: Installation, sitting: Sitting) -> timedelta:
    """How long answers that were written before the end may be on their way."""
    return here.grace if sitting.grace_minutes is None else timedelta(minutes=sitting.grace_minutes)
