"""A bad network: stands between browsers and the platform, and does to exam requests what networks do at their worst.

Which request meets which fault follows from the seed, the attempt and the request's number in that attempt, so a run can
be repeated. Everything else passes unchanged, WebSockets and event streams too.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

EXAM = re.compile(rb"(?:GET|POST) /api/attempts/([0-9a-f-]{36})/(?:responses|submit|token|paper|clock) ")
NETWORK = {
    "drop-before": "connection dropped before the request reached the server",
    "drop-after": "connection dropped after the request reached the server",
    "duplicate": "request sent twice",
    "reorder": "request delivered seconds late, after newer ones",
    "delay": "request delayed",
    "cut-request": "request cut off in the middle",
    "cut-response": "response cut off in the middle",
}
MAX_HEAD = 64 * 1024
GONE = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError)
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<h1>Bad Gateway</h1>"


@dataclass(frozen=True)
class Request:
    """One request as it came: the bytes of its head and of its body."""

    head: bytes
    body: bytes

    @property
    def attempt(self) -> str | None:
        """Whose exam it belongs to, if any."""
        found = EXAM.match(self.head)
        return found.group(1).decode() if found else None

    @property
    def upgrades(self) -> bool:
        return b"\r\nupgrade: websocket" in self.head.lower()


@dataclass
class Proxy:
    """Listens on `port` for browsers and passes on to `upstream`. `rate` is the share of exam requests that meet a fault."""

    upstream: int
    seed: int
    kinds: tuple[str, ...] = tuple(NETWORK)
    rate: float = 0.25
    raging: bool = False
    injected: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    late: set[asyncio.Task[None]] = field(default_factory=set)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, limit=MAX_HEAD, backlog=2048)
        try:
            yield
        finally:
            server.close()
            ending = [*self.late, *self.serving]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody must hold the task: a browser that has given up no longer does."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    def _fault(self, attempt: str) -> tuple[str | None, random.Random]:
        self.seen[attempt] += 1
        rng = random.Random(f"{self.seed}:{attempt}:{self.seen[attempt]}")
        if not self.raging or not self.kinds or rng.random() >= self.rate:
            return None, rng
        return rng.choice(self.kinds), rng

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*GONE, asyncio.CancelledError):
            while (request := await _read_request(reader)) is not None:
                if request.upgrades:
                    await self._tunnel(request, reader, writer)
                    break
                attempt = request.attempt
                fault, rng = self._fault(attempt) if attempt else (None, random.Random())
                going_on = await (FAULTS[fault](self, request, writer, rng) if fault else self._pass(request, writer))
                if not going_on:
                    break
        writer.transport.abort()

    async def _pass(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """There and back. Whether the browser's connection can go on."""
        try:
            async with self._server(request) as answer:
                head = await _head(answer)
                writer.write(head)
                async for part in _body(head, answer, request.head):
                    writer.write(part)
                    await writer.drain()
                return _has_length(head)
        except ConnectionRefusedError:
            writer.write(BAD_GATEWAY)
            await writer.drain()
            return True

    @asynccontextmanager
    async def _server(self, request: Request, share: float = 1) -> AsyncIterator[asyncio.StreamReader]:
        """A connection that has sent `share` of the request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream, limit=MAX_HEAD)
        try:
            writer.write(request.head + request.body[: int(len(request.body) * share)])
            await writer.drain()
            yield reader
        finally:
            writer.transport.abort() if share < 1 else writer.close()

    async def _answer(self, request: Request) -> bytes:
        async with self._server(request) as answer:
            head = await _head(answer)
            return head + b"".join([part async for part in _body(head, answer, request.head)])

    async def _tunnel(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.upstream)
        back.write(request.head)
        ways = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        back.transport.abort()

    # --- the faults: each says whether the browser's connection can go on, and counts what really happened ---

    async def drop_before(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        self.injected["drop-before"] += 1
        return False

    async def drop_after(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        await self._answer(request)
        self.injected["drop-after"] += 1
        return False

    async def duplicate(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        answers = await asyncio.gather(self._answer(request), self._answer(request))
        self.injected["duplicate"] += 1
        writer.write(rng.choice(answers))
        await writer.drain()
        return True

    async def reorder(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        task = asyncio.create_task(self._deliver_late(request, rng.uniform(1, 8)))
        self.late.add(task)
        task.add_done_callback(self.late.discard)
        return False

    async def _deliver_late(self, request: Request, wait: float) -> None:
        await asyncio.sleep(wait)
        with suppress(*GONE):
            await self._answer(request)
            self.injected["reorder"] += 1

    async def delay(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        await asyncio.sleep(rng.uniform(0.3, 4))
        self.injected["delay"] += 1
        return await self._pass(request, writer)

    async def cut_request(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        if len(request.body) < 2:
            return await self._pass(request, writer)
        async with self._server(request, rng.uniform(0.1, 0.9)):
            self.injected["cut-request"] += 1
            await asyncio.sleep(0.05)
        return False

    async def cut_response(self, request: Request, writer: asyncio.StreamWriter, rng: random.Random) -> bool:
        answer = await self._answer(request)
        head = answer.index(b"\r\n\r\n") + 4
        writer.write(
            answer[: rng.randrange(head, max(len(answer), head + 1)) if rng.random() < 0.7 else rng.randrange(1, head)]
        )
        await writer.drain()
        self.injected["cut-response"] += 1
        writer.close()  # in good order, as a proxy that gives up does it
        await asyncio.sleep(0.05)
        return False


Inject = Callable[[Proxy, Request, asyncio.StreamWriter, random.Random], "asyncio.Future[bool]"]
FAULTS: Mapping[str, Inject] = {name: getattr(Proxy, name.replace("-", "_")) for name in NETWORK}


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    return Request(head, await reader.readexactly(_length(head) or 0))


async def _head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def _length(head: bytes) -> int | None:
    found = re.search(rb"\r\ncontent-length:\s*(\d+)", head, re.IGNORECASE)
    return int(found.group(1)) if found else None


def _has_length(head: bytes) -> bool:
    """Whether the browser knows where this answer ends without the connection's end."""
    return _length(head) is not None or head[9:12] in {b"204", b"304"}


async def _body(head: bytes, reader: asyncio.StreamReader, asked: bytes) -> AsyncIterator[bytes]:
    """The body in parts as they come; without a length, everything until the server closes or the browser goes."""
    if asked.startswith(b"HEAD ") or head[9:12] in {b"204", b"304"}:
        return
    left = _length(head)
    if left is not None:
        yield await reader.readexactly(left)
        return
    while part := await reader.read(65536):
        yield part
        if b"transfer-encoding: chunked" in head.lower() and part.endswith(b"0\r\n\r\n"):
            return


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*GONE):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
