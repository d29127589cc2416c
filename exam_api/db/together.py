"""Group commit: what many requests ask for while one statement is under way goes together with the next.

Source: DeWitt et al., "Implementation techniques for main memory database systems", SIGMOD 1984, section 5.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from exam_api.db.session import lost

Row = TypeVar("Row")
Said = TypeVar("Said")
MOST = 100  # rows of one statement


class Together(Generic[Row, Said]):
    """One statement at a time. Nobody waits for company: a lone row goes at once, and a crowd shares a commit.

    `write` keeps rows in one transaction and says of each, in their order, how it went. Rows with a name in common are
    never in one statement, so that what is said of one cannot be mistaken for the other.
    """

    def __init__(
        self, write: Callable[[Sequence[Row]], Awaitable[Sequence[Said]]], names: Callable[[Row], Sequence[Hashable]]
    ) -> None:
        self._write = write
        self._names = names
        self._waiting: list[tuple[Row, asyncio.Future[Said]]] = []
        self._flight: asyncio.Task[None] | None = None

    async def keep(self, row: Row) -> Said:
        """Return when `row` is committed. Raises what the database raises about it."""
        mine: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, mine))
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly())
        return await mine

    async def _fly(self) -> None:
        try:
            while self._waiting:
                await self._send(self._board())
        finally:
            self._flight = None

    def _board(self) -> list[tuple[Row, asyncio.Future[Said]]]:
        """Whoever waits, in order, as far as the names differ; the others take the next one."""
        aboard: list[tuple[Row, asyncio.Future[Said]]] = []
        later, seen = [], set[Hashable]()
        for row, future in self._waiting:
            names = self._names(row)
            if len(aboard) < MOST and seen.isdisjoint(names):
                aboard.append((row, future))
            else:
                later.append((row, future))
            seen.update(names)
        self._waiting = later
        return aboard

    async def _send(self, batch: list[tuple[Row, asyncio.Future[Said]]]) -> None:
        try:
            said = await self._write([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
            if len(batch) > 1 and isinstance(error, DBAPIError) and not lost(error):
                # One row cannot be written: only whoever sent it may hear of that.
                await asyncio.gather(*(self._send([each]) for each in batch))
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), each in zip(batch, said, strict=True):
            if not future.done():
                future.set_result(each)
