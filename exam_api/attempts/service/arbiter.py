"""What a receipts file proves, fact by fact, for anyone; beside it what we hold, for those who may see that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt.receipts import ReceiptChain, claimed_keys
from credentials.attempt.receipts_report import ReceiptReport, examine
from credentials.errors import CredentialError
from credentials.transparency import history
from credentials.transparency.entries import decode
from credentials.transparency.history import History
from credentials.transparency.log import Checkpoint
from credentials.verification.trust import Trust
from exam_api.accounts.access import Actor, Role
from exam_api.attempts import queries
from exam_api.db.models.attempts import Attempt
from exam_api.errors import Invalid
from exam_api.installation import Installation
from exam_api.web.i18n import _


@dataclass(frozen=True)
class Ours:
    """What we hold of the same attempt. `same`: the file's chain is ours, from its start to where the file ends."""

    seq: int
    sealed: bool
    same: bool
    log_index: int | None


@dataclass(frozen=True)
class Judged:
    """The facts of the file. `report.pinned`: signed with the key of this very installation; otherwise only the file says
    whose key it is. `ours` is None where the visitor may not see it, or there is nothing to see.
    """

    report: ReceiptReport
    first_at: datetime | None = None
    last_at: datetime | None = None
    sealed_at: datetime | None = None
    ours: Ours | None = None


async def judge(session: AsyncSession, here: Installation, actor: Actor | None, document: bytes) -> Judged:
    """Check the file as the command does. Raises `Invalid` for what is no receipts file."""
    ring = here.keyring
    try:
        by_us = bool(set(ring.receipt_keys) & set(claimed_keys(document)))
        trust = Trust(log_keys=ring.log_keys, receipt_keys=ring.receipt_keys) if by_us else Trust()
        report = examine(document, trust, history=await _history(session, here) if by_us else None)
    except CredentialError as error:
        raise Invalid(_("This file cannot be used: {text}").format(text=error)) from error
    if (chain := report.found) is None:
        return Judged(report)
    times = [datetime.fromisoformat(each.received_at) for each in chain.receipts]
    first, last = (min(times), max(times)) if times else (None, None)
    sealed_at = datetime.fromisoformat(chain.sealed_at) if chain.sealed_at else None
    return Judged(report, first, last, sealed_at, await _held(session, actor, chain) if by_us else None)


async def _history(session: AsyncSession, here: Installation) -> History | None:
    """What the log says about our keys for receipts: of a stolen one only what was sealed in time counts."""
    said = [(index, decode(entry)) for index, entry in await queries.receipt_key_entries(session)]
    if not said:
        return None
    signers = tuple(key.multikey for key in here.keyring.log_keys)
    return history.of(said, Checkpoint(here.issuer_did, said[-1][0] + 1, b"", signers), "receipt")


async def _held(session: AsyncSession, actor: Actor | None, chain: ReceiptChain) -> Ours | None:
    try:
        attempt = await session.get(Attempt, UUID(chain.attempt))
    except ValueError:
        return None
    if actor is None or attempt is None:
        return None
    if attempt.candidate_id != actor.id and not (actor.may(Role.instructor) or actor.may(Role.invigilator)):
        return None
    count = len(chain.receipts)
    after = await queries.find_response(session, attempt.id, count + 1)
    end = attempt.head if attempt.seq == count else str(after.receipt["previous"]) if after else ""
    head = await queries.find_head(session, attempt.id)
    return Ours(attempt.seq, attempt.seal is not None, end == chain.head, head.log_index if head else None)
