"""The live channel by Redis: at once while it runs, soon when it does not, and nothing is lost between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from exam_api.attempts.service import channel
from exam_api.db.models.attempts import Attempt
from exam_api.db.news import CHANNEL, OUTBOX
from exam_api.db.session import transaction
from exam_api.settings import Settings
from tests.exam_api.attempts.test_statements import counted
from tests.exam_api.attempts.test_stream import Ears, News, address, stream
from tests.exam_api.attempts.test_time import send
from tests.exam_api.sitting import Sit, Sitter, Sitting
from tests.servers import Server, redis

__all__ = ["address"]  # the fixture


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def settings(database_url: str, tmp_path: Path, redis_server: Server) -> Iterator[Settings]:
    yield Settings(
        state_dir=tmp_path / "state",
        database_url=database_url,
        public_url="http://localhost:8000",
        redis_url=f"redis://127.0.0.1:{redis_server.port}",
    )
    if redis_server.process is None:
        redis_server.start()


async def given(sitting: Sitting, sitter: Sitter, ears: Ears, why: str, patience: float) -> float:
    """Seconds until given time stands on the screen."""
    began = time.monotonic()
    people = [str(sitter.person.id)]
    answer = await send(sitting, sitting.instructor, change="extra", amount=1, reason=why, people=people)
    answer.raise_for_status()
    answered = time.monotonic() - began
    assert answered < 2, "whoever gives time does not wait for Redis"
    seen: News = {"note": None}
    while seen["note"] != why:
        seen = await ears.next(patience)
    return time.monotonic() - began


async def listens(redis_server: Server) -> None:
    """Until the platform hears Redis."""
    async with asyncio.timeout(10), Redis(port=redis_server.port) as client:
        while not (await client.pubsub_numsub(CHANNEL))[0][1]:  # noqa: ASYNC110  (a number, no event)
            await asyncio.sleep(0.02)


async def test_news_travel_by_redis_and_name_nobody_s_time(
    sit: Sit, sitting: Sitting, address: str, app: FastAPI, redis_server: Server
) -> None:
    sitter = await sit()
    await listens(redis_server)
    async with Redis(port=redis_server.port) as client, client.pubsub() as spy, stream(address, sitter) as ears:
        await spy.subscribe(CHANNEL)
        assert (await spy.get_message(timeout=2) or {})["type"] == "subscribe"
        await ears.next()
        with counted(app) as said:
            assert await given(sitting, sitter, ears, "By Redis.", 2) < 2
        assert not [each for each in said if "pg_notify" in each], "no lock of PostgreSQL's for news that Redis carries"
        heard = await spy.get_message(timeout=2) or {}
        assert sorted(heard["data"].decode().strip("[]").replace('"', "").split(", ")) == sorted(
            [sitter.attempt, sitting.id]
        )


async def test_what_was_rolled_back_is_never_said(app: FastAPI, sit: Sit, redis_server: Server) -> None:
    sitter = await sit()
    here = app.state.lifespan_state["installation"]
    outbox = here.sessions.kw["info"][OUTBOX]

    async def change_and_fail() -> None:
        async with transaction(here.sessions) as session:
            await channel.tell(session, [await session.get_one(Attempt, sitter.attempt)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    assert not outbox._waiting
    assert not outbox._leaving


async def test_an_outage_of_redis_only_delays(sit: Sit, sitting: Sitting, address: str, redis_server: Server) -> None:
    sitter = await sit()
    await listens(redis_server)
    async with stream(address, sitter) as ears:
        await ears.next()
        assert await given(sitting, sitter, ears, "Before.", 2) < 2
        redis_server.kill()
        assert await given(sitting, sitter, ears, "Redis has just died.", 5) < 5
        await asyncio.sleep(0.5)
        assert await given(sitting, sitter, ears, "It is still away.", 5) < 5
        redis_server.start()
        await listens(redis_server)
        await asyncio.sleep(2.1)  # the rest that an unanswering Redis is given
        assert await given(sitting, sitter, ears, "It is back.", 2) < 2


async def test_a_gap_in_hearing_is_made_good(sit: Sit, sitting: Sitting, address: str, redis_server: Server) -> None:
    """Our own ears are cut off, but whoever publishes still reaches Redis: nobody hears it there."""
    sitter = await sit()
    await listens(redis_server)
    async with Redis(port=redis_server.port) as client, stream(address, sitter) as ears:
        await ears.next()
        assert await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]  # its stubs leave it open
        assert await given(sitting, sitter, ears, "Said while nobody heard.", 5) < 5


async def test_a_stranger_s_message_only_makes_us_look(sit: Sit, address: str, redis_server: Server) -> None:
    sitter = await sit()
    await listens(redis_server)
    async with Redis(port=redis_server.port) as client, stream(address, sitter) as ears:
        first = await ears.next()
        await client.publish(CHANNEL, b"\xff not ours")
        seen = await ears.next()
        assert {**seen, "now": ""} == {**first, "now": ""}
