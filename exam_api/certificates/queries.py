"""Certificates, the log and the status lists: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate, Checkpoint, LogEntry, StatusListVersion

LOG_LOCK = (2, 0)  # advisory locks with two numbers: 1 is an attempt's flags, 2 is the log
HASH = 32


@dataclass(frozen=True)
class Held:
    """A certificate and whose it is."""

    certificate: Certificate
    holder: UUID


async def find_certificate(session: AsyncSession, certificate_id: UUID, *, lock: bool = False) -> Held | None:
    query = (
        select(Certificate, Attempt.candidate_id)
        .join(Attempt, Attempt.id == Certificate.attempt_id)
        .where(Certificate.id == certificate_id)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query.with_for_update(of=Certificate) if lock else query)).one_or_none()
    return Held(*row) if row else None


async def find_of_person(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> Certificate | None:
    """The one certificate that somebody's attempts in a sitting have earned."""
    query = select(Certificate).join(Attempt, Attempt.id == Certificate.attempt_id)
    return await session.scalar(query.where(Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id))


async def list_of_person(session: AsyncSession, user_id: UUID) -> Sequence[Certificate]:
    """Somebody's certificates, the newest first."""
    query = (
        select(Certificate)
        .join(Attempt, Attempt.id == Certificate.attempt_id)
        .where(Attempt.candidate_id == user_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id)
    )
    return (await session.scalars(query)).all()


async def get_person(session: AsyncSession, user_id: UUID) -> User:
    return await session.get_one(User, user_id)


async def is_index_taken(session: AsyncSession, index: int) -> bool:
    query = select(Certificate.id).where(Certificate.status_index == index)
    return await session.scalar(query) is not None


# --- the log ---


async def lock_log(session: AsyncSession) -> None:
    """One writer at a time, until its transaction ends: so the log has no gap and no two entries one number."""
    await session.execute(select(func.pg_advisory_xact_lock(*LOG_LOCK)))


async def leaves(session: AsyncSession, size: int | None = None) -> list[bytes] | None:
    """The leaf hashes in order, all or the first `size`; None where an entry is missing.

    They come as one value: 3 MB for 100,000 entries, read in about 0.1 s on a busy machine.
    """
    query = text(
        "SELECT count(*), coalesce(max(index) + 1, 0), coalesce(string_agg(leaf, ''::bytea ORDER BY index), ''::bytea) "
        "FROM log_entries WHERE :all OR index < :size"
    )
    count, end, joined = (await session.execute(query, {"all": size is None, "size": size or 0})).one()
    if count != end or len(joined) != count * HASH or (size is not None and count != size):
        return None
    return [joined[at : at + HASH] for at in range(0, len(joined), HASH)]


async def some_leaves(session: AsyncSession, start: int, end: int) -> list[bytes]:
    query = select(LogEntry.leaf).where(LogEntry.index >= start, LogEntry.index < end).order_by(LogEntry.index)
    return list(await session.scalars(query))


async def newest_checkpoint(session: AsyncSession) -> Checkpoint | None:
    return await session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


async def newest_status(session: AsyncSession) -> StatusListVersion | None:
    return await session.scalar(select(StatusListVersion).order_by(StatusListVersion.version.desc()).limit(1))
