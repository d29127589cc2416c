"""Keep one answer and prove it: the path that must never lie and never be slow."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import CredentialError, Malformed
from credentials.receipts import ReceiptBody, answer_hash, issue, link
from credentials.recovery import read_mark
from exam_api.attempts import queries
from exam_api.attempts.queries import Live
from exam_api.attempts.schemas import Device, ResponseIn
from exam_api.attempts.service import aside
from exam_api.attempts.service.sections import number_of
from exam_api.attempts.service.states import STARTED, Status, in_time
from exam_api.db.base import iso
from exam_api.db.session import Sessions, transaction
from exam_api.db.together import Together
from exam_api.errors import (
    DeviceReplaced,
    Invalid,
    NotFound,
    Paused,
    ProofReplayed,
    SectionClosed,
    SequenceConflict,
    SequenceGap,
    TimeIsUp,
    UnknownItem,
    WrongState,
)
from exam_api.installation import Installation, Known
from exam_api.web.i18n import _
from grading.errors import ResponseError
from grading.exam import Exam
from grading.item import check_response

Receipt: TypeAlias = dict[str, Any]
KEPT_BESIDE = _("The time is over. This answer came too late and is kept beside your others, for the people who mark.")
AFTER_PAUSE = timedelta(seconds=10)  # for what was written before the clock was stopped
Saves: TypeAlias = Together[dict[str, Any], tuple[bool, bool]]


def open_saves(sessions: Sessions) -> Saves:
    """One per process: what is saved at the same moment is committed together."""
    return Together(partial(queries.keep_together, sessions), names=lambda row: (row["attempt_id"], row["jti"]))


async def save_response(here: Installation, saves: Saves, device: Device, body: ResponseIn, now: datetime) -> Receipt:
    """Append the answer to the attempt's chain and return its signed receipt.

    The same sequence number with the same answer gets the same receipt again, even after the end; with another answer
    it is refused. Raises `SequenceConflict`, `SequenceGap`, `TimeIsUp`, `DeviceReplaced`, `UnknownItem`, `Invalid`.
    """
    hashed = _hash(body)
    noted = False
    if body.previous is not None and (known := here.papers.get(device.attempt_id)) is not None:
        receipt, row = _signed(here, device, body, hashed, body.previous, now, known)
        noted, kept = await saves.keep(row)
        if kept:
            return receipt
        if not noted:
            raise ProofReplayed
    # Either we do not know this attempt yet, or something stood in the way: look, and say what.
    async with transaction(here.sessions) as session:
        said = await _step_by_step(session, here, device, body, hashed, now, noted=noted)
    if isinstance(said, TimeIsUp):
        raise said  # after the commit, because the answer is kept beside the chain
    return said


async def _step_by_step(
    session: AsyncSession,
    here: Installation,
    device: Device,
    body: ResponseIn,
    hashed: str,
    now: datetime,
    *,
    noted: bool,
) -> Receipt | TimeIsUp:
    live = await queries.lock_for_save(session, device.attempt_id, device.proof.jti, device.proof_expires_at)
    if live is None:
        raise NotFound
    _check_device(live, device, noted=noted)
    if body.seq <= live.seq:
        return await _again(session, device, body, hashed)
    if live.status == Status.paused and live.paused_at is not None and now > live.paused_at + AFTER_PAUSE:
        raise Paused
    if live.status not in STARTED:
        raise WrongState("The attempt is not running; nothing can be added.")
    assert live.ends_at is not None
    await queries.get_exam(session, here, live.version_id)
    here.papers[device.attempt_id] = known = _known(here, live)
    if not in_time(live.ends_at + known.late, _written_at(here, device, body, now), now, known.grace):
        return await _too_late(session, queries.form_of(here, known.version_id, known.seed), device, body, live, now)
    if body.seq != live.seq + 1:
        raise SequenceGap(_("The next sequence number is {number}.").format(number=live.seq + 1), expected=live.seq + 1)
    if body.previous not in {None, live.head}:
        raise SequenceGap("Your chain of receipts is not ours. Reload the page.", expected=live.seq + 1)
    receipt, row = _signed(here, device, body, hashed, live.head, now, known)
    # A part that would have outlasted the exam stays open for those who write late.
    closed = live.section_ends_at is not None and live.section_ends_at < min(now, live.ends_at)
    if row["section"] not in {None, live.section} or (row["section"] and closed):
        raise SectionClosed
    await queries.keep_response(session, row)
    return receipt


def _known(here: Installation, live: Live) -> Known:
    late = timedelta(minutes=live.late_minutes)
    grace = here.grace if live.grace_minutes is None else timedelta(minutes=live.grace_minutes)
    return Known(live.version_id, live.seed, late, grace)


def _written_at(here: Installation, device: Device, body: ResponseIn, now: datetime) -> datetime | None:
    """When the answer was written: our signed time and what the device has counted since. None where nothing proves it."""
    if body.mark is None or body.since is None:
        return None
    try:
        marked_at = read_mark(body.mark, str(device.attempt_id), device.proof.jkt, here.keyring.receipt.public)
    except CredentialError:
        return None
    return min(marked_at + timedelta(seconds=body.since), now)


async def _too_late(
    session: AsyncSession, exam: Exam, device: Device, body: ResponseIn, live: Live, now: datetime
) -> TimeIsUp:
    """What may no longer join the chain is kept beside it: for people to see, and never dropped."""
    assert live.ends_at is not None
    if await aside.keep_late(session, exam, device, body, now):
        return TimeIsUp(KEPT_BESIDE, ends_at=iso(live.ends_at), aside=True)
    return TimeIsUp(ends_at=iso(live.ends_at))


def _signed(
    here: Installation, device: Device, body: ResponseIn, hashed: str, previous: str, now: datetime, known: Known
) -> tuple[Receipt, dict[str, Any]]:
    """The receipt for this place in the chain, and the row to keep with it."""
    exam = queries.form_of(here, known.version_id, known.seed)
    written_at = _written_at(here, device, body, now)
    answer = _checked(exam, body)
    receipt = issue(
        here.keyring.receipt,
        ReceiptBody(
            attempt=str(device.attempt_id),
            seq=body.seq,
            item=body.item,
            answer_hash=hashed,
            received_at=iso(now),
            previous=previous,
            jkt=device.proof.jkt,
        ),
    )
    return receipt, {
        "attempt_id": device.attempt_id,
        "seq": body.seq,
        "item": body.item,
        "answer": answer,
        "answer_hash": hashed,
        "created_at": body.created_at,
        "written_at": written_at,
        "received_at": now,
        "end_to_write": now - known.late,
        "end_to_arrive": now - known.late - known.grace,
        "end_when_written": written_at - known.late if written_at else None,
        "receipt": json.dumps(receipt),
        "head": link(receipt),
        "previous": previous,
        "jkt": device.proof.jkt,
        "generation": device.grant.generation,
        "jti": device.proof.jti,
        "expires_at": device.proof_expires_at,
        "section": number_of(exam, body.item),
    }


def _check_device(live: Live, device: Device, *, noted: bool) -> None:
    if not live.proof_is_new and not noted:
        raise ProofReplayed
    if live.jkt != device.proof.jkt or live.generation != device.grant.generation:
        raise DeviceReplaced


def _hash(body: ResponseIn) -> str:
    try:
        return answer_hash(body.answer)
    except Malformed as error:
        raise Invalid(_("This answer cannot be kept: {text}").format(text=error)) from error


async def _again(session: AsyncSession, device: Device, body: ResponseIn, hashed: str) -> Receipt:
    """A save that came twice: prove it again, or say that something else has this number."""
    kept = await queries.find_response(session, device.attempt_id, body.seq)
    if kept is None or kept.item != body.item or kept.answer_hash != hashed:
        raise SequenceConflict(seq=body.seq)
    return kept.receipt


def _checked(exam: Exam, body: ResponseIn) -> str:
    """The answer as JSON. The item exists and the answer has its shape; right or wrong is nobody's business here."""
    try:
        check_response(exam.item(body.item), body.answer)
    except KeyError as error:
        raise UnknownItem from error
    except ResponseError as error:
        raise Invalid(str(error)) from error
    answer = json.dumps(body.answer)
    if "\\u0000" in answer:
        raise Invalid("An answer cannot contain the NUL character.")
    return answer
