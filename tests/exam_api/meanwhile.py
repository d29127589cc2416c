"""One transaction held open in the middle, while another one has to wait for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.session import transaction
from exam_api.installation import Installation

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def until_waiting(installation: Installation) -> None:
    """The other transaction has come to a lock of ours."""
    for _ in range(200):
        async with transaction(installation.sessions) as session:
            if await session.scalar(text(WAITS)):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody waits")


@asynccontextmanager
async def meanwhile(
    installation: Installation,
    first: Callable[[AsyncSession], Awaitable[Any]],
    other: Awaitable[Any],
    done: list[Any],
) -> AsyncIterator[AsyncSession]:
    """`first` in a transaction that stays open, `other` waiting for it, then the caller's own next step; then both end."""
    async with transaction(installation.sessions) as session:
        await first(session)
        task = asyncio.ensure_future(other)
        await until_waiting(installation)
        yield session
    done.append(await task)
