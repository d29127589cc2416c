"""What a web process can honestly say about the platform: it asks now, and says how long the answer took."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import obstore
from obstore.exceptions import BaseError
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import records
from exam_api.installation import Installation

PROBE = "health/probe"
SLOW_QUEUE = timedelta(minutes=1)
SLOW_LOG = timedelta(minutes=5)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Report:
    """`queue` is (task, waiting, at work, held); a held job failed five times and waits for a person. `heads` are submitted
    exams that the public log does not have yet, `copies` those by mail of the last week, by their state; `letters_failed` are
    letters about the end of a certificate that cannot be composed.
    """

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
    heads: int
    heads_since: datetime | None
    mail: str | None
    copies: Mapping[str, int]
    letters_failed: int

    @property
    def log_is_late(self) -> bool:
        """Something that was submitted has not been logged for five minutes; the job runs each minute."""
        return self.heads_since is not None and self.at - self.heads_since > SLOW_LOG

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
    heads, heads_since = await records.heads_waiting(session)
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
        heads=heads,
        heads_since=heads_since,
        mail=f"{here.mail.host}:{here.mail.port}" if here.mail else None,
        copies=await records.copies_by_state(session, now - WEEK),
        letters_failed=await records.letters_failed(session),
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
