"""Statuses of the VC-API, connected apps with their tokens, certificates of other issuers: SQL, nothing else."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.badges import IssuedStatus

PLACES_LOCK = (3, 0)  # advisory locks with two numbers: 1 is an attempt's flags, 2 is the log, 3 are these places


# --- statuses of what the VC-API issued ---


async def lock_places(session: AsyncSession) -> None:
    """One taker at a time, until its transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(*PLACES_LOCK)))


async def place_of(session: AsyncSession, credential_id: str) -> int | None:
    return await session.scalar(select(IssuedStatus.index).where(IssuedStatus.credential_id == credential_id))


async def is_taken(session: AsyncSession, index: int) -> bool:
    return await session.get(IssuedStatus, index) is not None


async def take_place(session: AsyncSession, index: int, credential_id: str, now: datetime) -> None:
    session.add(IssuedStatus(index=index, credential_id=credential_id, issued_at=now))
    await session.flush()


async def is_revoked(session: AsyncSession, index: int) -> bool:
    """Whether the credential with this place was revoked; a place that nobody has is not."""
    query = select(IssuedStatus.index).where(IssuedStatus.index == index, IssuedStatus.revoked_at.is_not(None))
    return await session.scalar(query) is not None


async def set_revoked(session: AsyncSession, credential_id: str, at: datetime | None) -> bool:
    """Whether there is such a credential."""
    change = update(IssuedStatus).where(IssuedStatus.credential_id == credential_id).values(revoked_at=at)
    return await session.scalar(change.returning(IssuedStatus.index)) is not None


async def revoked_places(session: AsyncSession) -> Sequence[int]:
    return (await session.scalars(select(IssuedStatus.index).where(IssuedStatus.revoked_at.is_not(None)))).all()
