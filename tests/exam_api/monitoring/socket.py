"""A WebSocket of the application, without a network between."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI
from obstore.store import LocalStore
from starlette.types import Message

from exam_api.installation import Installation
from loadtests.pieces import Pieces
from tests.exam_api.sitting import Sitter

JPEG = b"\xff\xd8\xff\xd9"


class Socket:
    """What a page says and hears."""

    def __init__(self, app: FastAPI, path: str) -> None:
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
            got = await asyncio.wait_for(self._answers.get(), 20)
            if got["type"] == "websocket.send":
                return json.loads(got["text"])
            if got["type"] == "websocket.close":
                return got

    async def answer_soon(self, seconds: float) -> Any:
        """What is said in the next seconds. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            return await self.answer()

    def send(self, data: bytes) -> None:
        self._heard.put_nowait({"type": "websocket.receive", "bytes": data})

    def say(self, what: dict[str, Any]) -> None:
        self._heard.put_nowait({"type": "websocket.receive", "text": json.dumps(what)})

    async def greet(self, sitter: Sitter, looks: str | None = None) -> Any:
        path = sitter.path("/frames")
        proven = {"token": sitter.device.token, "proof": sitter.device.proof("GET", path, sitter.device.token)}
        self.say({**proven, **({"looks": looks} if looks else {})})
        return await self.answer()

    async def kept(self, frames: int, sounds: int = 0) -> None:
        """Wait until so many are kept, however the platform groups them; what it asks for meanwhile is not heard."""
        while True:
            said = await self.answer()
            assert "code" not in said, said
            if "kept" in said and said["kept"]["frame"] >= frames and said["kept"]["sound"] >= sounds:
                return

    async def leave(self) -> None:
        self._heard.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 20)


async def connect(app: FastAPI, sitter: Sitter, looks: str | None = None) -> tuple[Socket, Pieces]:
    """A greeted socket and the chain that goes on there."""
    socket, pieces = Socket(app, sitter.path("/frames")), Pieces(sitter.device)
    said = await socket.greet(sitter, looks)
    assert said["ready"]
    pieces.learn(said)
    return socket, pieces


def stored(here: Installation, folder: str = "frames") -> int:
    """How many blobs lie there."""
    assert isinstance(here.blobs, LocalStore)
    return sum(len(page) for page in here.blobs.list(folder))
