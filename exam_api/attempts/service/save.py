"""Keep one answer and prove it: the path that must never lie and never be slow."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt.receipts import ReceiptBody, answer_hash, issue, link
from credentials.attempt.recovery import read_mark
from credentials.errors import CredentialError, Malformed
from exam_api.attempts import queries
from exam_api.attempts.queries import Live
from exam_api.attempts.schemas import Device, ResponseIn
from exam_api.attempts.service import attachments
from exam_api.attempts.service.sections import number_of
from exam_api.attempts.service.states import STARTED, Status, in_time
from exam_api.db.base import iso
from exam_api.db.session import Sessions, transaction
from exam_api.db.together import Together
from exam_api.errors import (
    AttachmentUnfinished,
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
from exam_api.installation import Installation, SatPaper
from exam_api.web.i18n import _
from grading.errors import ResponseError
from grading.exam import Exam
from grading.item import check_response

Receipt: TypeAlias = dict[str, Any]
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
    # An answer that names files is kept alone: they are looked at under the lock that also keeps them from being taken back.
    known = here.papers.get(device.attempt_id) if not _names_files(body.answer) else None
    if known is not None and body.previous is not None:
        receipt, row = _signed(here, device, body, hashed, body.previous, now, known)
        noted, kept = await saves.keep(row)
        if kept:
            return receipt
        if not noted:
            raise ProofReplayed
    # Either we do not know this attempt yet, or something stood in the way: look, and say what.
    async with transaction(here.sessions) as session:
        return await _step_by_step(session, here, device, body, hashed, now, noted=noted)


async def _step_by_step(
    session: AsyncSession,
    here: Installation,
    device: Device,
    body: ResponseIn,
    hashed: str,
    now: datetime,
    *,
    noted: bool,
) -> Receipt:
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
    grace = here.grace if live.grace_minutes is None else timedelta(minutes=live.grace_minutes)
    if not in_time(live.ends_at, _written_at(here, device, body, now), now, grace):
        raise TimeIsUp(ends_at=iso(live.ends_at))
    if body.seq != live.seq + 1:
        raise SequenceGap(_("The next sequence number is {number}.").format(number=live.seq + 1), expected=live.seq + 1)
    if body.previous not in {None, live.head}:
        raise SequenceGap("Your chain of receipts is not ours. Reload the page.", expected=live.seq + 1)
    await queries.get_exam(session, here, live.version_id)
    here.papers[device.attempt_id] = known = SatPaper(live.version_id, live.seed, grace)
    receipt, row = _signed(here, device, body, hashed, live.head, now, known)
    if row["section"] not in {None, live.section} or (row["section"] and now > (live.section_ends_at or now)):
        raise SectionClosed
    if _names_files(body.answer) and not await attachments.are_here(session, device.attempt_id, body.item, body.answer):
        raise AttachmentUnfinished
    await queries.keep_response(session, row)
    return receipt


def _signed(
    here: Installation, device: Device, body: ResponseIn, hashed: str, previous: str, now: datetime, sat: SatPaper
) -> tuple[Receipt, dict[str, Any]]:
    """The receipt for this place in the chain, and the row to keep with it."""
    exam = queries.form_of(here, sat.version_id, sat.seed)
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
        "written_at": _written_at(here, device, body, now),
        "received_at": now,
        "oldest_end": now - sat.grace,
        "receipt": json.dumps(receipt),
        "head": link(receipt),
        "previous": previous,
        "jkt": device.proof.jkt,
        "generation": device.grant.generation,
        "jti": device.proof.jti,
        "expires_at": device.proof_expires_at,
        "section": number_of(exam, body.item),
    }


def _written_at(here: Installation, device: Device, body: ResponseIn, now: datetime) -> datetime | None:
    """When the answer was written: what the device counted from our signed time, and so not before it. None where nothing
    proves that time; then the answer was written when it came.
    """
    if body.mark is None or body.created_at is None:
        return None
    try:
        marked_at = read_mark(body.mark, str(device.attempt_id), device.proof.jkt, here.keyring.time_keys)
    except CredentialError:
        return None
    return min(max(body.created_at, marked_at), now)


def _check_device(live: Live, device: Device, *, noted: bool) -> None:
    if not live.proof_is_new and not noted:
        raise ProofReplayed
    if live.jkt != device.proof.jkt or live.generation != device.grant.generation:
        raise DeviceReplaced


def _names_files(answer: dict[str, Any]) -> bool:
    """Whether an answer names files that were sent on their own; a program's files are texts in the answer itself."""
    return isinstance(answer.get("files"), list)


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
