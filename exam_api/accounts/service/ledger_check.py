"""Compute the ledger's hashes again, and name the first line of each stream that does not hold."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import records
from exam_api.db import ledger
from exam_api.db.models.ledger import LedgerLine

MOST = 200_000  # about ten seconds; an installation with more is checked from the command line of its database


@dataclass(frozen=True)
class Broken:
    """A stream, and the number of its first line that does not hold."""

    stream: UUID
    seq: int


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what did not hold. `complete`: nothing was left out."""

    lines: int
    streams: int
    broken: tuple[Broken, ...]
    complete: bool


async def check(session: AsyncSession, most: int = MOST) -> Checked:
    """Stream by stream. A stream that the limit cuts is still whole as far as it was read."""
    broken: list[Broken] = []
    lines = streams = 0
    chain: list[LedgerLine] = []

    def close() -> None:
        nonlocal streams
        if not chain:
            return
        streams += 1
        seq = ledger.broken_at(chain)
        if seq is not None:
            broken.append(Broken(chain[0].stream, seq))
        chain.clear()

    async for line in records.chains(session, most):
        if chain and chain[0].stream != line.stream:
            close()
        chain.append(line)
        lines += 1
    close()
    return Checked(lines, streams, tuple(broken), complete=lines < most)
