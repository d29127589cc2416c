"""A candidate's camera and microphone over the one proven WebSocket, in asyncio."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import websockets

from loadtests.device import Device
from loadtests.line import Kind, Line
from loadtests.people import StoryStopped
from loadtests.pieces import Pieces

PATIENCE = 30.0  # seconds until the platform must have confirmed what was sent last


@dataclass
class Room:
    """An open line with ears; use `async with Room.opened(device)`. `asks`: what the platform wants (clips, challenges)."""

    socket: websockets.ClientConnection
    line: Line
    asks: list[dict[str, Any]] = field(default_factory=list)
    _ears: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def opened(cls, device: Device) -> Self:
        """Connect, prove the device, go on where the platform is. Raises `StoryStopped`."""
        path = f"/api/attempts/{device.attempt}/frames"
        base = str(device.client.base_url).rstrip("/")
        socket = await websockets.connect(base.replace("http", "ws", 1) + path, origin=base)  # type: ignore[arg-type]  # any string is an origin
        said: dict[str, Any] = {}
        for _ in range(3):
            await socket.send(json.dumps({"token": device.token, "proof": device.proof("GET", path, device.token)}))
            said = json.loads(await socket.recv())
            if said.get("ready"):
                line = Line(Pieces(device))
                line.ready(said)
                room = cls(socket, line)
                room._ears = asyncio.create_task(room._listen())
                return room
            device.nonce = said.get("nonce") or device.nonce
            await device.renew()
        await socket.close()
        raise StoryStopped(f"the camera was refused: {said}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ears is not None:
            self._ears.cancel()
        await self.socket.close()

    async def send(
        self, kind: Kind, body: bytes, taken_at: datetime | None = None, challenge: int | None = None
    ) -> int:
        """Send one piece; its number."""
        message = self.line.send(kind, body, taken_at or datetime.now(UTC), challenge)
        number = self.line.waiting[-1].n
        await self.socket.send(message)
        return number

    async def until_kept(self, patience: float = PATIENCE) -> None:
        """Wait until nothing is unconfirmed. Raises `StoryStopped`."""
        try:
            async with asyncio.timeout(patience):
                while self.line.waiting:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise StoryStopped(f"{len(self.line.waiting)} pictures or sounds were never confirmed") from None

    async def _listen(self) -> None:
        async for text in self.socket:
            said = json.loads(text)
            if "clip" in said or "challenge" in said:
                self.asks.append(said)
            for message in self.line.hear(said):
                await self.socket.send(message)
            self._news.set()
