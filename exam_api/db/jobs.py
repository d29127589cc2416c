"""Jobs for the worker, enqueued on the same connection as the change they follow from (PgQueuer)."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pgqueuer import AsyncpgDriver, Queries
from sqlalchemy.ext.asyncio import AsyncSession

EVENT = "event"


@dataclass(frozen=True)
class Later:
    """A job to be: `task` is an entry in the worker's table, `key` keeps it from waiting twice in the queue.

    Of those that wait, the ones with the highest `priority` go first.
    """

    task: str
    payload: dict[str, Any]
    after: timedelta = timedelta(0)
    key: str | None = None
    priority: int = 0


async def enqueue(session: AsyncSession, *jobs: Later) -> None:
    """Insert the jobs inside the session's transaction: they exist exactly when its rows do."""
    raw = await (await session.connection()).get_raw_connection()
    await Queries(AsyncpgDriver(raw.driver_connection)).enqueue(
        [job.task for job in jobs],
        [json.dumps(job.payload).encode() for job in jobs],
        [job.priority for job in jobs],
        [job.after for job in jobs],
        [job.key for job in jobs],
        on_conflict="skip",
    )
