"""News as it happens: one connection per process listens to PostgreSQL and tells everybody in the process who waits."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any
from uuid import UUID

import asyncpg

log = logging.getLogger("exam_api.listening")
News = dict[str, Any]
"""The whole state of one subject, whose id stands under `subject`: whoever hears the newest has missed nothing."""
MOST = 4  # who listen for one subject; one more, and the oldest goes
AGAIN = 0.5  # seconds before the next try to connect
LOOK = 10.0  # seconds of silence after which the connection has to show that it lives
PATIENCE = 5.0


class Ended(Exception):
    """The process ends, or too many listen for this subject."""


class Ear:
    """Somebody who waits for news of one subject. Only the newest is kept: a slow listener costs no memory."""

    def __init__(self, subject: UUID) -> None:
        self.subject = subject
        self._news: News | None = None
        self._ended = False
        self._ready = asyncio.Event()

    async def next(self, patience: float) -> News | None:
        """The newest news not yet heard; None when there were none for `patience` seconds. Raises `Ended`."""
        try:
            async with asyncio.timeout(patience):
                await self._ready.wait()
        except TimeoutError:
            return None
        if self._news is None:
            raise Ended
        news, self._news = self._news, None
        if not self._ended:
            self._ready.clear()
        return news

    def tell(self, news: News) -> None:
        self._news = news
        self._ready.set()

    def end(self) -> None:
        self._ended = True
        self._ready.set()


class Listening:
    """`present` reads the state of many subjects at once: it is told after each connection, so a gap loses nothing."""

    def __init__(
        self, url: str, channel: str, present: Callable[[Collection[UUID]], Awaitable[Iterable[News]]]
    ) -> None:
        self._url = url
        self._channel = channel
        self._present = present
        self._ears: dict[UUID, list[Ear]] = defaultdict(list)
        self._closed = False

    def listen(self, subject: UUID) -> Ear:
        """Begin to listen; read the present state after this, not before."""
        ear = Ear(subject)
        if self._closed:
            ear.end()
            return ear
        ears = self._ears[subject]
        ears.append(ear)
        if len(ears) > MOST:
            ears.pop(0).end()
        return ear

    def leave(self, ear: Ear) -> None:
        """Stop listening."""
        ears = self._ears.get(ear.subject, [])
        if ear in ears:
            ears.remove(ear)
        if not ears:
            self._ears.pop(ear.subject, None)

    def __len__(self) -> int:
        """How many listen."""
        return sum(map(len, self._ears.values()))

    def close(self) -> None:
        """Tell everybody that it is over."""
        self._closed = True
        for ear in [ear for ears in self._ears.values() for ear in ears]:
            ear.end()

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        while True:
            try:
                await self._hear()
            except Exception as error:  # noqa: BLE001  (whatever it is, the next try may work)
                log.warning("not listening just now: %s", type(error).__name__)
            await asyncio.sleep(AGAIN)

    async def _hear(self) -> None:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        connection = await asyncpg.connect(self._url, timeout=PATIENCE, command_timeout=PATIENCE)
        try:
            connection.add_termination_listener(lambda _: heard.put_nowait(None))
            await connection.add_listener(self._channel, lambda *said: heard.put_nowait(said[3]))
            # What is said from here on waits in the queue, behind the present that is read now: the order is right.
            if self._ears:
                self._tell(await self._present(list(self._ears)))
            while True:
                try:
                    async with asyncio.timeout(LOOK):
                        said = await heard.get()
                except TimeoutError:
                    await connection.execute("SELECT 1")
                    continue
                if said is None:
                    return
                self._tell([json.loads(said)])
        finally:
            connection.terminate()

    def _tell(self, all_news: Iterable[News]) -> None:
        for news in all_news:
            for ear in self._ears.get(UUID(news["subject"]), ()):
                ear.tell(news)
