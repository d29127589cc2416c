"""What has been kept long enough: SQL, nothing else. Time counts from when an attempt was handed in."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.base import iso
from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.monitoring import (
    BrowserSignal,
    Clip,
    Erasure,
    EvidenceKey,
    Flag,
    Frame,
    LeftOut,
    LifeSign,
    Lookalike,
    Sound,
    SpotCheck,
    Watching,
)

Piece: TypeAlias = type[Frame] | type[Sound]
MOST = 500  # blobs in one transaction


def _in_evidence(table: Piece) -> ColumnElement[bool]:
    name = func.concat(literal(f"{table.__tablename__[:-1]}:"), cast(table.number, String))
    return exists().where(Flag.attempt_id == table.attempt_id, Flag.evidence.has_key(name))


async def pieces_to_erase(
    session: AsyncSession, table: Piece, before: datetime, flagged_before: datetime
) -> list[tuple[UUID, int, str]]:
    """Attempt, number and blob of old pieces; those in a flag's evidence stay as long as its video would."""
    query = (
        select(table.attempt_id, table.number, table.blob)
        .where(table.blob.is_not(None), table.received_at < before)
        .where(~_in_evidence(table) | (table.received_at < flagged_before))
        .limit(MOST)
    )
    return [(attempt_id, number, blob or "") for attempt_id, number, blob in await session.execute(query)]


async def pieces_erased(session: AsyncSession, table: Piece, attempt_id: UUID, numbers: Sequence[int]) -> None:
    await session.execute(
        update(table).where(table.attempt_id == attempt_id, table.number.in_(numbers)).values(blob=None)
    )


async def clips_to_erase(session: AsyncSession, before: datetime) -> list[Clip]:
    query = select(Clip).where(Clip.blob.is_not(None), Clip.received_at < before)
    return list(await session.scalars(query.limit(MOST)))


async def references_to_erase(session: AsyncSession, before: datetime) -> list[Reference]:
    """Photos of attempts that ended before then, or that were never begun and have a photo from before then."""
    query = (
        select(Reference)
        .join(Attempt, Attempt.id == Reference.attempt_id)
        .where(Reference.state != "erased", Reference.sent_at < before)
        .where(or_(Attempt.submitted_at < before, Attempt.started_at.is_(None)))
    )
    return list(await session.scalars(query.limit(MOST)))


async def faces_to_erase(session: AsyncSession, ended_before: datetime, at_latest: datetime) -> list[Reference]:
    """Face numbers of attempts that ended and whose pictures are all looked at, or that ended before `at_latest`."""
    waits = exists().where(Frame.attempt_id == Attempt.id, Frame.analysed_at.is_(None))
    query = (
        select(Reference)
        .join(Attempt, Attempt.id == Reference.attempt_id)
        .where(Reference.encoding.is_not(None), Attempt.submitted_at < ended_before)
        .where(~waits | (Attempt.submitted_at < at_latest))
    )
    return list(await session.scalars(query.limit(MOST)))


async def check_ins_left(session: AsyncSession, before: datetime) -> list[Watching]:
    """Rows with pictures of a check before the start that was asked for before then: nobody has looked at them."""
    blob, asked = Watching.check_in["blob"].astext, Watching.check_in["asked_at"].astext
    return list(await session.scalars(select(Watching).where(blob.is_not(None), asked < iso(before)).limit(MOST)))


async def forget_person(session: AsyncSession, attempt_id: UUID) -> None:
    """What was remembered of how somebody looks and sounds."""
    await session.execute(
        update(Watching).where(Watching.attempt_id == attempt_id).values(watch=None, memory=None, calibration=None)
    )
    one = (Lookalike.one == attempt_id) | (Lookalike.other == attempt_id)
    await session.execute(delete(Lookalike).where(one))


async def ended_before(session: AsyncSession, before: datetime, table: type[Flag] | type[BrowserSignal]) -> list[UUID]:
    """Attempts that ended before then and still have such rows, or readings."""
    tables = (Flag,) if table is Flag else (BrowserSignal, Frame, Sound)
    has = or_(*(exists().where(each.attempt_id == Attempt.id) for each in tables))
    query = select(Attempt.id).where(Attempt.submitted_at < before, has)
    return list(await session.scalars(query.limit(MOST)))


async def erase_rows(session: AsyncSession, attempt_id: UUID, *, flags: bool) -> int:
    """Take an attempt's flags (or everything that flags are made of) out of the database. How many rows."""
    tables = (Flag, LeftOut, Clip) if flags else (Frame, Sound, BrowserSignal, LifeSign, SpotCheck)
    gone = 0
    for table in tables:
        found = await session.execute(delete(table).where(table.attempt_id == attempt_id).returning(table.attempt_id))
        gone += len(found.all())
    if not flags:
        await session.execute(update(Watching).where(Watching.attempt_id == attempt_id).values(check_in=None))
    return gone


async def keys_to_erase(session: AsyncSession, before: datetime) -> list[EvidenceKey]:
    """Keys of attempts that ended before then and of which nothing sealed is left."""
    left = [exists().where(table.attempt_id == Attempt.id, table.blob.is_not(None)) for table in (Frame, Sound, Clip)]
    left.append(exists().where(Reference.attempt_id == Attempt.id, Reference.state != "erased"))
    query = (
        select(EvidenceKey)
        .join(Attempt, Attempt.id == EvidenceKey.attempt_id)
        .where(EvidenceKey.sealed.is_not(None), Attempt.submitted_at < before, ~or_(*left))
    )
    return list(await session.scalars(query.limit(MOST)))


async def erasures_of(session: AsyncSession, attempt_id: UUID) -> list[Erasure]:
    query = select(Erasure).where(Erasure.attempt_id == attempt_id)
    return list(await session.scalars(query.order_by(Erasure.at)))
