"""What a candidate sees of the sittings they are on."""

from datetime import datetime
from typing import Literal

from exam_api.exams.queries.sittings import Mine
from exam_api.exams.schemas import MySitting
from exam_api.exams.service.further import VOIDED, next_from

State = Literal["planned", "open", "running", "again", "submitted", "released", "missed"]


def state_of(mine: Mine, now: datetime) -> State:
    """How the sitting stands for this person at `now`; starting is possible while the window is open."""
    attempt = mine.attempt
    if mine.released:
        return "released"
    if attempt is not None and (attempt.submitted_at is not None or attempt.status == VOIDED):
        further = now < mine.sitting.closes_at and next_from(mine.sitting, attempt) is not None
        return "again" if further else _over(mine)
    if attempt is not None and attempt.started_at is not None:
        if attempt.paused_at is not None:
            return "running"
        # Past its end the worker closes it within a minute; until then there is nothing left to write.
        return "running" if attempt.ends_at is None or now <= attempt.ends_at else "submitted"
    if now < mine.sitting.opens_at:
        return "planned"
    return "open" if now < mine.sitting.closes_at else _over(mine)


def _over(mine: Mine) -> State:
    """Whoever has handed in once has missed nothing, whatever became of a later attempt."""
    return "submitted" if mine.handed_in is not None else "missed"


def shape(mine: Mine, now: datetime) -> MySitting:
    """The wire form; `minutes` is all the time this person has."""
    attempt = mine.attempt
    return MySitting(
        id=mine.sitting.id,
        title=mine.sitting.title,
        exam_title=mine.exam_title,
        opens_at=mine.sitting.opens_at,
        closes_at=mine.sitting.closes_at,
        minutes=mine.sitting.minutes + mine.extra_minutes,
        extra_minutes=mine.extra_minutes,
        state=state_of(mine, now),
        submitted_at=mine.handed_in,
        attempts=mine.sitting.attempts,
        used=attempt.number if attempt is not None and attempt.status != "prepared" else 0,
        next_from=next_from(mine.sitting, attempt) if attempt is not None else None,
    )
