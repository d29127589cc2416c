"""Files of answers and the chunks they came in. SQL, nothing else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import AsideAnswer, Attachment, AttachmentChunk, Attempt, Response


async def find_attachment(
    session: AsyncSession, attempt_id: UUID, attachment_id: UUID, *, lock: bool = False
) -> Attachment | None:
    query = select(Attachment).where(Attachment.attempt_id == attempt_id, Attachment.id == attachment_id)
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


async def attachments_of(session: AsyncSession, attempt_ids: Collection[UUID]) -> Sequence[Attachment]:
    """What is whole and still here, of these attempts."""
    query = select(Attachment).where(Attachment.attempt_id.in_(attempt_ids), Attachment.sha256.is_not(None))
    return (await session.scalars(query.where(Attachment.erased_at.is_(None)))).all()


async def count_files(session: AsyncSession, attempt_id: UUID, item: str, unknown: int) -> tuple[int, int]:
    """How many files this attempt has begun in all, and how many bytes those of the item take or may still take.

    `unknown`: what a file of unknown size counts for.
    """
    size = func.coalesce(Attachment.size, unknown)
    here = Attachment.refused.is_(None) & Attachment.erased_at.is_(None) & (Attachment.item == item)
    query = select(func.count(), func.coalesce(func.sum(size).filter(here), 0)).where(
        Attachment.attempt_id == attempt_id
    )
    count, taken = (await session.execute(query)).one()
    return count, taken


async def add_attachment(session: AsyncSession, values: dict[str, Any]) -> None:
    """Write it down, unless it is there already."""
    await session.execute(insert(Attachment).values(values).on_conflict_do_nothing())


async def find_chunk(session: AsyncSession, row: Attachment, start: int) -> AttachmentChunk | None:
    return await session.get(AttachmentChunk, (row.attempt_id, row.id, start))


async def chunks_of(session: AsyncSession, row: Attachment) -> Sequence[AttachmentChunk]:
    """In the order of the file."""
    query = select(AttachmentChunk).where(
        AttachmentChunk.attempt_id == row.attempt_id, AttachmentChunk.attachment_id == row.id
    )
    return (await session.scalars(query.order_by(AttachmentChunk.start))).all()


async def count_chunks(session: AsyncSession, row: Attachment) -> int:
    query = select(func.count()).where(
        AttachmentChunk.attempt_id == row.attempt_id, AttachmentChunk.attachment_id == row.id
    )
    return await session.scalar(query) or 0


async def delete_chunks(session: AsyncSession, row: Attachment) -> list[str]:
    """Forget them; the blobs that nothing names any more."""
    query = delete(AttachmentChunk).where(
        AttachmentChunk.attempt_id == row.attempt_id, AttachmentChunk.attachment_id == row.id
    )
    return list(await session.scalars(query.returning(AttachmentChunk.blob)))


async def blobs_of(session: AsyncSession, attempt_id: UUID) -> set[str]:
    """Every blob that a chunk of this attempt names."""
    return set(await session.scalars(select(AttachmentChunk.blob).where(AttachmentChunk.attempt_id == attempt_id)))


async def is_named(session: AsyncSession, row: Attachment) -> bool:
    """Whether any answer names this file: the newest, one before it, or one beside the chain."""
    inside = {"files": [{"id": str(row.id)}]}
    for kind in (Response, AsideAnswer):
        query = select(kind.attempt_id).where(kind.attempt_id == row.attempt_id, kind.answer.contains(inside)).limit(1)
        if (await session.execute(query)).first() is not None:
            return True
    return False


_LEFT_OVER = text(
    """
    SELECT f.attempt_id, f.id FROM attachments f JOIN attempts a ON a.id = f.attempt_id
    WHERE f.erased_at IS NULL AND a.status IN ('submitted', 'voided') AND coalesce(a.submitted_at, a.ends_at) < :before
      AND (f.sha256 IS NULL OR NOT EXISTS (
        SELECT FROM responses r WHERE r.attempt_id = f.attempt_id
          AND r.answer -> 'files' @> jsonb_build_array(jsonb_build_object('id', CAST(f.id AS text)))
        UNION ALL
        SELECT FROM aside_answers r WHERE r.attempt_id = f.attempt_id
          AND r.answer -> 'files' @> jsonb_build_array(jsonb_build_object('id', CAST(f.id AS text)))))
    LIMIT :limit
    """
)


async def left_over_files(session: AsyncSession, before: datetime, limit: int = 1000) -> list[tuple[UUID, UUID]]:
    """Files of attempts that ended before then which never came whole, or which no answer names: neither the newest, nor
    those before it, nor those beside the chain.
    """
    found = await session.execute(_LEFT_OVER, {"before": before, "limit": limit})
    return [(row.attempt_id, row.id) for row in found]


async def attempts_with_files(session: AsyncSession, since: datetime, before: datetime) -> Sequence[UUID]:
    """Attempts that ended in between and have files."""
    ended = func.coalesce(Attempt.submitted_at, Attempt.ends_at)
    query = select(Attempt.id).where(Attempt.status.in_(("submitted", "voided")), ended >= since, ended < before)
    return (
        await session.scalars(query.where(select(Attachment.id).where(Attachment.attempt_id == Attempt.id).exists()))
    ).all()
