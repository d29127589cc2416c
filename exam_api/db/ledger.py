"""The audit ledger: what happened, by whom, when; each stream is a hash chain, so no line can vanish unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from credentials.canonical import digest
from exam_api.db.base import iso
from exam_api.db.jobs import EVENT, Later, enqueue
from exam_api.db.models.ledger import LedgerLine
from exam_api.event import Event

GENESIS = "0" * 43


async def append(session: AsyncSession, event: Event, now: datetime, actor: UUID | None = None) -> LedgerLine:
    """Write one event in the transaction of the change itself, and hand it to the worker.

    The lock is per stream: two changes of one attempt queue up, two attempts never wait for each other.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_key(event.stream))))
    last = await session.scalar(
        select(LedgerLine).where(LedgerLine.stream == event.stream).order_by(LedgerLine.seq.desc()).limit(1)
    )
    line = following(End.of(last), event, now, actor)
    session.add(line)
    await session.flush()
    await spread(session, [line.id])
    return line


async def append_all(session: AsyncSession, events: Sequence[Event], now: datetime, actor: UUID | None = None) -> None:
    """Write one event to each of many streams in a handful of statements. No two may be of one stream."""
    if not events:
        return
    keys = sorted(_key(event.stream) for event in events)  # in order, so that two of us cannot wait for each other
    await session.execute(select(func.pg_advisory_xact_lock(func.unnest(cast(keys, ARRAY(BigInteger))))))
    asked = select(func.unnest(cast([event.stream for event in events], ARRAY(Uuid))).label("stream")).subquery()
    newest = (
        select(LedgerLine)
        .where(LedgerLine.stream == asked.c.stream)
        .order_by(LedgerLine.seq.desc())
        .limit(1)
        .lateral("newest")
    )
    last = aliased(LedgerLine, newest)
    found = {line.stream: line for line in await session.scalars(select(last).select_from(asked).join(last, true()))}
    lines = [following(End.of(found.get(event.stream)), event, now, actor) for event in events]
    session.add_all(lines)
    await session.flush()
    await spread(session, [line.id for line in lines])


async def spread(session: AsyncSession, ids: Sequence[int]) -> None:
    """Hand lines that were written just now to the worker: one job, however many they are."""
    await enqueue(session, Later(EVENT, {"lines": list(ids)}))


def _key(stream: UUID) -> int:
    return stream.int & (2**63 - 1)


async def lines(session: AsyncSession, ids: Sequence[int]) -> list[LedgerLine]:
    """These lines, in the order in which they were written."""
    found = await session.scalars(select(LedgerLine).where(LedgerLine.id.in_(ids)).order_by(LedgerLine.id))
    return list(found)


@dataclass(frozen=True)
class End:
    """Where a stream ends: the number and the hash of its last line."""

    seq: int = 0
    hash: str = GENESIS

    @classmethod
    def of(cls, line: LedgerLine | None) -> "End":
        return cls(line.seq, line.hash) if line else cls()


def following(end: End, event: Event, now: datetime, actor: UUID | None) -> LedgerLine:
    """The line that comes next in a stream, not yet written."""
    line = LedgerLine(
        stream=event.stream,
        seq=end.seq + 1,
        at=now,
        actor_id=actor,
        tag=event.tag,
        data=event.data(),
        previous=end.hash,
    )
    line.hash = digest(content(line))
    return line


def content(line: LedgerLine) -> dict[str, Any]:
    """What a line's hash covers."""
    return {
        "stream": str(line.stream),
        "seq": line.seq,
        "at": iso(line.at),
        "actor": str(line.actor_id) if line.actor_id else None,
        "tag": line.tag,
        "data": line.data,
        "previous": line.previous,
    }


def broken_at(lines: list[LedgerLine]) -> int | None:
    """The first sequence number of one stream whose line does not hold, or None when the chain is whole."""
    previous = GENESIS
    for seq, line in enumerate(lines, start=1):
        if line.seq != seq or line.previous != previous or line.hash != digest(content(line)):
            return seq
        previous = line.hash
    return None
