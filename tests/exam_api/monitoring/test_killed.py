"""A worker is killed in the middle of its look: its turn is free at once, and nothing is half written."""

from __future__ import annotations

import asyncio
import signal
import sys
from uuid import UUID

from fastapi import FastAPI

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
