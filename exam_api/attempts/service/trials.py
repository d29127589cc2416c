"""Programs that candidates try during the exam: asked for here, run by the worker, told by the live channel.

A trial is no answer: it has no place in the chain, nobody else sees it, and it is deleted once the attempt is graded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.queries import trials as rows
from exam_api.attempts.schemas import TrialIn
from exam_api.attempts.service import lockdown, trial_results
from exam_api.attempts.service.sections import number_of
from exam_api.attempts.service.states import Status
from exam_api.db import ledger, news
from exam_api.db.models.trials import Trial
from exam_api.errors import (
    Invalid,
    NotFound,
    Paused,
    SectionClosed,
    TimeIsUp,
    TrialTooSoon,
    TrialWaits,
    UnknownItem,
    WrongState,
)
from exam_api.events import TrialAsked
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.errors import ResponseError
from grading.exam import Exam
from grading.item import Item, check_response
from grading.kinds.code import Code

PAUSE = timedelta(seconds=3)
SPAN, MOST = timedelta(minutes=10), 60
MOST_STDIN = 64 * 1024  # bytes
TURN = timedelta(minutes=1)
NO_SANDBOX = _(
    "Programs cannot be run just now, so yours was not. Go on: your answer is saved and will be tested after the exam."
)
SANDBOX_FAILED = _("Something of ours failed while your program ran; that is not its fault. Run it again.")
STALE = timedelta(minutes=3)  # a worker that has said nothing for so long was killed


async def ask(session: AsyncSession, here: Installation, place: Place, body: TrialIn, now: datetime) -> Trial:
    """Put a program into the queue. Raises `TrialTooSoon`, `TrialWaits`, `TimeIsUp`, `Paused`, `SectionClosed`, `UnknownItem`, `Invalid`,
    `LockedBrowserNeeded`: the sample tests are part of the question.
    """
    _check_open(place, now)
    await lockdown.require(session, here, place, now)
    form = await queries.get_form(session, here, place)
    _check_program(form, place, body, now)
    _check_turn(await rows.recent_trials(session, place.attempt.id, now - SPAN), now)
    await rows.clear_results(session, place.attempt.id)
    trial = Trial(
        id=uuid4(),
        attempt_id=place.attempt.id,
        item=body.item,
        response=body.response,
        stdin=body.stdin,
        state="waiting",
        asked_at=now,
    )
    session.add(trial)
    await session.flush()
    await ledger.append(session, TrialAsked(place.attempt.id, trial.id), now, place.attempt.candidate_id)
    return trial


def _check_open(place: Place, now: datetime) -> None:
    attempt = place.attempt
    if attempt.status == Status.paused:
        raise Paused
    if attempt.status != Status.running or attempt.ends_at is None:
        raise WrongState("The attempt is not running; nothing can be added.")
    if now > attempt.ends_at:
        raise TimeIsUp


def _check_program(form: Exam, place: Place, body: TrialIn, now: datetime) -> None:
    try:
        item = form.item(body.item)
    except KeyError as error:
        raise UnknownItem from error
    if not isinstance(item, Code):
        raise Invalid(_("This question has no program to run."))
    if len((body.stdin or "").encode(errors="surrogatepass")) > MOST_STDIN:
        raise Invalid(_("The input is too long: at most 64 kB can be tried."))
    try:
        check_response(item, body.response)
        trial_results.plan(item, body.response, body.stdin)
    except ResponseError as error:
        raise Invalid(str(error)) from error
    attempt, number = place.attempt, number_of(form, body.item)
    if number not in {None, attempt.section} or (number and now > (attempt.section_ends_at or now)):
        raise SectionClosed


def _check_turn(recent: Sequence[Trial], now: datetime) -> None:
    if any(trial.state in rows.OPEN for trial in recent):
        raise TrialWaits(headers={"Retry-After": "3"})
    if recent and now < recent[0].asked_at + PAUSE:
        raise _too_soon(recent[0].asked_at + PAUSE - now)
    if len(recent) >= MOST:
        raise _too_soon(recent[MOST - 1].asked_at + SPAN - now)


def _too_soon(wait: timedelta) -> TrialTooSoon:
    seconds = max(1, math.ceil(wait.total_seconds()))
    said = _("A program can be run every 3 seconds, and 60 times in 10 minutes. Try again in {seconds} s.")
    return TrialTooSoon(said.format(seconds=seconds), headers={"Retry-After": str(seconds)})


@dataclass(frozen=True)
class Begun:
    """A trial that is about to run, with everything that it needs; no transaction is open while it does."""

    id: UUID
    attempt_id: UUID
    item: Item
    response: dict[str, Any]
    stdin: str | None


@dataclass(frozen=True)
class Ended:
    """What became of it: the result, or why there is none."""

    result: dict[str, Any] | None = None
    reason: str | None = None


async def take(session: AsyncSession, here: Installation, now: datetime) -> Begun | None:
    """Take the trial whose turn it is; None where nobody waits.

    Who had none in the last minute goes first, so somebody's second run waits until everybody's first is done.
    """
    trial = await rows.next_trial(session, now - TURN, now - STALE)
    if trial is None:
        return None
    place = await queries.find_place(session, trial.attempt_id)
    assert place is not None  # a trial goes with its attempt
    form = await queries.get_form(session, here, place)
    trial.state, trial.started_at = "running", now
    return Begun(trial.id, trial.attempt_id, form.item(trial.item), trial.response, trial.stdin)


async def end(session: AsyncSession, begun: Begun, ended: Ended, now: datetime) -> None:
    """Write down what became of it, and tell the candidate's screen."""
    trial = await rows.find_trial(session, begun.attempt_id, begun.id)
    if trial is None or trial.state != "running":  # the attempt was graded meanwhile, or another worker was faster
        return
    trial.state = "failed" if ended.result is None else "done"
    trial.result, trial.reason, trial.finished_at = ended.result, ended.reason, now
    await news.tell(session, {begun.attempt_id})


async def count_left(session: AsyncSession, now: datetime) -> int:
    """How many wait for a worker."""
    return await rows.count_open(session, now - STALE)


async def forget(session: AsyncSession, attempt_id: UUID) -> None:
    """Delete the trials of an attempt."""
    await rows.delete_trials_of(session, attempt_id)


async def erase_old(session: AsyncSession, before: datetime) -> None:
    """Delete what is older, whatever became of the attempt."""
    await rows.delete_old_trials(session, before)


async def read(session: AsyncSession, place: Place, trial_id: UUID) -> Trial:
    """A trial of this attempt. Raises `NotFound`."""
    trial = await rows.find_trial(session, place.attempt.id, trial_id)
    if trial is None:
        raise NotFound
    return trial
