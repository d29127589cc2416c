"""What only a real server can refuse: a message that is larger than anything a room sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import websockets

from exam_api.app import build
from exam_api.operations.serve import Server, configured, open_door
from exam_api.settings import Settings
from loadtests.pieces import Pieces
from tests.exam_api.monitoring.socket import JPEG
from tests.exam_api.sitting import Sit, Sitter

MIB = 2**20


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The application behind the very server that a web process runs; its host and port."""
    server = Server(configured(build(settings), settings))
    with open_door("127.0.0.1", 0, shared=False) as door:
        running = asyncio.create_task(server.serve([door]))
        while not server.started:  # noqa: ASYNC110  (uvicorn tells by a flag)
            await asyncio.sleep(0.02)
        yield f"127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        await running


async def greeted(host: str, sitter: Sitter) -> tuple[websockets.ClientConnection, Pieces]:
    path, pieces = sitter.path("/frames"), Pieces(sitter.device)
    socket = await websockets.connect(f"ws://{host}{path}", max_size=None)
    proof = sitter.device.proof("GET", path, sitter.device.token)
    await socket.send(json.dumps({"token": sitter.device.token, "proof": proof}))
    said = json.loads(await socket.recv())
    assert said["ready"]
    pieces.learn(said)
    return socket, pieces


async def kept(socket: websockets.ClientConnection, frames: int) -> None:
    while True:
        said = json.loads(await asyncio.wait_for(socket.recv(), 20))
        if said.get("kept", {}).get("frame", 0) >= frames:
            return


@pytest.mark.parametrize("size", [MIB, 50 * MIB])
async def test_too_large_a_message_ends_its_own_line_only(settings: Settings, sit: Sit, size: int) -> None:
    """The neighbour's pictures are kept, the server answers, and the same device goes on over a new line."""
    sitter, neighbour = await sit(), await sit()
    async with served(settings) as host:
        socket, pieces = await greeted(host, sitter)
        beside, theirs = await greeted(host, neighbour)
        await socket.send(pieces.message(JPEG))
        await kept(socket, 1)
        with suppress(websockets.ConnectionClosed):
            await socket.send(bytes(size))
        await asyncio.wait_for(socket.wait_closed(), 20)
        assert socket.close_code in {1006, 1009}  # 1006: it was cut before it could be said
        await beside.send(theirs.message(JPEG))
        await kept(beside, 1)
        again, chain = await greeted(host, sitter)
        await again.send(chain.message(JPEG))
        await kept(again, 2)
        async with httpx.AsyncClient(base_url=f"http://{host}") as client:
            assert (await client.get("/api/health")).status_code == 200
        await beside.close()
        await again.close()
