"""How news travel between processes: by PostgreSQL's NOTIFY, or by Redis where one is set.

News name who changed, never how: that is read from the database by whoever hears them. So it does not matter in which
order they come, or whether twice, and Redis never holds anything about an exam.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.session import Sessions, after_commit, transaction

log = logging.getLogger("exam_api.news")
CHANNEL = "invigil_news"
MOST = 150  # subjects of one message: PostgreSQL carries 8,000 bytes
LOOK = 10.0  # seconds of silence after which a connection has to show that it lives
PATIENCE = 5.0
BRIEF = 1.0  # seconds that Redis gets to take a message
REST = 2.0  # seconds for which a Redis that did not answer is not asked again
AGAIN = 0.5  # seconds before the next try when nothing carries
OUTBOX = "outbox"


class Carrier(Protocol):
    """One way on which news come."""

    def hear(self) -> AsyncGenerator[frozenset[UUID]]:
        """Connect, and say so with nobody's name: from then on nothing is missed. Then who changed. Ends or raises when lost."""


class Postgres:
    """A connection of its own that listens."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def hear(self) -> AsyncGenerator[frozenset[UUID]]:
        """As `Carrier` says."""
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        connection = await asyncpg.connect(self._url, timeout=PATIENCE, command_timeout=PATIENCE)
        try:
            connection.add_termination_listener(lambda _: heard.put_nowait(None))
            await connection.add_listener(CHANNEL, lambda *said: heard.put_nowait(said[3]))
            yield frozenset()
            while True:
                try:
                    async with asyncio.timeout(LOOK):
                        said = await heard.get()
                except TimeoutError:
                    await connection.execute("SELECT 1")
                    continue
                if said is None:
                    return
                yield _read(said)
        finally:
            connection.terminate()


class RedisChannel:
    """A channel of Redis: hear on it, or say something on it."""

    def __init__(self, url: str) -> None:
        waits: dict[str, Any] = {"socket_connect_timeout": BRIEF, "socket_timeout": BRIEF}
        # Whoever listens must notice each loss, and tries again on its own; saying twice is saying once.
        self._ears = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **waits)
        self._mouth = Redis.from_url(url, retry=Retry(NoBackoff(), 1), **waits)

    async def hear(self) -> AsyncGenerator[frozenset[UUID]]:
        """As `Carrier` says."""
        async with self._ears.pubsub() as ears:
            await ears.subscribe(CHANNEL)
            await self._next(ears, PATIENCE)
            yield frozenset()
            while True:
                said = await ears.get_message(timeout=LOOK)
                if said is None:
                    await ears.ping()
                    said = await self._next(ears, PATIENCE)
                if said["type"] == "message":
                    yield _read(said["data"])

    async def _next(self, ears: Any, patience: float) -> dict[str, Any]:
        if (said := await ears.get_message(timeout=patience)) is None:
            raise TimeoutError("Redis does not answer")
        return dict(said)

    async def say(self, subjects: Iterable[UUID]) -> None:
        """Raises `RedisError`, `OSError` or `TimeoutError` where it cannot be said."""
        for said in _messages(subjects):
            await self._mouth.publish(CHANNEL, said)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._ears.aclose()
        await self._mouth.aclose()


class Outbox:
    """News on their way to Redis. They leave after the commit, and by PostgreSQL when Redis does not take them."""

    def __init__(self, redis: RedisChannel, sessions: Sessions) -> None:
        self._redis = redis
        self._sessions = sessions
        self._waiting: set[UUID] = set()
        self._leaving: set[UUID] = set()
        self._some = asyncio.Event()
        self._rests_until = 0.0

    def put(self, subjects: Iterable[UUID]) -> None:
        """These have changed. Returns at once: nobody who saves, starts or submits waits for Redis."""
        self._waiting.update(subjects)
        self._some.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._some.wait()
            try:
                await self.send()
            except Exception as error:  # noqa: BLE001  (neither carries now: what waits goes with the next try)
                log.warning("news wait: %s", type(error).__name__)
                await asyncio.sleep(AGAIN)

    async def send(self) -> None:
        """Everything that waits. What cannot leave goes on waiting."""
        self._some.clear()
        self._leaving |= self._waiting
        self._waiting = set()
        try:
            await self._carry(self._leaving)
        except BaseException:
            self._some.set()
            raise
        self._leaving = set()

    async def _carry(self, subjects: Collection[UUID]) -> None:
        if not subjects:
            return
        if time.monotonic() >= self._rests_until:
            try:
                await self._redis.say(subjects)
                return
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("Redis takes no news (%s): PostgreSQL carries them", type(error).__name__)
                self._rests_until = time.monotonic() + REST
        async with transaction(self._sessions) as session:
            await notify(session, subjects)


@asynccontextmanager
async def carried(redis: RedisChannel | None, sessions: Sessions) -> AsyncIterator[None]:
    """While this lasts, what these sessions tell leaves by Redis, if there is one."""
    if redis is None:
        yield
        return
    outbox = Outbox(redis, sessions)
    sessions.kw["info"][OUTBOX] = outbox
    sending = asyncio.create_task(outbox.run())
    try:
        yield
    finally:
        del sessions.kw["info"][OUTBOX]
        sending.cancel()
        await asyncio.wait([sending])
        try:
            await outbox.send()
        except Exception as error:  # noqa: BLE001  (the process ends; whoever listens looks again soon)
            log.warning("news were left behind: %s", type(error).__name__)
        await redis.close()


def open_redis(url: str | None) -> RedisChannel | None:
    """The channel at `url`, if one is set; it connects when it is used."""
    return RedisChannel(url) if url else None


async def tell(session: AsyncSession, subjects: Collection[UUID]) -> None:
    """Say that these have changed, once the transaction has committed, and only then."""
    outbox: Outbox | None = session.info.get(OUTBOX)
    if outbox is None:
        await notify(session, subjects)
    else:
        after_commit(session, partial(outbox.put, subjects))


async def notify(session: AsyncSession, subjects: Collection[UUID]) -> None:
    """By PostgreSQL: heard when this transaction commits."""
    if subjects:
        query = text("SELECT pg_notify(:channel, said) FROM unnest(CAST(:said AS text[])) AS said")
        await session.execute(query, {"channel": CHANNEL, "said": list(_messages(subjects))})


def _messages(subjects: Iterable[UUID]) -> Iterable[str]:
    names = sorted(map(str, subjects))
    return (json.dumps(names[first : first + MOST]) for first in range(0, len(names), MOST))


def _read(said: str | bytes) -> frozenset[UUID]:
    """Who changed. What nobody of ours has written means: look at everybody."""
    try:
        return frozenset(UUID(each) for each in json.loads(said))
    except (ValueError, TypeError, AttributeError):
        log.warning("a message that is none of ours on %s", CHANNEL)
        return frozenset()
