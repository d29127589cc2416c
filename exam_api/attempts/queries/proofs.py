"""What is known of a submitted attempt's proofs: its place in the public log, the copy by mail. SQL, nothing else."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.certificates import LogEntry, LogKey
from exam_api.db.models.proofs import ReceiptHead, ReceiptMail


async def find_head(session: AsyncSession, attempt_id: UUID) -> ReceiptHead | None:
    """The seal's way into the public log; None before the seal."""
    return await session.get(ReceiptHead, attempt_id)


async def receipt_key_entries(session: AsyncSession) -> list[tuple[int, bytes]]:
    """What the public log says about our keys for receipts, in its order."""
    keys = (await session.scalars(select(LogKey).where(LogKey.purpose == "receipt"))).all()
    told = {number for key in keys for number in (key.added, key.retired, key.compromised) if number is not None}
    query = select(LogEntry.index, LogEntry.entry).where(LogEntry.index.in_(told)).order_by(LogEntry.index)
    rows = (await session.execute(query)).all() if told else ()
    return [(index, entry) for index, entry in rows if entry is not None]


async def find_mail(session: AsyncSession, attempt_id: UUID, *, lock: bool = False) -> ReceiptMail | None:
    """The candidate's wish for a copy."""
    return await session.get(ReceiptMail, attempt_id, with_for_update=lock, populate_existing=lock)
