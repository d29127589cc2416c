"""Sections that are entered and left: which is open, when one may go on, and what the room shows meanwhile.

A guarded section (sequential, with a time limit, or with a least time) is entered by the candidate, in the order of the
file, one at a time; entering the next closes the one before for good. Sections without rules are open all the time.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.service.states import Status
from exam_api.db import ledger
from exam_api.db.models.attempts import Attempt
from exam_api.errors import AnswersMissing, TimeIsUp, TooEarly, WrongState
from exam_api.events import SectionEntered
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam
from grading.item import is_blank
from grading.sections import Section


@dataclass(frozen=True)
class Gate:
    """What the room says about sections: the open one with its seconds left, and the next to enter."""

    open: Section | None
    left: int | None
    next: Section | None
    number: int


def guarded(form: Exam) -> list[Section]:
    """The sections that are entered, in order; numbers count them from 1."""
    return [section for section in form.sections if section.guarded]


def number_of(form: Exam, item_id: str) -> int | None:
    """The number of the guarded section that holds this item; None where it is open all the time."""
    for number, section in enumerate(guarded(form), 1):
        if item_id in section.items:
            return number
    return None


def visible(form: Exam, attempt: Attempt) -> Exam:
    """The form without what is not entered yet or closed already."""
    if not guarded(form):
        return form
    shown = tuple(item for item in form.items if number_of(form, item.id) in {None, attempt.section})
    ids = {item.id for item in shown}
    sections = tuple(section for section in form.sections if set(section.items) & ids)
    return replace(form, items=shown, sections=sections)


def gate(form: Exam, attempt: Attempt, now: datetime) -> Gate:
    """Where the candidate stands."""
    parts, number = guarded(form), attempt.section
    left = None if attempt.section_ends_at is None else max(0, int((attempt.section_ends_at - now).total_seconds()))
    return Gate(
        open=parts[number - 1] if 0 < number <= len(parts) else None,
        left=left,
        next=parts[number] if number < len(parts) else None,
        number=number + 1,
    )


async def open_first(session: AsyncSession, exam: Exam, place: Place, now: datetime) -> None:
    """At the start: where everything is guarded, the first section opens with it. Rules are the same in every form."""
    parts = guarded(exam)
    if parts and len(parts) == len(exam.sections):
        await _enter(session, place, parts, 1, now)


async def enter(session: AsyncSession, here: Installation, place: Place, number: int, now: datetime) -> None:
    """Close the open section and open the next. The attempt is locked by the caller. Entering the open one changes nothing.

    Raises `WrongState`, `TimeIsUp`, `TooEarly`, `AnswersMissing`.
    """
    attempt = place.attempt
    if attempt.status != Status.running or place.write_until is None:
        raise WrongState
    if now > place.write_until:
        raise TimeIsUp
    if number == attempt.section:
        return
    form = await queries.get_form(session, here, place)
    parts = guarded(form)
    if number != attempt.section + 1 or number > len(parts):
        raise WrongState(_("The parts of this exam come in their order. Reload the page."))
    if attempt.section:
        await _may_leave(session, form, attempt, parts[attempt.section - 1], now)
    await _enter(session, place, parts, number, now)


async def _may_leave(session: AsyncSession, form: Exam, attempt: Attempt, section: Section, now: datetime) -> None:
    if attempt.section_ends_at is not None and now > attempt.section_ends_at:
        return
    assert attempt.section_from is not None
    check_time(attempt.section_from, section.least_minutes, now)
    await check_answers(session, form, attempt, set(section.items))


async def _enter(session: AsyncSession, place: Place, parts: list[Section], number: int, now: datetime) -> None:
    attempt, section = place.attempt, parts[number - 1]
    attempt.section, attempt.section_from, attempt.section_minutes = number, now, section.minutes
    attempt.section_ends_at = section_end(attempt, place.minutes, place.sitting.minutes)
    await ledger.append(session, SectionEntered(attempt.id, number, section.id), now, attempt.candidate_id)


def section_end(attempt: Attempt, minutes: int, planned: int) -> datetime | None:
    """When the open section's own time is over: whoever has more time for the exam has as much more for each of its parts."""
    if attempt.section_minutes is None or attempt.section_from is None:
        return None
    return attempt.section_from + timedelta(minutes=attempt.section_minutes) * (minutes / planned)


def check_time(since: datetime, least_minutes: int, now: datetime) -> None:
    """Raises `TooEarly` before the least time has passed."""
    left = since + timedelta(minutes=least_minutes) - now
    if left > timedelta(0):
        minutes = -(-int(left.total_seconds()) // 60) or 1
        raise TooEarly(_("You can go on in {minutes} minutes at the earliest.").format(minutes=minutes))


async def check_answers(session: AsyncSession, form: Exam, attempt: Attempt, among: set[str]) -> None:
    """Raises `AnswersMissing` where a question that must be answered is not."""
    must = [item for item in form.items if item.required and item.id in among]
    if not must:
        return
    answers = {row.item: row.answer for row in await queries.latest_responses(session, attempt.id)}
    missing = [item.title for item in must if is_blank(item, answers.get(item.id))]
    if missing:
        titles = ", ".join(missing[:5])
        raise AnswersMissing(_("These questions must be answered first: {titles}.").format(titles=titles))
