"""The locked-down browser: SQL, nothing else."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.models.lockdown import BrowserProof, LockdownRules


async def find_proof(session: AsyncSession, attempt_id: UUID) -> BrowserProof | None:
    return await session.get(BrowserProof, attempt_id)


async def lock_proof(session: AsyncSession, attempt_id: UUID) -> BrowserProof:
    """The attempt's row, made where there is none, and nobody else's until this transaction ends."""
    await session.execute(insert(BrowserProof).values(attempt_id=attempt_id).on_conflict_do_nothing())
    query = select(BrowserProof).where(BrowserProof.attempt_id == attempt_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def has_saved_since(session: AsyncSession, attempt: Attempt, moment: datetime) -> bool:
    """Whether the attempt's live device has saved an answer after this moment."""
    saved = exists().where(
        Response.attempt_id == attempt.id,
        Response.received_at > moment,
        Response.receipt["jkt"].astext == attempt.jkt,
    )
    return bool(await session.scalar(select(saved)))


async def find_exam_keys(session: AsyncSession, sitting_id: UUID) -> list[str]:
    """The Browser Exam Keys that a sitting accepts; none: any."""
    rules = await session.get(LockdownRules, sitting_id)
    return [] if rules is None else rules.exam_keys


async def keep_exam_keys(session: AsyncSession, sitting_id: UUID, keys: list[str]) -> None:
    query = insert(LockdownRules).values(sitting_id=sitting_id, exam_keys=keys)
    changed = query.on_conflict_do_update(index_elements=[LockdownRules.sitting_id], set_={"exam_keys": keys})
    await session.execute(changed)
