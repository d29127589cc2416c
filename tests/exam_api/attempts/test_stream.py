"""The live channel over a real socket: how it stands on connecting, each change at once, nothing missed in a gap."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from exam_api.app import build
from exam_api.db.listening import MOST, Ended, Listening
from exam_api.operations.serve import Server, open_door
from exam_api.settings import Settings
from tests.conftest import _Started
from tests.exam_api.attempts.test_time import send
from tests.exam_api.sitting import Sit, Sitter
from tests.exam_api.sitting import Sitting as Room

News = dict[str, Any]


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real socket: an answer that goes on for minutes needs one."""
    door = open_door("127.0.0.1", 0, shared=False)
    config = uvicorn.Config(_Started(app), lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:  # noqa: ASYNC110  (uvicorn only has a flag)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    app.state.lifespan_state["listening"].close()
    server.should_exit = True
    await serving


def listening_of(app: FastAPI) -> Listening:
    found: Listening = app.state.lifespan_state["listening"]
    return found


class Ears:
    """A stream as the room reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.aiter_lines()

    async def next(self, patience: float = 5.0) -> News:
        """The next event. Raises StopAsyncIteration when the server has ended the stream."""
        async with asyncio.timeout(patience):
            while True:
                line = await anext(self.lines)
                if line.startswith("data: "):
                    return dict(json.loads(line[6:]))


@asynccontextmanager
async def stream(address: str, sitter: Sitter) -> AsyncIterator[Ears]:
    device, path = sitter.device, sitter.path("/stream")
    headers = {"DPoP": device.proof("GET", path, device.token), "Authorization": f"DPoP {device.token}"}
    async with (
        httpx.AsyncClient(base_url=address) as client,
        client.stream("GET", path, headers=headers, timeout=10) as answer,
    ):
        answer.raise_for_status()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Ears(answer)


async def test_the_present_comes_first_and_each_change_within_a_moment(
    sit: Sit, sitting: Room, address: str, app: FastAPI
) -> None:
    sitter, other = await sit(), await sit()
    async with stream(address, sitter) as ears:
        first = await ears.next()
        assert (first["status"], first["note"]) == ("running", None)
        began = time.monotonic()
        await send(
            sitting, sitting.instructor, change="extra", amount=5, reason="Late.", people=[str(sitter.person.id)]
        )
        assert (await ears.next())["note"] == "Late."
        assert time.monotonic() - began < 2
        await send(
            sitting, sitting.instructor, change="extra", amount=5, reason="Other.", people=[str(other.person.id)]
        )
        await send(sitting, sitting.instructor, change="pause", reason="Stop.")
        news = await ears.next()
        assert (news["status"], news["note"], news["paused_at"] is not None) == ("paused", "Stop.", True)
        await send(sitting, sitting.instructor, change="resume", reason="Go on.")
        assert (await ears.next())["status"] == "running"
        await sitter.device.submit()
        assert (await ears.next())["status"] == "submitted"
        with pytest.raises(StopAsyncIteration):  # there is nothing left to say
            await ears.next()
    await gone(listening_of(app))


async def gone(listening: Listening) -> None:
    async with asyncio.timeout(5):
        while len(listening):  # noqa: ASYNC110  (a number, no event)
            await asyncio.sleep(0.02)


async def test_what_was_rolled_back_is_never_said(sit: Sit, sitting: Room, address: str) -> None:
    sitter = await sit()
    async with stream(address, sitter) as ears:
        await ears.next()
        refused = await send(sitting, sitting.instructor, change="extra", amount=5, people=[str(uuid4())])
        assert refused.status_code == 422
        with pytest.raises(TimeoutError):
            await ears.next(0.3)


async def test_another_device_is_told_and_the_stream_ends(sit: Sit, address: str) -> None:
    sitter = await sit()
    async with stream(address, sitter) as ears:
        assert (await ears.next())["generation"] == 1
        second = type(sitter.device)(sitter.person.client, sitter.attempt)
        await second.sign("hand-over", sitter.person.authenticator)
        assert (await ears.next())["generation"] == 2
        with pytest.raises(StopAsyncIteration):
            await ears.next()


async def test_only_the_live_device_hears_anything(sit: Sit, address: str, app: FastAPI) -> None:
    sitter, other = await sit(), await sit()
    path = sitter.path("/stream")
    proof = sitter.device.proof("GET", path, sitter.device.token)
    right = {"DPoP": proof, "Authorization": f"DPoP {sitter.device.token}"}
    stolen = {"DPoP": other.device.proof("GET", path, sitter.device.token), "Authorization": right["Authorization"]}
    async with httpx.AsyncClient(base_url=address) as client:
        for headers in ({}, stolen, {"Authorization": right["Authorization"]}):
            assert (await client.get(path, headers=headers)).status_code == 401
        assert (await sitter.person.client.get(path)).status_code == 401, "a cookie is not enough"
        async with client.stream("GET", path, headers=right) as answer:
            assert answer.status_code == 200
        replayed = await client.get(path, headers=right)
        assert (replayed.status_code, replayed.json()["code"]) == (401, "proof-replayed")
    await gone(listening_of(app))


async def test_waiting_costs_no_database_connection(sit: Sit, sitting: Room, address: str, app: FastAPI) -> None:
    sitter = await sit()
    engine: AsyncEngine = app.state.lifespan_state["installation"].sessions.kw["bind"]
    async with stream(address, sitter) as one, stream(address, sitter) as two:
        await asyncio.gather(one.next(), two.next())
        await asyncio.sleep(0.1)
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        await send(sitting, sitting.instructor, change="incident", amount=1, reason="Noise.")
        assert [(await each.next())["note"] for each in (one, two)] == ["Noise.", "Noise."]


async def test_a_lost_connection_is_made_again_and_what_was_missed_is_told(
    sit: Sit, sitting: Room, address: str, database_url: str
) -> None:
    sitter = await sit()
    admin = await asyncpg.connect(database_url)
    try:
        async with stream(address, sitter) as ears:
            await ears.next()
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'"
            assert await admin.fetch(f"{cut} AND datname = current_database()")
            await send(sitting, sitting.instructor, change="extra", amount=5, reason="Said while nobody listened.")
            seen = await ears.next()
            while seen["note"] is None:  # the present may be read just before the change
                seen = await ears.next()
            assert seen["note"] == "Said while nobody listened."
            await send(sitting, sitting.instructor, change="extra", amount=5, reason="And again.")
            while seen["note"] != "And again.":
                seen = await ears.next()
    finally:
        await admin.close()


async def test_a_process_that_ends_says_goodbye(settings: Settings, sit: Sit) -> None:
    """As in production: with its own start and end of life, and streams that would wait for ever."""
    sitter = await sit()
    door = open_door("127.0.0.1", 0, shared=False)
    server = Server(uvicorn.Config(build(settings), lifespan="on", log_config=None, timeout_graceful_shutdown=30))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:  # noqa: ASYNC110  (uvicorn only has a flag)
        await asyncio.sleep(0.01)
    async with stream(f"http://127.0.0.1:{door.getsockname()[1]}", sitter) as ears:
        await ears.next()
        began = time.monotonic()
        server.should_exit = True
        # The listener may have connected only now, and then says the present again before the end.
        assert [line async for line in ears.lines if line.startswith("event")] == []
    await serving
    assert time.monotonic() - began < 5


async def nothing(_: Any) -> list[News]:
    return []


async def test_more_than_a_few_listeners_push_out_the_oldest() -> None:
    listening = Listening([], nothing)
    subject = uuid4()
    ears = [listening.listen(subject) for _ in range(MOST + 1)]
    with pytest.raises(Ended):
        await ears[0].next(1)
    assert await ears[-1].next(0.01) is None
    assert len(listening) == MOST
    for ear in ears:
        listening.leave(ear)
    assert len(listening) == 0


async def test_a_slow_listener_hears_the_newest_and_then_the_end() -> None:
    listening = Listening([], nothing)
    ear = listening.listen(UUID(int=1))
    for number in range(3):
        ear.tell({"number": number})
    listening.close()
    assert await ear.next(1) == {"number": 2}
    with pytest.raises(Ended):
        await ear.next(1)
    with pytest.raises(Ended):
        await listening.listen(UUID(int=1)).next(1)
