"""Read the paper, submit, take the receipts home."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt import receipts
from credentials.attempt.recovery import public_jwk
from credentials.keys.ed25519 import PublicKey
from credentials.transparency import log
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import Paper, SavedAnswer, SubmitIn
from exam_api.attempts.service import channel, lockdown, sections
from exam_api.attempts.service.states import STARTED, Status, grace_of, move, price_of_lateness
from exam_api.db import ledger
from exam_api.db.base import iso
from exam_api.db.models.attempts import Response
from exam_api.db.models.proofs import ReceiptHead
from exam_api.errors import Paused, SequenceGap, TimeIsUp, WrongState
from exam_api.events import AttemptSubmitted
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import public


async def paper(session: AsyncSession, here: Installation, place: Place, now: datetime) -> Paper:
    """Everything the room needs, with what is saved so far: a reload loses nothing. After the end it says where to hand in."""
    attempt = place.attempt
    if attempt.status not in STARTED:
        raise WrongState
    assert attempt.ends_at is not None
    if attempt.status == Status.running and now > attempt.ends_at + grace_of(here, place.sitting):
        raise TimeIsUp
    await lockdown.require(session, here, place, now)
    form = await queries.get_form(session, here, place)
    latest = await queries.latest_responses(session, attempt.id)
    key = here.keyring.receipt.public
    return Paper(
        attempt_id=attempt.id,
        exam=public(sections.visible(form, attempt)),
        answers={
            each.item: SavedAnswer(
                seq=each.seq, answer=each.answer, received_at=each.received_at, jkt=str(each.receipt["jkt"])
            )
            for each in latest
        },
        seq=attempt.seq,
        head=attempt.head,
        clock=channel.clock(attempt, now),
        receipt_key=key.multikey,
        receipt_jwk=key.jwk(),
        recovery_jwk=public_jwk(here.keyring.recovery),
        jkt=attempt.jkt or "",
        generation=attempt.generation,
    )


async def submit(
    session: AsyncSession, here: Installation, place: Place, body: SubmitIn, now: datetime
) -> dict[str, Any]:
    """Seal the chain where the candidate's own chain ends. A second submit gets the same seal again."""
    attempt = place.attempt
    if attempt.status == Status.submitted and attempt.seal is not None:
        return attempt.seal
    if attempt.status == Status.paused:
        raise Paused
    if attempt.status != Status.running:
        raise WrongState
    if (body.seq, body.head) != (attempt.seq, attempt.head):
        raise SequenceGap(
            _("We hold {held} saved answers, your device knows {known}. Reload the page and submit again.").format(
                held=attempt.seq, known=body.seq
            ),
            expected=attempt.seq + 1,
        )
    assert attempt.ends_at is not None
    if now <= attempt.ends_at:
        await _may_submit(session, here, place, now)
    return await seal(session, here, place, now, by="candidate" if now <= attempt.ends_at else "clock")


async def _may_submit(session: AsyncSession, here: Installation, place: Place, now: datetime) -> None:
    """Raises `TooEarly`, `AnswersMissing`. When the time is over neither counts."""
    form, attempt = await queries.get_form(session, here, place), place.attempt
    assert attempt.started_at is not None
    sections.check_time(attempt.started_at, form.least_minutes, now)
    await sections.check_answers(session, form, attempt, {item.id for item in sections.visible(form, attempt).items})


async def seal(session: AsyncSession, here: Installation, place: Place, now: datetime, *, by: str) -> dict[str, Any]:
    """Close the chain at its last number, by the candidate or by the clock."""
    attempt = place.attempt
    move(attempt, Status.submitted)
    attempt.submitted_at = now
    await _count_lateness(session, here, place)
    attempt.seal = receipts.seal(here.keyring.receipt, str(attempt.id), attempt.seq, attempt.head, iso(now))
    session.add(ReceiptHead(attempt_id=attempt.id, sealed_at=now))  # from here on it waits for the public log
    await channel.tell(session, [attempt])
    event = AttemptSubmitted(attempt.id, attempt.sitting_id, attempt.seq, by)
    await ledger.append(session, event, now, attempt.candidate_id if by == "candidate" else None)
    return attempt.seal


async def _count_lateness(session: AsyncSession, here: Installation, place: Place) -> None:
    """What writing on after the end costs: by the last answer that was written then, not by the time of handing in.

    A device's word about that time is worth no more than the grace, as it is after the late minutes.
    """
    attempt = place.attempt
    if not attempt.late or attempt.ends_at is None:
        return
    due = attempt.ends_at - attempt.late
    written = await queries.last_written_after(session, attempt.id, due, grace_of(here, place.sitting))
    if written is not None:
        attempt.late_seconds = math.ceil((written - due).total_seconds())
        attempt.late_off = price_of_lateness(written - due, place.sitting.late_percent)


async def receipt_file(session: AsyncSession, here: Installation, place: Place) -> dict[str, Any]:
    """The candidate's own proof of everything they saved, to check without us."""
    attempt = place.attempt
    if attempt.statement is None:
        raise WrongState("There are no receipts before the start.")
    kept = await queries.all_responses(session, attempt.id)
    return receipts.as_file(
        str(attempt.id),
        attempt.statement,
        [each.receipt for each in kept],
        _answers(kept),
        attempt.seal,
        _signers(here, kept, attempt.seal),
        logged=_logged(await queries.find_head(session, attempt.id), here.keyring.log_keys),
    )


def _signers(here: Installation, kept: Sequence[Response], seal: dict[str, Any] | None) -> list[PublicKey]:
    """Our keys that signed something in the file; the newest where nothing was signed yet."""
    named = {str(each.receipt["kid"]) for each in kept} | ({str(seal["kid"])} if seal else set())
    return [key for key in here.keyring.receipt_keys if key.multikey in named] or [here.keyring.receipt.public]


def _answers(kept: Sequence[Response]) -> dict[int, dict[str, Any]]:
    """What stands in the file beside the receipts. Of a drawing, which each save sends as a whole, only the newest: the file
    has a largest size, and the receipts of the earlier ones still name their digests.
    """
    newest = {each.item: each.seq for each in kept}
    return {each.seq: each.answer for each in kept if "strokes" not in each.answer or newest[each.item] == each.seq}


def _logged(head: ReceiptHead | None, keys: Sequence[PublicKey]) -> dict[str, Any] | None:
    if head is None or head.salt is None or head.proof is None:
        return None
    signed = log.open_checkpoint(log.parse_proof(head.proof).checkpoint, keys)
    return receipts.log_part(head.salt, head.proof, signed.signers[0])
