"""The audit ledger: what happened, by whom, when; each stream is a hash chain, so no line can vanish unseen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import digest
from exam_api.db.base import iso
from exam_api.db.jobs import EVENT, Later, enqueue
from exam_api.db.models.ledger import LedgerLine
from exam_api.events import Event

GENESIS = "0" * 43


async def append(session: AsyncSession, event: Event, now: datetime, actor: UUID | None = None) -> LedgerLine:
    """Write one event in the transaction of the change itself, and hand it to the worker.

    The lock is per stream: two changes of one attempt queue up, two attempts never wait for each other.
    """
    await session.execute(select(func.pg_advisory_xact_lock(event.stream.int & (2**63 - 1))))
    last = await session.scalar(
        select(LedgerLine).where(LedgerLine.stream == event.stream).order_by(LedgerLine.seq.desc()).limit(1)
    )
    line = LedgerLine(
        stream=event.stream,
        seq=last.seq + 1 if last else 1,
        at=now,
        actor_id=actor,
        tag=event.tag,
        data=event.data(),
        previous=last.hash if last else GENESIS,
    )
    line.hash = digest(content(line))
    session.add(line)
    await session.flush()
    await enqueue(session, Later(EVENT, {"line": line.id}))
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
