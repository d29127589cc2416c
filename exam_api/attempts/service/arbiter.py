"""What a receipts file proves, in words, for anyone; beside it what we hold, for those who may see that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import CredentialError, NotProven
from credentials.receipts import ReceiptChain, claimed_keys, verify_file
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


@dataclass(frozen=True)
class Judged:
    """`chain` is None where nothing is proven; `ours` where the visitor may not see it, or there is nothing to see.

    `signed_by_us`: with the key of this very installation. Otherwise only the file says whose key it is.
    """

    chain: ReceiptChain | None
    reason: str
    signed_by_us: bool
    first_at: datetime | None = None
    last_at: datetime | None = None
    ours: Ours | None = None


async def judge(session: AsyncSession, here: Installation, actor: Actor | None, document: bytes) -> Judged:
    """Check the file as the command does. Raises `Invalid` for what is no receipts file."""
    key = here.keyring.receipt.public
    try:
        keys = claimed_keys(document)
        by_us = key in keys
        chain = verify_file(document, [key] if by_us else keys)
    except NotProven as reason:
        return Judged(None, str(reason), signed_by_us=False)
    except CredentialError as error:
        raise Invalid(_("This file cannot be used: {text}").format(text=error)) from error
    times = [datetime.fromisoformat(each.received_at) for each in chain.receipts]
    first, last = (min(times), max(times)) if times else (None, None)
    ours = await _held(session, actor, chain) if by_us else None
    return Judged(chain, "", by_us, first, last, ours)


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
    head = attempt.head if attempt.seq == count else str(after.receipt["previous"]) if after else ""
    return Ours(attempt.seq, attempt.seal is not None, head == chain.head)
