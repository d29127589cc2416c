"""What a web process can honestly say about the platform: it asks now, and says how long the answer took."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import obstore
from obstore.exceptions import BaseError
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import records
from exam_api.installation import Installation

PROBE = "health/probe"
SLOW_QUEUE = timedelta(minutes=1)


@dataclass(frozen=True)
class Report:
    """`queue` is (task, waiting, at work, held); a held job failed five times and waits for a person."""

    at: datetime
    database: str
    database_bytes: int
    database_ms: float
    connections: int
    queue: tuple[tuple[str, int, int, int], ...]
    oldest_wait: timedelta
    last_work: datetime | None
    blobs: str
    blobs_ms: float
    blobs_error: str | None

    @property
    def waiting(self) -> int:
        return sum(each[1] for each in self.queue)

    @property
    def held(self) -> int:
        return sum(each[3] for each in self.queue)

    @property
    def worker_is_late(self) -> bool:
        """A job that could run has waited for more than a minute: no worker runs, or there are too few."""
        return self.oldest_wait > SLOW_QUEUE


async def look(session: AsyncSession, here: Installation, now: datetime) -> Report:
    """Ask the database, the queue and the blob store."""
    begun = time.perf_counter()
    state = await records.database_state(session)
    database_ms = (time.perf_counter() - begun) * 1000
    begun = time.perf_counter()
    blobs_error = await _probe_blobs(here)
    return Report(
        at=now,
        database=state.version,
        database_bytes=state.size,
        database_ms=database_ms,
        connections=state.connections,
        queue=await records.queue_sizes(session),
        oldest_wait=await records.oldest_wait(session),
        last_work=await records.last_sign_of_work(session),
        blobs=type(here.blobs).__name__,
        blobs_ms=(time.perf_counter() - begun) * 1000,
        blobs_error=blobs_error,
    )


async def _probe_blobs(here: Installation) -> str | None:
    """Write a few bytes and read them back; what went wrong, or None."""
    try:
        async with asyncio.timeout(5):
            await obstore.put_async(here.blobs, PROBE, b"probe")
            read = bytes(await (await obstore.get_async(here.blobs, PROBE)).bytes_async())
    except (BaseError, OSError, TimeoutError) as error:
        return type(error).__name__
    return None if read == b"probe" else "what was read is not what was written"
