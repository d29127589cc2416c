"""Many attempts at once share the models; whoever waits for them keeps no connection to the database from others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from fastapi import FastAPI

from exam_api.db.session import open_engine, open_sessions, transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, tasks
from exam_api.monitoring.tasks.frames import LOOKING
from exam_api.settings import Settings
from tests.exam_api.monitoring.socket import JPEG
from tests.exam_api.monitoring.test_worker import Eyes, send, shop
from tests.exam_api.sitting import Sit

POOL, ATTEMPTS = 5, 7


async def test_who_waits_for_the_models_leaves_connections_to_others(
    app: FastAPI, installation: Installation, settings: Settings, sit: Sit
) -> None:
    sitters = [await sit() for _ in range(ATTEMPTS)]
    for sitter in sitters:
        await send(app, sitter, [JPEG])
    engine = open_engine(settings.database_url or "", size=POOL)
    workshop = shop(replace(installation, sessions=open_sessions(engine)), Eyes())
    async with LOOKING:  # the models are busy
        jobs = [
            asyncio.create_task(tasks.analyse_frames(workshop, {"attempt_id": sitter.attempt})) for sitter in sitters
        ]
        await asyncio.sleep(0.5)
        async with asyncio.timeout(3), transaction(workshop.here.sessions) as session:
            left = [await queries.waiting_frames(session, UUID(sitter.attempt), 9) for sitter in sitters]
        assert [len(each) for each in left] == [1] * ATTEMPTS
    await asyncio.gather(*jobs)
    async with transaction(installation.sessions) as session:
        assert not [one for each in sitters for one in await queries.waiting_frames(session, UUID(each.attempt), 9)]
    await engine.dispose()
