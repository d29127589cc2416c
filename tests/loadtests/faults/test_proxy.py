"""The bad network does what it says, and nothing while it is good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest

from loadtests.faults.proxy import NETWORK, Proxy
from loadtests.platform import free_port

PATH = f"/api/attempts/{UUID(int=7)}/responses"
BODY = b'{"answer": "a text that is long enough to be cut"}'


class Server:
    """Counts whole requests and answers each with its number."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self.got.append(await reader.readexactly(size))
            said = f"answer {len(self.got)}".encode()
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
            await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        writer.close()


@asynccontextmanager
async def _network(*kinds: str, seed: int = 1) -> AsyncIterator[tuple[Server, Proxy, httpx.AsyncClient]]:
    server, ports = Server(), (free_port(), free_port())
    upstream = await asyncio.start_server(server.serve, "127.0.0.1", ports[0])
    proxy = Proxy(ports[0], seed, kinds, rate=1.0, raging=bool(kinds))
    async with proxy.open(ports[1]), httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}") as client:
        yield server, proxy, client
    upstream.close()


async def test_a_good_network_changes_nothing() -> None:
    async with _network() as (server, proxy, client):
        for number in (1, 2):
            assert (await client.post(PATH, content=BODY)).text == f"answer {number}"
        assert server.got == [BODY, BODY]
        assert proxy.injected.total() == 0


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [("drop-before", 0), ("drop-after", 1), ("cut-request", 0), ("cut-response", 1), ("reorder", 0)],
)
async def test_the_browser_cannot_know_whether_it_arrived(kind: str, arrived: int) -> None:
    async with _network(kind) as (server, proxy, client):
        with pytest.raises(httpx.TransportError):
            await client.post(PATH, content=BODY)
        assert len(server.got) == arrived
        assert proxy.injected[kind] == (kind != "reorder")


async def test_a_request_comes_twice_and_one_answer_returns() -> None:
    async with _network("duplicate") as (server, _, client):
        assert (await client.post(PATH, content=BODY)).text in {"answer 1", "answer 2"}
        assert server.got == [BODY, BODY]


async def test_only_exam_requests_meet_faults() -> None:
    async with _network("drop-before") as (_, proxy, client):
        assert (await client.post("/api/sign-in", content=BODY)).status_code == 201
        assert proxy.injected.total() == 0


async def test_a_server_that_is_away_is_a_bad_gateway() -> None:
    port = free_port()
    proxy = Proxy(free_port(), 1)
    async with proxy.open(port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.post(PATH, content=BODY)).status_code == 502


def test_the_same_seed_breaks_the_same_requests() -> None:
    def chosen(seed: int) -> list[str | None]:
        proxy = Proxy(1, seed, tuple(NETWORK), rate=0.5, raging=True)
        return [proxy._fault("an attempt")[0] for _ in range(50)]

    assert chosen(1) == chosen(1) != chosen(2)
