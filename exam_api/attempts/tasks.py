"""What the worker does for attempts: it closes those whose time is over, carries extra time, runs trials, and mails receipts."""

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from traceback import format_tb
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries
from exam_api.attempts.service import attachments, close, copies, preparing, time, trial_results, trials
from exam_api.attempts.service.states import Status, grace_of
from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.proofs import ReceiptMail
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.mail import MailRefused, MailWaits, send
from sandbox.errors import EngineUnavailable, ImageMissing, SandboxFailure

log = logging.getLogger("exam_api.mail")
# As many trials at once as there are cores, in threads of their own: they do not wait behind grading.
_AT_ONCE = os.cpu_count() or 1
_TRYING = asyncio.Semaphore(_AT_ONCE)
_TRIALS = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="trial")
AHEAD = timedelta(hours=1)
LOOK_BACK = timedelta(days=7)  # bytes whose row was never written are looked for so many nights
NAME = "attempts.tasks.close_when_due"
COPY = "attempts.tasks.mail_copy"


async def close_when_due(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Seal the attempt if its time is over; else come back when it will be. The page's own submit is not needed."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        place = await queries.find_place(session, UUID(payload["attempt_id"]), lock=True)
        if place is None or place.attempt.status != Status.running or place.attempt.ends_at is None:
            return
        due = place.attempt.ends_at + grace_of(
            workshop.here, place.sitting
        )  # what was given in time may still be on its way
        if now > due:
            await close.seal(session, workshop.here, place, now, by="clock")
            return
        wait = due - now
        key = f"{NAME}:{place.attempt.id}:{place.attempt.ends_at.timestamp()}"
        await enqueue(session, Later(NAME, payload, after=wait, key=key))


async def close_overdue(workshop: Workshop, _: dict[str, Any]) -> None:
    """The safety net: whatever became of the job above, no attempt stays open past its end for more than a minute."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        late = await queries.overdue(session, now, workshop.here.grace)
        await queries.forget_proofs(session, now)
    for attempt_id in late:
        await close_when_due(workshop, {"attempt_id": str(attempt_id)})


async def erase_files(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each night: of attempts that ended long enough ago, the files that never came whole or that no answer names.

    Until then a person may still look for what a candidate was sending when the network went away.
    """
    here, now = workshop.here, workshop.now()
    before = now - timedelta(days=here.frame_retention_days)
    async with transaction(here.sessions) as session:
        left = await attachments.left_over(session, before)
    for attempt_id, attachment_id in left:
        async with transaction(here.sessions) as session:
            blobs = await attachments.erase(session, attempt_id, attachment_id, now)
        await attachments.drop(here, blobs)
    async with transaction(here.sessions) as session:
        ended = await attachments.ended_with_files(session, before - LOOK_BACK, before)
    for attempt_id in ended:
        await attachments.drop_unnamed(here, attempt_id)


async def run_trial(workshop: Workshop, _: dict[str, Any]) -> None:
    """Run the one trial whose turn it is: not always the one that this job was made for, but as many jobs as trials."""
    async with _TRYING:
        now = workshop.now()
        async with transaction(workshop.here.sessions) as session:
            begun = await trials.take(session, workshop.here, now)
        if begun is None:
            return
        ended = await _try(workshop, begun)
        async with transaction(workshop.here.sessions) as session:
            await trials.end(session, begun, ended, workshop.now())


async def _try(workshop: Workshop, begun: trials.Begun) -> trials.Ended:
    """What became of it. Whatever breaks on the way is our failure, and said so."""
    run = workshop.run_soon or workshop.run_job
    if run is None:
        return trials.Ended(reason=trials.NO_SANDBOX)
    try:
        loop = asyncio.get_running_loop()
        work = trial_results.plan(begun.item, begun.response, begun.stdin)
        result = await loop.run_in_executor(_TRIALS, run, work)
        checking = trial_results.checking(begun.item, begun.response, result)
        checked = await loop.run_in_executor(_TRIALS, run, checking) if checking else None
        return trials.Ended(result=trial_results.plain(begun.item, begun.response, result, checked))
    except (EngineUnavailable, ImageMissing) as error:
        log.warning("a trial cannot run: %s", error)
        return trials.Ended(reason=trials.NO_SANDBOX)
    except SandboxFailure as error:
        log.warning("a trial failed: %s", error)
        return trials.Ended(reason=trials.SANDBOX_FAILED)
    except Exception as error:  # noqa: BLE001, RUF100  (logged; the candidate hears of it and tries again)
        # Where it happened, not what the error says: its words could quote the program.
        where = "".join(format_tb(error.__traceback__))
        log.error("a trial of item %s: %s\n%s", begun.item.id, type(error).__name__, where)  # noqa: TRY400
        return trials.Ended(reason=trials.SANDBOX_FAILED)


async def run_trials_left(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Each minute: trials whose worker was killed, or whose job was lost."""
    async with transaction(workshop.here.sessions) as session:
        left = await trials.count_left(session, workshop.now())
    for _trial in range(left):
        await run_trial(workshop, payload)


async def forget_trials(workshop: Workshop, payload: dict[str, Any]) -> None:
    """The attempt is graded: what was only tried goes."""
    async with transaction(workshop.here.sessions) as session:
        await trials.forget(session, UUID(payload["attempt_id"]))


async def erase_trials(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each night: trials that are as old as the oldest pictures, graded or not."""
    async with transaction(workshop.here.sessions) as session:
        await trials.erase_old(session, workshop.now() - timedelta(days=workshop.here.frame_retention_days))


async def carry_time(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Extra time or a moved window reaches running attempts at once."""
    async with transaction(workshop.here.sessions) as session:
        user = payload.get("user_id")
        await time.carry(
            session, workshop.here, UUID(payload["sitting_id"]), UUID(user) if user else None, workshop.now()
        )


async def prepare_coming(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each minute: make the attempts of sittings that open soon, so that their start costs little."""
    async with transaction(workshop.here.sessions) as session:
        coming = await queries.sittings_to_prepare(session, workshop.now(), AHEAD)
    for sitting_id in coming:
        async with transaction(workshop.here.sessions) as session:
            await preparing.prepare(session, workshop.here, sitting_id, workshop.chance, workshop.now())


async def mail_copy(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Send the copy that a candidate asked for. No transaction is open while the mail server is talked to.

    A worker that dies between the server's word and our note sends the same letter again, under the same name.
    """
    here, attempt_id = workshop.here, UUID(payload["attempt_id"])
    if here.mail is None:
        return
    async with transaction(here.sessions) as session:
        place, row = await queries.find_place(session, attempt_id), await queries.find_mail(session, attempt_id)
        if place is None or row is None or row.state != "waiting":
            return
        letter, to = await copies.write(session, here, here.mail, place, row, workshop.now())
    try:
        await asyncio.to_thread(send, here.mail, letter, to)
        state, problem = "sent", None
    except MailRefused as error:
        log.warning("the copy of attempt %s was refused: %s", attempt_id, error)
        state, problem = "refused", copies.NOT_DELIVERED
    except MailWaits as error:
        log.warning("the copy of attempt %s waits: %s", attempt_id, error)
        state, problem = "waiting", None
    async with transaction(here.sessions) as session:
        row = await queries.find_mail(session, attempt_id, lock=True)
        if row is not None and row.state == "waiting":
            await _note(session, row, payload, state, problem, workshop.now())


async def _note(
    session: AsyncSession, row: ReceiptMail, payload: dict[str, Any], state: str, problem: str | None, now: datetime
) -> None:
    """What became of one try; a letter that waits is tried again later, and given up after a night."""
    row.changed_at = now
    if state != "waiting":
        row.state, row.problem = state, problem
        return
    if row.tries >= len(copies.PAUSES):
        row.state, row.problem = "refused", copies.NOT_REACHED
        return
    row.tries += 1
    key = f"{COPY}:{row.attempt_id}:{row.asked}:{row.tries}"
    await enqueue(session, Later(COPY, payload, after=copies.PAUSES[row.tries - 1], key=key))
