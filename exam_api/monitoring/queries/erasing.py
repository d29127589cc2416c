"""What has been kept long enough: SQL, nothing else."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.monitoring import Flag, Frame


async def frames_to_erase(session: AsyncSession, before: datetime, limit: int = 1000) -> list[Frame]:
    """Old frames whose picture still lies in the store; those in a flag's evidence stay with the flag."""
    in_evidence = (
        select(Flag.id)
        .where(Flag.attempt_id == Frame.attempt_id, Flag.evidence.has_key(func.concat("frame:", Frame.number)))
        .exists()
    )
    found = await session.scalars(
        select(Frame).where(Frame.received_at < before, Frame.blob.is_not(None), ~in_evidence).limit(limit)
    )
    return list(found)


async def references_to_erase(session: AsyncSession, before: datetime) -> list[Reference]:
    """Face numbers and photos of attempts that ended long ago."""
    found = await session.scalars(
        select(Reference)
        .join(Attempt, Attempt.id == Reference.attempt_id)
        .where(Attempt.submitted_at < before, Reference.state != "erased")
    )
    return list(found)
