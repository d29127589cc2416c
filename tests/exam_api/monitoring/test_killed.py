"""A worker is killed in the middle of its look, or between looking and judging: nothing is half written, lost or done twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.monitoring import Frame
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.settings import Settings
from tests.exam_api.monitoring.socket import JPEG, connect
from tests.exam_api.sitting import Sit

HOLDS = """
import asyncio, sys
from datetime import UTC, datetime
from uuid import UUID
from exam_api.db.session import open_engine, open_sessions, transaction
from exam_api.monitoring import queries

async def main(url, attempt):
    async with transaction(open_sessions(open_engine(url, size=1))) as session:
        assert await queries.take_turn(session, "frame", attempt)
        frame, = await queries.waiting_frames(session, attempt, 1)
        frame.analysed_at = datetime.now(UTC)
        await session.flush()
        print("looking", flush=True)
        await asyncio.sleep(600)

asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
"""


async def test_kill_9_frees_the_turn_and_leaves_nothing_half_done(
    app: FastAPI, installation: Installation, settings: Settings, sit: Sit
) -> None:
    sitter = await sit()
    attempt_id = UUID(sitter.attempt)
    socket, chain = await connect(app, sitter)
    for _ in range(5):
        socket.send(chain.message(JPEG))
    await socket.kept(5)
    await socket.leave()
    arguments = ("-c", HOLDS, settings.database_url or "", sitter.attempt)
    worker = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert worker.stdout is not None
    assert await asyncio.wait_for(worker.stdout.readline(), 60) == b"looking\n"
    async with transaction(installation.sessions) as session:
        assert not await queries.take_turn(session, "frame", attempt_id)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    for _ in range(200):  # the server notices a lost connection within moments
        async with transaction(installation.sessions) as session:
            if await queries.take_turn(session, "frame", attempt_id):
                assert len(await queries.waiting_frames(session, attempt_id, 10)) == 5
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the turn of a killed worker was not free after 20 s")


WORKS = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
import asyncpg
from pgqueuer import PgQueuer
from exam_api.db.session import open_engine
from exam_api.installation import Workshop, open_installation
from exam_api.monitoring import service
from exam_api.settings import Settings
from exam_api.worker import register
from proctor.vision.reading import FrameReading

class Nobody:
    def look(self, jpeg, at, n, reference, **more):
        return FrameReading(n, at, (), (), 120.0, 40.0, 200.0, None, 640, 480), None

async def main(url, state, sees):
    settings = Settings(state_dir=Path(state), database_url=url, public_url="http://localhost:8000")
    here = open_installation(settings, open_engine(url, size=5))
    eyes = Nobody() if sees == "sees" else None
    queue = PgQueuer.from_asyncpg_connection(await asyncpg.connect(url))
    clock = lambda: datetime.now(UTC)
    register(queue, Workshop(here, clock, os.urandom, None, None, eyes, recent=service.Recent()))
    await queue.run(dequeue_timeout=timedelta(seconds=1), batch_size=4, heartbeat_timeout=timedelta(seconds=2))

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def worker(settings: Settings, *, sees: bool) -> AsyncIterator[None]:
    """A worker process with the real queue and table of tasks; it ends as if somebody had pulled the plug."""
    arguments = ("-c", WORKS, settings.database_url or "", str(settings.state_dir), "sees" if sees else "blind")
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def until(true: Callable[[AsyncSession], Awaitable[bool]], here: Installation, seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while True:
            async with transaction(here.sessions) as session:
                if await true(session):
                    return
            await asyncio.sleep(0.2)


async def test_kill_9_between_reading_and_judging_loses_no_flag_and_makes_none_twice(
    app: FastAPI, installation: Installation, settings: Settings, sit: Sit
) -> None:
    """The worst moment: the exam is over and judged, late pictures are just read, and nothing comes after them."""
    sitter = await sit()
    attempt_id, now = UUID(sitter.attempt), datetime.now(UTC)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=now - timedelta(minutes=1)))
    socket, chain = await connect(app, sitter)
    for number in range(10):  # what is looked at in one transaction
        socket.send(chain.message(JPEG, at=now - timedelta(seconds=20 - 2 * number)))
    await socket.kept(10)
    await socket.leave()
    await sitter.device.submit()
    async with transaction(installation.sessions) as session:  # nothing is left for later, however slow this machine is
        await session.execute(update(Frame).values(received_at=now + timedelta(hours=1)))

    async def idle(session: AsyncSession) -> bool:
        ours = "select count(*) from pgqueuer where entrypoint = 'event' or entrypoint like 'monitoring.%'"
        return not await session.scalar(text(ours))

    async def read(session: AsyncSession) -> bool:
        return not await queries.waiting_frames(session, attempt_id, 1)

    async def rules(session: AsyncSession) -> list[str]:
        return [flag.rule for flag in await queries.flags_of(session, attempt_id)]

    async with worker(settings, sees=False):  # it cannot look, and does all else
        await until(idle, installation)
    async with transaction(installation.sessions) as session:
        assert "absence" not in await rules(session)
        await enqueue(session, Later("monitoring.tasks.frames.analyse_frames", {"attempt_id": sitter.attempt}))
    async with transaction(installation.sessions) as holds:
        await queries.lock_flags(holds, attempt_id)  # whoever wants to judge waits here
        async with worker(settings, sees=True):
            await until(read, installation)
    async with worker(settings, sees=True):
        await until(idle, installation)
    async with transaction(installation.sessions) as session:
        assert (await rules(session)).count("absence") == 1
