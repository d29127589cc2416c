"""What is on record: the ledger, consents, the state of the machinery. SQL, nothing else."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt, Consent
from exam_api.db.models.ledger import LedgerLine


async def consents_of(session: AsyncSession, user_id: UUID) -> Sequence[Consent]:
    """What a candidate accepted, oldest first."""
    found = await session.scalars(
        select(Consent)
        .join(Attempt, Attempt.id == Consent.attempt_id)
        .where(Attempt.candidate_id == user_id)
        .order_by(Consent.given_at)
    )
    return found.all()


async def lines_about(session: AsyncSession, user_id: UUID) -> Sequence[LedgerLine]:
    """The chain of one account."""
    found = await session.scalars(select(LedgerLine).where(LedgerLine.stream == user_id).order_by(LedgerLine.seq))
    return found.all()


async def list_lines(session: AsyncSession, tag: str | None, before: int | None, size: int) -> Sequence[LedgerLine]:
    """Newest first, those older than line `before`."""
    wanted = select(LedgerLine).order_by(LedgerLine.id.desc()).limit(size)
    if tag is not None:
        wanted = wanted.where(LedgerLine.tag == tag)
    if before is not None:
        wanted = wanted.where(LedgerLine.id < before)
    return (await session.scalars(wanted)).all()


async def count_lines(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(LedgerLine)) or 0


async def chains(session: AsyncSession, most: int) -> AsyncIterator[LedgerLine]:
    """Up to `most` lines, each stream together and in order, without holding them all in memory."""
    lines = await session.stream_scalars(
        select(LedgerLine).order_by(LedgerLine.stream, LedgerLine.seq).limit(most).execution_options(yield_per=1000)
    )
    async for line in lines:
        yield line
