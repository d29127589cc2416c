"""Certificates, the log and the status lists: SQL, nothing else.

Whoever locks several things locks them in this order, so that no two transactions wait for each other:

1. what is decided: a wish for a name, a list of certificates, an app's consent
2. the person (`accounts.queries.people.lock_user`, `pathways.queries.lock_person`)
3. attempts, by id
4. certificates, by id (`find_certificate`, `lock_row`, `lock_rows`)
5. what hangs on a certificate: activities, notices, letters, listings, rows of lists
6. the log (`lock_log`), then places in the status lists
7. streams of the audit ledger (`db.ledger`), of what is locked above

People and certificates are locked FOR NO KEY UPDATE: a row that names one of them, such as a new certificate written under the log's
lock, only needs the key, and would else wait for whoever waits for the log.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.transparency.tiles import Place, Tree, needed
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate, Checkpoint, LogEntry, LogKey, LogTile, StatusListVersion
from exam_api.db.models.giving import Batch, BatchRow, CertificateListing
from exam_api.db.models.proofs import ReceiptHead
from exam_api.db.models.record import LogAnchor, LogPolicy

LOG_LOCK = (2, 0)  # advisory locks with two numbers: 1 is an attempt's flags, 2 is the log


@dataclass(frozen=True)
class Held:
    """A certificate and whose it is."""

    certificate: Certificate
    holder: UUID


def _held() -> Select[Certificate, UUID]:
    """Certificates and whose they are: their attempt's candidate, or the one whom they name. Erased ones are not there."""
    holder = func.coalesce(Certificate.holder_id, Attempt.candidate_id)
    query = select(Certificate, holder).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    return query.where(Certificate.erased_at.is_(None))


async def find_certificate(session: AsyncSession, certificate_id: UUID, *, lock: bool = False) -> Held | None:
    query = _held().where(Certificate.id == certificate_id).execution_options(populate_existing=True)
    locked = query.with_for_update(of=Certificate, key_share=True)
    row = (await session.execute(locked if lock else query)).one_or_none()
    return Held(*row) if row else None


async def find_erased(session: AsyncSession, certificate_id: UUID) -> Certificate | None:
    """What is left of a certificate that was erased: its numbers."""
    query = select(Certificate).where(Certificate.id == certificate_id, Certificate.erased_at.is_not(None))
    return await session.scalar(query)


async def lock_row(session: AsyncSession, certificate_id: UUID) -> Certificate:
    """A certificate's row, be it erased or not, locked."""
    share = {"key_share": True}
    return await session.get_one(Certificate, certificate_id, with_for_update=share, populate_existing=True)


async def lock_rows(session: AsyncSession, numbers: Collection[UUID]) -> Sequence[Certificate]:
    """The rows of several, be they erased or not, locked in one order for everybody."""
    query = select(Certificate).where(Certificate.id.in_(numbers)).order_by(Certificate.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def find_successor(session: AsyncSession, certificate_id: UUID) -> Certificate | None:
    """The newest certificate that took the place of this one."""
    query = select(Certificate).where(Certificate.replaces_id == certificate_id, Certificate.erased_at.is_(None))
    return await session.scalar(query.order_by(Certificate.issued_at.desc(), Certificate.id).limit(1))


async def find_of_person(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> Certificate | None:
    """The certificate that somebody's attempts in a sitting have earned; the newest, where an older one was revoked. One that
    was erased is still the one that they earned.
    """
    query = select(Certificate).join(Attempt, Attempt.id == Certificate.attempt_id)
    query = query.where(Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id)
    return await session.scalar(query.order_by(Certificate.issued_at.desc(), Certificate.id).limit(1))


async def list_of_person(session: AsyncSession, user_id: UUID) -> Sequence[Certificate]:
    """Somebody's certificates, the newest first."""
    whose = or_(Attempt.candidate_id == user_id, Certificate.holder_id == user_id)
    query = _held().where(whose).order_by(Certificate.issued_at.desc(), Certificate.id)
    return [certificate for certificate, _ in await session.execute(query)]


async def some_certificates(session: AsyncSession, numbers: Collection[UUID]) -> dict[UUID, Certificate]:
    """These certificates, as far as they are there."""
    rows = await session.execute(_held().where(Certificate.id.in_(numbers))) if numbers else ()
    return {row.id: row for row, _ in rows}


async def get_person(session: AsyncSession, user_id: UUID) -> User:
    return await session.get_one(User, user_id)


async def taken_indices(session: AsyncSession, indices: Collection[int]) -> set[int]:
    """Those of these places in the status list that a certificate has, or had."""
    query = select(Certificate.status_index).where(Certificate.status_index.in_(indices))
    return set(await session.scalars(query))


# --- the log ---


async def lock_log(session: AsyncSession) -> None:
    """One writer at a time, until its transaction ends: so the log has no gap and no two entries one number."""
    await session.execute(select(func.pg_advisory_xact_lock(*LOG_LOCK)))


async def count_entries(session: AsyncSession) -> int:
    """How many entries the log has: the number of the next one."""
    newest = await session.scalar(select(func.max(LogEntry.index)))
    return 0 if newest is None else newest + 1


async def tiles(session: AsyncSession, places: Collection[Place]) -> dict[Place, bytes]:
    """These tiles of the log's tree, as far as they are there."""
    asked = tuple_(LogTile.level, LogTile.index).in_(places)
    rows = await session.execute(select(LogTile.level, LogTile.index, LogTile.hashes).where(asked)) if places else ()
    return {(level, index): hashes for level, index, hashes in rows}


async def tree(session: AsyncSession, size: int, *indices: int) -> Tree:
    """The tree of the first `size` entries, with what proofs about these entries need."""
    return Tree(await tiles(session, needed(size, *indices)), size)


async def put_entries(
    session: AsyncSession, first: int, leaves: Sequence[bytes], entries: Sequence[bytes], kind: str, now: datetime
) -> None:
    """Write entries from number `first` on, in one statement: as objects of the session they cost four times as much."""
    rows = [
        {"index": first + at, "leaf": leaf, "kind": kind, "at": now, "entry": entry}
        for at, (leaf, entry) in enumerate(zip(leaves, entries, strict=True))
    ]
    await session.execute(insert(LogEntry), rows)


async def put_tiles(session: AsyncSession, changed: Mapping[Place, bytes]) -> None:
    """Write tiles, new ones and those that became longer."""
    rows = [{"level": level, "index": index, "hashes": hashes} for (level, index), hashes in changed.items()]
    statement = insert(LogTile).values(rows)
    keys = [LogTile.level, LogTile.index]
    await session.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"hashes": statement.excluded.hashes})
    )


async def some_leaves(session: AsyncSession, start: int, end: int) -> list[bytes]:
    query = select(LogEntry.leaf).where(LogEntry.index >= start, LogEntry.index < end).order_by(LogEntry.index)
    return list(await session.scalars(query))


async def find_entry(session: AsyncSession, index: int) -> LogEntry | None:
    return await session.get(LogEntry, index)


async def newest_checkpoint(session: AsyncSession) -> Checkpoint | None:
    return await session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


async def witnessed_checkpoint(session: AsyncSession, above: int) -> Checkpoint | None:
    """The newest checkpoint that enough witnesses cosigned and that holds the entry number `above`."""
    query = select(Checkpoint).where(Checkpoint.witnessed, Checkpoint.size > above)
    return await session.scalar(query.order_by(Checkpoint.size.desc()).limit(1))


async def cosigned_size(session: AsyncSession, below: int) -> int:
    """The size of the newest checkpoint before that one which any witness cosigned."""
    query = select(func.max(Checkpoint.size)).where(Checkpoint.size < below, Checkpoint.cosignatures != "")
    return await session.scalar(query) or 0


async def lock_checkpoint(session: AsyncSession, size: int) -> Checkpoint:
    """That checkpoint, for writing to it."""
    return await session.get_one(Checkpoint, size, with_for_update=True, populate_existing=True)


async def some_entries(session: AsyncSession, indices: Collection[int]) -> dict[int, bytes]:
    """The bytes of these entries, as far as they were kept."""
    query = select(LogEntry.index, LogEntry.entry).where(LogEntry.index.in_(indices), LogEntry.entry.is_not(None))
    rows = (await session.execute(query)).all() if indices else ()
    return {index: entry for index, entry in rows if entry is not None}


async def log_keys(session: AsyncSession, purpose: str) -> Sequence[LogKey]:
    """The keys that the log has named, in its order."""
    return (await session.scalars(select(LogKey).where(LogKey.purpose == purpose).order_by(LogKey.added))).all()


async def every_log_key(session: AsyncSession) -> Sequence[LogKey]:
    """The keys that the log has named, of every purpose, in its order."""
    return (await session.scalars(select(LogKey).order_by(LogKey.added, LogKey.key))).all()


async def newest_status(session: AsyncSession) -> StatusListVersion | None:
    return await session.scalar(select(StatusListVersion).order_by(StatusListVersion.version.desc()).limit(1))


# --- what the log says of itself, and where its heads are anchored ---


async def newest_policy(session: AsyncSession, below: int = 2**62) -> LogPolicy | None:
    """The policy that counts for a log of so many entries."""
    query = select(LogPolicy).where(LogPolicy.index < below).order_by(LogPolicy.index.desc())
    return await session.scalar(query.limit(1))


async def newest_anchor(session: AsyncSession, kind: str) -> LogAnchor | None:
    query = select(LogAnchor).where(LogAnchor.kind == kind).order_by(LogAnchor.size.desc())
    return await session.scalar(query.limit(1))


async def put_anchor(session: AsyncSession, size: int, kind: str, now: datetime) -> None:
    """A head that is to be anchored; nothing where that is known already."""
    row = {"size": size, "kind": kind, "asked_at": now, "changed_at": now, "complete": False, "tries": 0}
    await session.execute(insert(LogAnchor).values(row).on_conflict_do_nothing())


async def open_anchors(session: AsyncSession, kind: str) -> list[tuple[LogAnchor, str]]:
    """What is not complete at a place, locked, with the heads' notes; another worker meanwhile takes none of them."""
    query = (
        select(LogAnchor, Checkpoint.note)
        .join(Checkpoint, Checkpoint.size == LogAnchor.size)
        .where(LogAnchor.kind == kind, LogAnchor.complete.is_(False))
        .order_by(LogAnchor.size)
        .with_for_update(of=LogAnchor, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(row, note) for row, note in await session.execute(query)]


async def lock_anchor(session: AsyncSession, size: int, kind: str) -> LogAnchor:
    """That anchor, for writing to it."""
    return await session.get_one(LogAnchor, (size, kind), with_for_update=True, populate_existing=True)


async def anchors_above(session: AsyncSession, index: int) -> list[tuple[LogAnchor, str]]:
    """Of each kind the complete anchor of the smallest head that holds an entry, with that head's note."""
    query = (
        select(LogAnchor, Checkpoint.note)
        .join(Checkpoint, Checkpoint.size == LogAnchor.size)
        .where(LogAnchor.complete, LogAnchor.size > index)
        .order_by(LogAnchor.kind, LogAnchor.size)
        .ext(distinct_on(LogAnchor.kind))
    )
    return [(row, note) for row, note in await session.execute(query)]


# --- heads of receipt chains on their way to the log ---


async def waiting_heads(session: AsyncSession, most: int) -> Sequence[tuple[ReceiptHead, dict[str, Any]]]:
    """The oldest seals that are not in the log yet, locked; another worker meanwhile takes those after them."""
    query = (
        select(ReceiptHead, Attempt.seal)
        .join(Attempt, Attempt.id == ReceiptHead.attempt_id)
        .where(ReceiptHead.log_index.is_(None))
        .order_by(ReceiptHead.sealed_at)
        .limit(most)
        .with_for_update(of=ReceiptHead, skip_locked=True)
    )
    return [(head, seal) for head, seal in await session.execute(query) if seal is not None]


# --- found by name, with the holder's consent ---


async def find_listing(session: AsyncSession, certificate_id: UUID) -> CertificateListing | None:
    return await session.get(CertificateListing, certificate_id)


async def put_listing(session: AsyncSession, certificate_id: UUID, name: str, now: datetime) -> bool:
    """Whether it was not found by name until now."""
    row = {"certificate_id": certificate_id, "folded": name, "since": now}
    made = insert(CertificateListing).values(row).on_conflict_do_nothing().returning(CertificateListing.certificate_id)
    return await session.scalar(made) is not None


async def unlist(session: AsyncSession, certificate_id: UUID) -> bool:
    """Whether it was found by name until now."""
    gone = delete(CertificateListing).where(CertificateListing.certificate_id == certificate_id)
    return (await session.execute(gone.returning(CertificateListing.certificate_id))).first() is not None


async def listed_as(session: AsyncSession, folded: str, most: int) -> Sequence[Certificate]:
    """The certificates, revoked ones left out, whose holders let them be found by exactly this name; the newest first."""
    query = _held().join(CertificateListing, CertificateListing.certificate_id == Certificate.id)
    query = query.where(CertificateListing.folded == folded, Certificate.revoked_at.is_(None))
    query = query.order_by(Certificate.issued_at.desc(), Certificate.id).limit(most)
    return [certificate for certificate, _ in await session.execute(query)]


# --- lists of certificates that two people give ---


async def find_batch(session: AsyncSession, batch_id: UUID, *, lock: bool = False) -> Batch | None:
    query = select(Batch).where(Batch.id == batch_id).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if lock else query)


async def list_batches(session: AsyncSession, most: int) -> Sequence[Batch]:
    """The newest first."""
    return (await session.scalars(select(Batch).order_by(Batch.made_at.desc(), Batch.id).limit(most))).all()


async def unfinished_batches(session: AsyncSession) -> Sequence[UUID]:
    """Those that are approved and have rows left, the oldest first."""
    query = select(Batch.id).where(Batch.approved_at.is_not(None), Batch.finished_at.is_(None))
    return (await session.scalars(query.order_by(Batch.approved_at, Batch.id))).all()


async def batch_rows(
    session: AsyncSession, batch_id: UUID, offset: int = 0, most: int | None = None
) -> Sequence[BatchRow]:
    query = select(BatchRow).where(BatchRow.batch_id == batch_id).order_by(BatchRow.number).offset(offset).limit(most)
    return (await session.scalars(query)).all()


async def rows_and_holders(session: AsyncSession, batch_id: UUID) -> Sequence[tuple[BatchRow, User]]:
    query = select(BatchRow, User).join(User, User.id == BatchRow.holder_id).where(BatchRow.batch_id == batch_id)
    return [(row, user) for row, user in await session.execute(query.order_by(BatchRow.number))]


async def row_of(session: AsyncSession, certificate_id: UUID) -> tuple[BatchRow, Batch] | None:
    """The row of a list that this certificate was given for, locked with its list."""
    query = select(BatchRow, Batch).join(Batch, Batch.id == BatchRow.batch_id)
    query = query.where(BatchRow.certificate_id == certificate_id).with_for_update()
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def waiting_rows(session: AsyncSession, batch_id: UUID, most: int) -> Sequence[tuple[BatchRow, User]]:
    """The next rows that have neither a certificate nor a problem, and whose they are."""
    query = select(BatchRow, User).join(User, User.id == BatchRow.holder_id)
    query = query.where(BatchRow.batch_id == batch_id, BatchRow.certificate_id.is_(None), BatchRow.problem.is_(None))
    return [(row, user) for row, user in await session.execute(query.order_by(BatchRow.number).limit(most))]


@dataclass(frozen=True)
class Progress:
    """How far a list is."""

    rows: int
    issued: int
    problems: int


async def progress(session: AsyncSession, batch_ids: Collection[UUID]) -> dict[UUID, Progress]:
    columns = (func.count(), func.count(BatchRow.certificate_id), func.count(BatchRow.problem))
    query = select(BatchRow.batch_id, *columns).where(BatchRow.batch_id.in_(batch_ids)).group_by(BatchRow.batch_id)
    rows = (await session.execute(query)).all() if batch_ids else ()
    return {batch_id: Progress(total, issued, problems) for batch_id, total, issued, problems in rows}


async def users_by_email(session: AsyncSession, emails: Collection[str]) -> dict[str, User]:
    query = select(User).where(User.email.in_(emails))
    return {user.email: user for user in await session.scalars(query)} if emails else {}


async def having(session: AsyncSession, holders: Collection[UUID], achievement: str) -> set[UUID]:
    """Those of these people who have a certificate of this achievement that is not revoked."""
    holder = func.coalesce(Certificate.holder_id, Attempt.candidate_id)
    said = Certificate.document["credentialSubject"]["achievement"]["id"].astext
    query = select(holder).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    query = query.where(holder.in_(holders), said == achievement, Certificate.revoked_at.is_(None))
    return set(await session.scalars(query)) if holders else set()
