"""Time given to people of a sitting, and breaks in which their clock stands: one transaction, however many they are."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import get_exam
from exam_api.attempts.schemas import TimeIn, TimeOut
from exam_api.attempts.service import channel
from exam_api.attempts.service.sections import guarded
from exam_api.attempts.service.states import STARTED, Status, end_of, late_of, move
from exam_api.db import ledger
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.errors import Invalid, WrongState
from exam_api.events import TimeChanged, TimeGiven
from exam_api.exams.queries.clocks import Seat, lock_seats
from exam_api.exams.queries.sittings import lock_sitting
from exam_api.exams.schemas import MAX_MINUTES, MAX_PERCENT
from exam_api.exams.service.further import next_from
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam

# Why nobody of those who were chosen could be changed.
NOBODY = {
    "extra": _("All of these people have finished; their time cannot change any more."),
    "percent": _("All of these people have finished; their time cannot change any more."),
    "incident": _("All of these people have finished; their time cannot change any more."),
    "pause": _("None of these people is at work now, so there is no clock to stop."),
    "resume": _("None of these people has a break now, so there is no clock to start again."),
}


async def change(
    session: AsyncSession, here: Installation, sitting_id: UUID, body: TimeIn, now: datetime, actor_id: UUID
) -> TimeOut:
    """Give time, stop the clock or start it again, for the people named or for everybody on the roster.

    Whom it cannot reach (finished, or not at work when the clock should stop) is left out and named. Raises `Invalid`
    for somebody who is not on the roster or for more than anybody can have, `WrongState` where it reaches nobody.
    """
    sitting = await lock_sitting(session, sitting_id)
    seats = [_seen(seat, sitting) for seat in await lock_seats(session, sitting_id, body.people)]
    if body.people is not None and len(seats) != len(set(body.people)):
        raise _wrong("people", _("Somebody among these people is not on the roster."))
    reached = [seat for seat in seats if CHANGES[body.change](seat, body.amount, now)]
    if not reached:
        raise WrongState(NOBODY[body.change])
    moved = await _carry(session, here, sitting, reached, body.change, body.reason, now, actor_id)
    people = [str(seat.entry.user_id) for seat in reached]
    await ledger.append(session, TimeGiven(sitting_id, body.change, body.amount, body.reason, people), now, actor_id)
    left_out = [seat.name for seat in seats if seat not in reached]
    return TimeOut(people=len(reached), running=len(moved), left_out=left_out)


async def carry(
    session: AsyncSession, here: Installation, sitting_id: UUID, user_id: UUID | None, now: datetime
) -> int:
    """Carry a changed window, duration or roster entry into the attempts that run. How many changed."""
    sitting = await lock_sitting(session, sitting_id)
    seats = await lock_seats(session, sitting_id, None if user_id is None else [user_id])
    return len(await _carry(session, here, sitting, seats, "plan", "", now, None))


async def _carry(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    seats: Sequence[Seat],
    change: str,
    reason: str,
    now: datetime,
    actor_id: UUID | None,
) -> list[Attempt]:
    """Move the end of everybody at work, write it down, and say it to their screens."""
    exam = await get_exam(session, here, sitting.version_id)
    moved = []
    for seat in seats:
        attempt = seat.attempt
        if attempt is None or attempt.status not in STARTED or attempt.started_at is None:
            continue
        ends_at = end_of(sitting, attempt.started_at, seat.entry.extra_on(sitting.minutes), attempt.paused)
        if attempt.ends_at is not None and change not in {"pause", "resume"}:
            _lengthen_section(exam, sitting, attempt, ends_at - attempt.ends_at, whole=change == "incident")
        if ends_at != attempt.ends_at or change in {"pause", "resume"}:
            attempt.ends_at, attempt.late, attempt.time_note = ends_at, late_of(sitting), reason or None
            moved.append(attempt)
    events = [TimeChanged(each.id, each.ends_at, change, reason) for each in moved if each.ends_at is not None]
    await ledger.append_all(session, events, now, actor_id)
    await channel.tell(session, moved)
    return moved


def _lengthen_section(exam: Exam, sitting: Sitting, attempt: Attempt, given: timedelta, *, whole: bool) -> None:
    """A part with a time limit of its own that is open now gets its share of the time that was given, as one that is
    entered later does; time for what went wrong is given back where it was lost, so to this part as a whole.
    """
    if attempt.section_ends_at is None or not given:
        return
    minutes = guarded(exam)[attempt.section - 1].minutes or 0
    attempt.section_ends_at += given if whole else given * (minutes / sitting.minutes)


def _seen(seat: Seat, sitting: Sitting) -> Seat:
    """The seat, and whether a further attempt may follow: then more time is still of use."""
    return replace(seat, again=seat.attempt is not None and next_from(sitting, seat.attempt) is not None)


def _give(field: str, most: int) -> Callable[[Seat, int, datetime], bool]:
    def give(seat: Seat, amount: int, _now: datetime) -> bool:
        unfinished = {Status.prepared, Status.ready, *STARTED}
        if seat.attempt is not None and seat.attempt.status not in unfinished and not seat.again:
            return False
        total = getattr(seat.entry, field) + amount
        if total > most:
            raise _wrong("amount", _("{name} would have more extra time than anybody can have.").format(name=seat.name))
        setattr(seat.entry, field, total)
        return True

    return give


def _pause(seat: Seat, _amount: int, now: datetime) -> bool:
    attempt = seat.attempt
    if attempt is None or attempt.status != Status.running or attempt.ends_at is None or now > attempt.ends_at:
        return False
    move(attempt, Status.paused)
    attempt.paused_at = now
    return True


def _resume(seat: Seat, _amount: int, now: datetime) -> bool:
    attempt = seat.attempt
    if attempt is None or attempt.status != Status.paused or attempt.paused_at is None:
        return False
    move(attempt, Status.running)
    length = max(now - attempt.paused_at, timedelta(0))
    attempt.paused += length
    if attempt.section_ends_at is not None:  # a section's own time stood too
        attempt.section_ends_at += length
    attempt.paused_at = None
    return True


# Each changes one person's seat and says whether it could.
CHANGES: dict[str, Callable[[Seat, int, datetime], bool]] = {
    "extra": _give("extra_minutes", MAX_MINUTES),
    "percent": _give("extra_percent", MAX_PERCENT),
    "incident": _give("incident_minutes", MAX_MINUTES),
    "pause": _pause,
    "resume": _resume,
}


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(problems=[{"where": ["body", field], "message": message}])
