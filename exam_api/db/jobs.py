"""Jobs for the worker, enqueued on the same connection as the change they follow from (PgQueuer)."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from pgqueuer import AsyncpgDriver, Queries
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.session import nobody_there

EVENT = "event"
T = TypeVar("T")
log = logging.getLogger("exam_api.jobs")


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


async def each_alone(rows: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Do it for every row, although it fails for some; these are raised together at the end, so that the job is tried again and an
    operator sees it. `act` opens its own transaction, and doing it twice must change nothing.
    Where the database is away, that is raised at once: it would fail for all.
    """
    failed: list[Exception] = []
    for row in rows:
        try:
            await act(row)
        except Exception as error:
            if nobody_there(error):
                raise
            log.exception("%s failed for %s; the others go on", act.__qualname__, row)
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} could not be done", failed)
