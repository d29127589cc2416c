"""Heads of receipt chains into the public log: what was submitted can then be proven to be no later and no shorter."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.transparency.log import receipt_head_leaf
from exam_api.certificates import queries
from exam_api.certificates.service import keys
from exam_api.certificates.service.publishing import append_all
from exam_api.installation import Installation

KIND = "receipt-head"
BATCH = 500  # one checkpoint and a lock on the log of some 0.2 s, so that a certificate never waits long behind a hall


async def log_waiting(session: AsyncSession, here: Installation, now: datetime, chance: Callable[[int], bytes]) -> int:
    """Log the seals that wait, at most a batch; how many they were. The rows stay locked, so none is logged twice."""
    waiting = await queries.waiting_heads(session, BATCH)
    if not waiting:
        return 0
    await keys.ensure_receipts(session, here, now)
    salts = [chance(16) for _ in waiting]
    entries = [receipt_head_leaf(seal, salt) for (_, seal), salt in zip(waiting, salts, strict=True)]
    published = await append_all(session, here, KIND, entries, now)
    for at, ((head, _), salt) in enumerate(zip(waiting, salts, strict=True)):
        head.salt, head.log_index, head.logged_at = salt, published.first + at, now
        head.proof = published.proof(published.first + at)
    await session.flush()
    return len(waiting)
