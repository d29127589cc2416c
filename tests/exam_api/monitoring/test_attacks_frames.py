"""A candidate who floods the camera's socket: what is stored stays bounded, and nothing stays that no row names."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from obstore.store import LocalStore
from starlette.types import Message

from exam_api.installation import Installation
from exam_api.settings import Settings
from tests.exam_api.monitoring.test_frames import message
from tests.exam_api.sitting import Sit, Sitter

JPEG = b"\xff\xd8\xff\xd9"


class Socket:
    """A WebSocket of the application, without a network between."""

    def __init__(self, app: FastAPI, path: str) -> None:
        self.said: list[dict[str, Any]] = []
        self.closed: Message | None = None
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost:8000")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8000),
            "scheme": "ws",
            "subprotocols": [],
            "state": dict(app.state.lifespan_state),
        }
        self._heard.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(scope, self._heard.get, self._answers.put))

    async def answer(self) -> Any:
        """The next thing said, or the closing."""
        while True:
            got = await asyncio.wait_for(self._answers.get(), 10)
            if got["type"] == "websocket.send":
                return json.loads(got["text"])
            if got["type"] == "websocket.close":
                return got

    def send(self, data: bytes) -> None:
        self._heard.put_nowait({"type": "websocket.receive", "bytes": data})

    async def greet(self, sitter: Sitter) -> Any:
        path = sitter.path("/frames")
        said = {"token": sitter.device.token, "proof": sitter.device.proof("GET", path, sitter.device.token)}
        self._heard.put_nowait({"type": "websocket.receive", "text": json.dumps(said)})
        return await self.answer()

    async def leave(self) -> None:
        self._heard.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 10)


def _stored(here: Installation) -> int:
    assert isinstance(here.blobs, LocalStore)
    return sum(len(page) for page in here.blobs.list("frames"))


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def test_the_same_number_again_and_again_is_stored_once(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    one, two = Socket(app, sitter.path("/frames")), Socket(app, sitter.path("/frames"))
    assert (await one.greet(sitter))["ready"]
    assert (await two.greet(sitter))["ready"]
    for socket in (one, two):
        for number in (1, 1, 1, 2, 2, 3, 4, 5):
            socket.send(message(number, datetime.now(UTC), JPEG))
        assert await socket.answer() == {"kept": 5}
    await one.leave()
    await two.leave()
    assert _stored(installation) == 5


async def test_numbers_cannot_run_ahead_of_the_time(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket = Socket(app, sitter.path("/frames"))
    assert (await socket.greet(sitter))["ready"]
    socket.send(message(1, datetime.now(UTC), JPEG))
    socket.send(message(100_000, datetime.now(UTC), JPEG))
    assert (await socket.answer())["reason"] == "invalid"
    await socket.task
    assert _stored(installation) == 0  # frame 1 was not confirmed, so it is not kept either


async def test_what_was_not_confirmed_leaves_the_store_with_its_sender(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket = Socket(app, sitter.path("/frames"))
    assert (await socket.greet(sitter))["ready"]
    socket.send(message(1, datetime.now(UTC), JPEG))
    await socket.leave()
    assert _stored(installation) == 0


async def test_a_store_that_takes_nothing_is_named_and_heals(
    app: FastAPI, installation: Installation, sitter: Sitter, settings: Settings
) -> None:
    socket = Socket(app, sitter.path("/frames"))
    assert (await socket.greet(sitter))["ready"]
    folder = settings.state_dir / "blobs" / "frames"
    folder.write_text("a file where the folder should be: nothing can be written, as on a full disk")
    socket.send(message(1, datetime.now(UTC), JPEG))
    said = await socket.answer()
    assert (said["code"], said["reason"]) == (1013, "store-down")
    await socket.task
    folder.unlink()
    again = Socket(app, sitter.path("/frames"))
    assert (await again.greet(sitter))["next"] == 1
    for number in range(1, 6):
        again.send(message(number, datetime.now(UTC), JPEG))
    assert await again.answer() == {"kept": 5}
    await again.leave()
    assert _stored(installation) == 5
