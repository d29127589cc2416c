"""What is on record: the ledger, consents, the state of the machinery. SQL, nothing else."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, literal, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Consent
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.exams import Exam, Sitting
from exam_api.db.models.giving import Batch
from exam_api.db.models.learning import Course
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.proofs import ReceiptHead, ReceiptMail
from exam_api.db.models.renewing import FAILED, Reminder


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


async def names_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these ids stand for, as people call it: a person, an exam, a sitting, somebody's attempt, a course, a certificate, a list."""
    attempt = (
        select(Attempt.id, User.name + literal(" · ") + Sitting.title)
        .join(User, User.id == Attempt.candidate_id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .where(Attempt.id.in_(ids))
    )
    what = func.coalesce(literal(" · ") + Sitting.title, "")
    certificate = (
        select(Certificate.id, User.name + what)
        .outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
        .outerjoin(Sitting, Sitting.id == Attempt.sitting_id)
        .join(User, User.id == func.coalesce(Certificate.holder_id, Attempt.candidate_id))
        .where(Certificate.id.in_(ids))
    )
    plain = [
        select(User.id, User.name).where(User.id.in_(ids)),
        *(select(each.id, each.title).where(each.id.in_(ids)) for each in (Exam, Sitting, Course, Batch)),
    ]
    return {row[0]: row[1] for row in await session.execute(union_all(attempt, certificate, *plain))}


async def count_lines(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(LedgerLine)) or 0


async def chains(session: AsyncSession, most: int) -> AsyncIterator[LedgerLine]:
    """Up to `most` lines, each stream together and in order, without holding them all in memory."""
    lines = await session.stream_scalars(
        select(LedgerLine).order_by(LedgerLine.stream, LedgerLine.seq).limit(most).execution_options(yield_per=1000)
    )
    async for line in lines:
        yield line


# --- the machinery (PgQueuer's tables are not ours, so they have no models) ---
@dataclass(frozen=True)
class DatabaseState:
    """The server's version, this database's size in bytes, and how many connections are open to it."""

    version: str
    size: int
    connections: int


async def database_state(session: AsyncSession) -> DatabaseState:
    row = (
        await session.execute(
            text(
                "SELECT current_setting('server_version'), pg_database_size(current_database()), "
                "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
            )
        )
    ).one()
    return DatabaseState(*row)


async def queue_sizes(session: AsyncSession) -> tuple[tuple[str, int, int, int], ...]:
    """Per task: waiting, at work, held after its last try."""
    rows = await session.execute(
        text(
            "SELECT entrypoint, count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'picked'), "
            "count(*) FILTER (WHERE status = 'failed') FROM pgqueuer GROUP BY entrypoint ORDER BY entrypoint"
        )
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


async def heads_waiting(session: AsyncSession) -> tuple[int, datetime | None]:
    """How many submitted exams are not in the public log yet, and since when the oldest."""
    query = select(func.count(), func.min(ReceiptHead.sealed_at)).where(ReceiptHead.log_index.is_(None))
    count, oldest = (await session.execute(query)).one()
    return count, oldest


async def copies_by_state(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Copies by mail: those that wait, and those sent or refused since then."""
    counted = select(ReceiptMail.state, func.count()).group_by(ReceiptMail.state)
    recent = or_(ReceiptMail.state == "waiting", ReceiptMail.changed_at >= since)
    return dict((await session.execute(counted.where(recent))).all())


async def letters_failed(session: AsyncSession) -> int:
    """Letters about the end of a certificate that could not be composed; each is tried again every hour."""
    query = select(func.count()).select_from(Reminder).where(Reminder.state == FAILED)
    return await session.scalar(query) or 0


async def oldest_wait(session: AsyncSession) -> timedelta:
    """How long the oldest job that could run has waited. A job that is meant for later does not wait yet."""
    found: timedelta | None = await session.scalar(
        text("SELECT max(now() - execute_after) FROM pgqueuer WHERE status = 'queued' AND execute_after <= now()")
    )
    return found or timedelta(0)


async def last_sign_of_work(session: AsyncSession) -> datetime | None:
    """When a worker last took a job, finished one, or said that it still runs."""
    found: datetime | None = await session.scalar(
        text(
            "SELECT greatest((SELECT max(heartbeat) FROM pgqueuer WHERE status = 'picked'), "
            "(SELECT max(heartbeat) FROM pgqueuer_schedules), "
            "(SELECT max(created) FROM pgqueuer_log WHERE status IN ('picked', 'successful', 'exception')))"
        )
    )
    return found
