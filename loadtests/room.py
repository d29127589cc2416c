"""A candidate's camera and microphone over the one proven WebSocket, in asyncio."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import websockets

from loadtests.device import Device
from loadtests.line import Kind, Line
from loadtests.people import StoryStopped
from loadtests.pieces import Pieces

PATIENCE = 60.0  # seconds until the platform must have confirmed what was sent last
TRIES = 10  # connections that break in a row before a candidate gives up


@dataclass
class Room:
    """An open line with ears, which connects again when it breaks, as the page does; use `async with await Room.opened(device)`.

    `asks`: what the platform wants (clips, challenges); `broken`: how often the line broke.
    """

    device: Device
    line: Line
    socket: websockets.ClientConnection
    asks: list[dict[str, Any]] = field(default_factory=list)
    broken: int = 0
    _ears: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def opened(cls, device: Device) -> Self:
        """Connect, prove the device, go on where the platform is. Raises `StoryStopped`."""
        line = Line(Pieces(device))
        socket, said = await _connect(device)
        line.ready(said)
        room = cls(device, line, socket)
        room._ears = asyncio.create_task(room._listen())
        return room

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ears is not None:
            self._ears.cancel()
        await self.socket.close()

    async def send(
        self, kind: Kind, body: bytes, taken_at: datetime | None = None, challenge: int | None = None
    ) -> int:
        """Send one piece; its number. Where the line is broken the ears send it later."""
        async with self._turn:
            message = self.line.send(kind, body, taken_at or datetime.now(UTC), challenge)
            number = self.line.waiting[-1].n
            with suppress(websockets.ConnectionClosed):
                await self.socket.send(message)
        return number

    async def until_kept(self, patience: float = PATIENCE) -> None:
        """Wait until nothing is unconfirmed. Raises `StoryStopped`."""
        try:
            async with asyncio.timeout(patience):
                while self.line.waiting:
                    self._news.clear()
                    if self._ears is not None and self._ears.done():
                        self._ears.result()
                    await self._news.wait()
        except TimeoutError:
            raise StoryStopped(f"{len(self.line.waiting)} pictures or sounds were never confirmed") from None

    async def _listen(self) -> None:
        try:
            for _ in range(TRIES):
                with suppress(websockets.ConnectionClosed):
                    async for text in self.socket:
                        await self._hear(json.loads(text))
                self.broken += 1
                await self._again()
        finally:
            self._news.set()
        raise StoryStopped(f"the line broke {TRIES} times")

    async def _hear(self, said: dict[str, Any]) -> None:
        if "clip" in said or "challenge" in said:
            self.asks.append(said)
        async with self._turn:
            for message in self.line.hear(said):
                await self.socket.send(message)
        self._news.set()

    async def _again(self) -> None:
        """A new connection; everything that is not known to be kept goes out again."""
        for pause in (0.5, 1, 2, 4, 8, 0):
            try:
                async with self._turn:
                    self.socket, said = await _connect(self.device)
                    for message in self.line.ready(said):
                        await self.socket.send(message)
            except (OSError, websockets.WebSocketException):
                if not pause:
                    raise
                await asyncio.sleep(pause)
            else:
                return


async def _connect(device: Device) -> tuple[websockets.ClientConnection, dict[str, Any]]:
    """The socket after its first message was believed, and what the platform says of the line."""
    path = f"/api/attempts/{device.attempt}/frames"
    base = str(device.client.base_url).rstrip("/")
    socket = await websockets.connect(base.replace("http", "ws", 1) + path, origin=base)  # type: ignore[arg-type]  # any string is an origin
    said: dict[str, Any] = {}
    for _ in range(3):
        await socket.send(json.dumps({"token": device.token, "proof": device.proof("GET", path, device.token)}))
        said = json.loads(await socket.recv())
        if said.get("ready"):
            return socket, said
        device.nonce = said.get("nonce") or device.nonce
        await device.renew()
    await socket.close()
    raise StoryStopped(f"the camera was refused: {said}")
