"""What happens to the platform itself: killed, filled up, upgraded and killed again, while people write."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from loadtests.faults.disk import CannotMount, Disk
from loadtests.faults.upgrade import MARK, NextVersion
from loadtests.platform import Platform

BACK_WITHIN = 180.0  # seconds after which we call it not coming back
OUTAGE = 6.0  # seconds that a disk stays full or read-only
NOTICED = 20.0  # and so much longer, until the log has used up the segments that it had in reserve
PROCESSES = {
    "kill-web": "one web process killed",
    "kill-webs": "every web process killed",
    "kill-worker": "the worker killed",
    "kill-postgres": "PostgreSQL killed",
    "kill-backends": "every connection's PostgreSQL process killed",
    "kill-together": "web, worker and PostgreSQL killed at once",
    "kill-all": "everything killed, the supervisor too, and started again",
    "migrate": "killed in the middle of a migration, and started again",
    "disk-full": "the disk full, PostgreSQL in panic",
    "disk-read-only": "started on a read-only disk, which later is not",
}
A_TABLE = "CREATE TABLE ballast AS SELECT repeat('x', 8000) FROM generate_series(1, 3000)"
A_SEGMENT = (
    "SELECT pg_logical_emit_message(true, 'faults', repeat('x', 17000000))"  # more than a segment of the log holds
)
ON_DISK = {"disk-full", "disk-read-only"}


@dataclass
class Conductor:
    """Injects one fault after the other and waits until the platform has come back by itself."""

    platform: Platform
    next_version: NextVersion
    disk: Disk | None
    outage: float = OUTAGE
    injected: Counter[str] = field(default_factory=Counter)
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pages: set[str] = field(default_factory=set)  # what a person read meanwhile
    crashes: list[float] = field(default_factory=list)

    async def play(self, kinds: list[str], seconds: float, pause: float, between: Callable[[], None]) -> None:
        """Each kind once, then again in the same order until the time is over."""
        until, turn = time.monotonic() + seconds, 0
        while kinds and (turn < len(kinds) or time.monotonic() < until):
            kind = kinds[turn % len(kinds)]
            await asyncio.sleep(pause)
            self.crashes.append(time.time())
            await INCIDENTS[kind](self)
            self.back[kind].append(await self.platform.until_up(BACK_WITHIN))
            between()
            turn += 1
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    def _webs(self) -> list[str]:
        return [f"web-{number}" for number in range(1, self.platform.web_workers + 1)]

    async def _kill(self, kind: str, *names: str) -> None:
        self.platform.kill(*[await self.platform.pid(name) for name in names])
        self.injected[kind] += 1

    async def kill_web(self) -> None:
        await self._kill("kill-web", "web-1")

    async def kill_webs(self) -> None:
        await self._kill("kill-webs", *self._webs())

    async def kill_worker(self) -> None:
        await self._kill("kill-worker", "worker")

    async def kill_postgres(self) -> None:
        await self._kill("kill-postgres", "postgres")

    async def kill_backends(self) -> None:
        """PostgreSQL takes the death of one backend as a reason to repair everything."""
        rows = await self._ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'invigil'")
        self.platform.kill(*[row["pid"] for row in rows])
        self.injected["kill-backends"] += bool(rows)

    async def kill_together(self) -> None:
        await self._kill("kill-together", "postgres", "worker", *self._webs())

    async def kill_all(self) -> None:
        await self._end_supervisor()
        await self._kill("kill-all", "postgres", "worker", *self._webs())
        self.platform.start()

    async def _end_supervisor(self) -> None:
        process = self.platform.process
        assert process is not None
        process.kill()
        await asyncio.to_thread(process.wait)

    async def migrate(self) -> None:
        """A new version starts while the old one's web processes still write; it is killed while it migrates."""
        revision = self.next_version.add_migration()
        self.platform.source = self.next_version.folder
        await self._end_supervisor()
        self.platform.start()
        if not await self._until_in_the_middle():
            return
        await self._end_supervisor()
        self.injected["migrate"] += 1
        if self.next_version.number % 2 == 0:
            self.platform.kill(await self.platform.pid("postgres"))
        self.platform.start()
        await self.platform.until_up(BACK_WITHIN)
        found = await self._ask(f"SELECT count(*) FROM information_schema.columns WHERE column_name = '{revision}'")  # noqa: S608  (our own name)
        assert found[0]["count"] == 2, "the migration was not carried out whole"

    async def _until_in_the_middle(self) -> bool:
        query = f"SELECT 1 FROM pg_stat_activity WHERE query LIKE '%{MARK}(%' AND pid <> pg_backend_pid()"  # noqa: S608  (our own word)
        for _ in range(200):
            if await self._ask(query):
                return True
            await asyncio.sleep(0.1)
        return False

    async def disk_full(self) -> None:
        """Not one block left; new segments of the write-ahead log cannot be made, which PostgreSQL answers with a panic."""
        assert self.disk is not None
        await asyncio.to_thread(self.disk.fill)
        full = panics = 0
        try:
            until = time.monotonic() + self.outage
            # On a slow machine a few tries take all of that time; the disk is full until PostgreSQL has noticed.
            while time.monotonic() < until or (not (full and panics) and time.monotonic() < until + NOTICED):
                for query in (A_TABLE, A_SEGMENT):
                    try:
                        await self._ask(query)
                    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                        full += isinstance(error, asyncpg.DiskFullError)
                        panics += isinstance(error, asyncpg.ConnectionDoesNotExistError)
                await self._read_a_page()
                await asyncio.sleep(0.3)
        finally:
            self.disk.free()
        self.injected["disk-full"] += full > 0 and panics > 0

    async def disk_read_only(self) -> None:
        """As after a file system's error: everything falls, and comes back to a disk that takes nothing."""
        assert self.disk is not None
        process = self.platform.process
        assert process is not None
        pids = [await self.platform.pid(name) for name in ("postgres", "worker", *self._webs())]
        process.send_signal(signal.SIGSTOP)
        self.platform.kill(*pids)
        try:
            await asyncio.to_thread(self.disk.read_only)
            self.injected["disk-read-only"] += 1
        finally:
            process.send_signal(signal.SIGCONT)
        until = time.monotonic() + self.outage
        while time.monotonic() < until:
            await self._read_a_page()
            await asyncio.sleep(0.5)
        self.disk.writable()
        assert process.poll() is None, f"the supervisor gave up\n{self.platform.tail()}"

    async def _read_a_page(self) -> None:
        """What a person reads who comes now; no answer at all is also one."""
        async with httpx.AsyncClient(base_url=self.platform.url, timeout=2) as client:
            try:
                answer = await client.get("/sign-in", headers={"Accept": "text/html"})
                saved = await client.get("/api/health")
            except httpx.HTTPError as error:
                self.pages.add(type(error).__name__)
            else:
                self.pages |= {f"page {answer.status_code}", f"health {saved.status_code}"}

    async def _ask(self, query: str) -> list[Any]:
        connection = await asyncpg.connect(self.platform.database_url(), timeout=3)
        try:
            return list(await connection.fetch(query, timeout=8))
        finally:
            connection.terminate()


INCIDENTS: Mapping[str, Callable[[Conductor], Awaitable[None]]] = {
    name: getattr(Conductor, name.replace("-", "_")) for name in PROCESSES
}


def try_disk(platform: Platform, kinds: list[str], megabytes: int) -> tuple[Disk | None, str]:
    """A disk for those kinds that need one, or why there is none."""
    if not ON_DISK & set(kinds):
        return None, ""
    if os.geteuid() != 0:
        return None, str(CannotMount.__doc__)
    try:
        return Disk.mount(platform.folder, megabytes), ""
    except CannotMount as error:
        return None, str(error)
