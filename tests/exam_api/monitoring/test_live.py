"""The live view hears of changes: who may listen, what is said, and how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.events import AttemptStarted
from exam_api.installation import Installation
from exam_api.monitoring.service import live, raise_flags
from exam_api.worker import spread
from tests.exam_api.attempts.test_stream import address
from tests.exam_api.attempts.test_time import send
from tests.exam_api.sitting import Sit, Sitting
from tests.factories import Person, person

__all__ = ["address"]  # the fixture
SOON = 2.0


class Watcher:
    """An invigilator's page with its stream: read all the time, as a browser does."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[float | None] = asyncio.Queue()

    async def read(self, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                self.heard.put_nowait(time.monotonic())
        self.heard.put_nowait(None)

    async def news(self, patience: float = SOON) -> float:
        """The moment of the next news."""
        moment = await asyncio.wait_for(self.heard.get(), patience)
        assert moment is not None, "the stream ended"
        return moment

    async def count(self, seconds: float) -> int:
        """How many come in that time."""
        await asyncio.sleep(seconds)
        found = self.heard.qsize()
        while not self.heard.empty():
            self.heard.get_nowait()
        return found


@asynccontextmanager
async def watching(address: str, someone: Person, sitting: Sitting) -> AsyncIterator[Watcher]:
    path = f"/sittings/{sitting.id}/live/news"
    async with (
        httpx.AsyncClient(base_url=address, cookies=dict(someone.client.cookies)) as client,
        client.stream("GET", path, timeout=20) as answer,
    ):
        answer.raise_for_status()
        assert answer.headers["content-type"].startswith("text/event-stream")
        watcher = Watcher()
        reading = asyncio.create_task(watcher.read(answer))
        await watcher.news()  # the first says: look
        yield watcher
        reading.cancel()
        await asyncio.wait([reading])


async def test_only_who_may_see_the_page_hears_of_it(
    sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient], address: str
) -> None:
    candidate = await person(new_client(), installation)
    invigilator = await person(new_client(), installation, "invigilator")
    path = f"/sittings/{sitting.id}/live/news"
    assert (await new_client().get(path)).status_code == (
        await new_client().get(f"/sittings/{sitting.id}/live")
    ).status_code
    assert (await candidate.client.get(path)).status_code == 403
    nowhere = path.replace(sitting.id, str(UUID(int=7)))
    assert (await invigilator.client.get(nowhere)).status_code == 404
    async with watching(address, invigilator, sitting):
        pass


async def test_a_start_a_break_a_flag_and_the_end_are_news(
    sit: Sit, sitting: Sitting, installation: Installation, address: str
) -> None:
    async with watching(address, sitting.instructor, sitting) as watcher:
        sitter = await sit()
        began = time.monotonic()
        async with transaction(installation.sessions) as session:  # as the worker does it
            query = select(LedgerLine.id).where(LedgerLine.tag == AttemptStarted.tag)
            await spread(session, list(await session.scalars(query)), datetime.now(UTC))
        assert await watcher.news() - began < SOON
        for change in ("pause", "resume"):
            began = time.monotonic()
            await send(sitting, sitting.instructor, change=change, reason="Fire alarm.")
            assert await watcher.news() - began < SOON
        event = {"n": 1, "kind": "paste", "length": 900, "at": datetime.now(UTC).isoformat()}
        (await sitter.device.send("POST", sitter.path("/events"), {"events": [event]})).raise_for_status()
        for first in (True, False):
            async with transaction(installation.sessions) as session:
                changed = await raise_flags(session, UUID(sitter.attempt), datetime.now(UTC))
                assert bool(changed) == first
            assert await watcher.count(1.5) == first, "the same flags again are no news"
        await sitter.device.submit()
        await watcher.news()


async def test_many_changes_are_said_together(sit: Sit, sitting: Sitting, address: str) -> None:
    await sit()
    async with watching(address, sitting.instructor, sitting) as watcher:
        await watcher.count(1.2)
        began = time.monotonic()
        for number in range(8):
            await send(sitting, sitting.instructor, change="extra", amount=1, reason=f"Number {number}.")
        took = time.monotonic() - began
        assert 1 <= await watcher.count(2.5) <= 3 + took


async def test_another_sitting_is_not_told(
    sit: Sit, sitting: Sitting, address: str, enrolled: Callable[..., Awaitable[Person]]
) -> None:
    sitter = await sit()
    body = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}")).raise_for_status().json()
    window = {name: body[name] for name in ("version_id", "title", "opens_at", "closes_at", "minutes")}
    made = await sitting.instructor.client.post("/api/sittings", json={**window, "roster": []})
    other = Sitting(made.raise_for_status().json()["id"], sitting.instructor)
    async with watching(address, other.instructor, other) as watcher:
        await watcher.count(1.2)
        await sitter.device.submit()
        assert await watcher.count(1.0) == 0


async def test_a_stream_ends_after_a_while_so_that_the_right_is_asked_again(
    sitting: Sitting, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LIFE", 0.3)
    async with watching(address, sitting.instructor, sitting) as watcher:
        with pytest.raises(AssertionError, match="the stream ended"):
            await watcher.news()
