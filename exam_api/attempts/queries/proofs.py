"""What is known of a submitted attempt's proofs: its place in the public log, the copy by mail. SQL, nothing else."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.proofs import ReceiptHead, ReceiptMail


async def find_head(session: AsyncSession, attempt_id: UUID) -> ReceiptHead | None:
    """The seal's way into the public log; None before the seal."""
    return await session.get(ReceiptHead, attempt_id)


async def find_mail(session: AsyncSession, attempt_id: UUID, *, lock: bool = False) -> ReceiptMail | None:
    """The candidate's wish for a copy."""
    return await session.get(ReceiptMail, attempt_id, with_for_update=lock, populate_existing=lock)
