"""News as they happen: each process listens once, and tells everybody in the process who waits."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from exam_api.db.news import Carrier

log = logging.getLogger("exam_api.listening")
News = dict[str, Any]
"""The whole state of one subject, whose id stands under `subject`: whoever hears the newest has missed nothing."""
MOST = 4  # who listen for one subject unless more are allowed; one more, and the oldest goes
AGAIN, SELDOM = 0.5, 2.0  # seconds before the next try to connect, at first and later


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
    """Hears from `carriers` who changed, and reads with `present` how they stand, many at once.

    After each connection, and for as long as there is none, everybody is looked at: a gap loses nothing.
    """

    def __init__(
        self, carriers: Sequence[Carrier], present: Callable[[Collection[UUID]], Awaitable[Iterable[News]]]
    ) -> None:
        self._carriers = carriers
        self._present = present
        self._ears: dict[UUID, list[Ear]] = defaultdict(list)
        self._changed: set[UUID] = set()
        self._some = asyncio.Event()
        self._closed = False

    def listen(self, subject: UUID, most: int = MOST) -> Ear:
        """Begin to listen; read the present state after this, not before."""
        ear = Ear(subject)
        if self._closed:
            ear.end()
            return ear
        ears = self._ears[subject]
        ears.append(ear)
        if len(ears) > most:
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
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            for carrier in self._carriers:
                group.create_task(self._hear(carrier))

    async def _hear(self, carrier: Carrier) -> None:
        pause, name = AGAIN, type(carrier).__name__
        while True:
            try:
                async with aclosing(carrier.hear()) as heard:
                    async for subjects in heard:
                        pause = AGAIN
                        self._notice(subjects or self._ears)
            except Exception as error:  # noqa: BLE001  (whatever it is, the next try may work)
                log.warning("not listening to %s just now: %s", name, type(error).__name__)
            self._notice(self._ears)
            await asyncio.sleep(pause)
            pause = min(pause * 2, SELDOM)

    def _notice(self, subjects: Iterable[UUID]) -> None:
        self._changed.update(each for each in subjects if each in self._ears)
        if self._changed:
            self._some.set()

    async def _look(self) -> None:
        """One look at a time, so that nobody is told an older state after a newer one; what changes meanwhile goes together."""
        while True:
            await self._some.wait()
            self._some.clear()
            changed, self._changed = self._changed, set()
            try:
                now = {UUID(news["subject"]): news for news in await self._present(changed)}
            except Exception as error:  # noqa: BLE001  (the database is away: the same is asked again)
                log.warning("news wait: %s", type(error).__name__)
                await asyncio.sleep(AGAIN)
                self._notice(changed)
                continue
            for subject in changed:
                for ear in self._ears.get(subject, ()):
                    ear.tell(now.get(subject, {"subject": str(subject)}))
