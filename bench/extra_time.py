"""`python -m bench.extra_time`: how long until given time stands on every candidate's screen.

The attempts are written into the database as running ones; everything measured goes over HTTP, with tokens and proofs.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx

from bench.facts import machine
from bench.platform import EXAM, Running, platform
from bench.save_answer import percentile
from credentials.attempt.session import Grant
from exam_api.keyring import open_keyring
from loadtests.device import Device, digest
from loadtests.people import Person
from loadtests.sitting import open_sitting

CANDIDATES = 500
AWAY = 100  # of them lose their connection before the change and come back after it
REASON = "The measured change."


@dataclass
class Screen:
    """One candidate's device with its open stream."""

    device: Device
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def connect(self, url: str) -> None:
        """Ask for the stream; the first event is read by whoever waits."""
        path = f"/api/attempts/{self.device.attempt}/stream"
        host, port = url.split("://")[1].split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: DPoP {self.device.token}\r\n"
            f"DPoP: {self.device.proof('GET', path, self.device.token)}\r\n\r\n".encode()
        )

    async def until(self, note: str | None) -> float:
        """When the screen knew of the change with this note."""
        assert self.reader is not None
        while line := await self.reader.readline():
            if line.startswith(b"data: ") and json.loads(line[6:])["note"] == note:
                return time.perf_counter()
        raise SystemExit("a stream ended before it told anything")

    def cut(self) -> None:
        assert self.writer is not None
        self.writer.close()


async def screens(running: Running, sitting: str, client: httpx.AsyncClient) -> list[Screen]:
    """Everybody on the roster at work, each with a key and a token of their own."""
    now = datetime.now(UTC)
    keyring = open_keyring(running.state / "keys.json", os.urandom)
    issuer = "did:web:" + running.url.split("://", 1)[1].replace(":", "%3A")
    database = await asyncpg.connect(running.database_url)
    made = []
    for row in await database.fetch("SELECT user_id FROM roster WHERE sitting_id = $1", sitting):
        device = Device(client, "", nonce=keyring.nonces.current(now))
        jkt = digest(device.jwk())
        device.attempt = str(
            await database.fetchval(
                """INSERT INTO attempts (sitting_id, candidate_id, status, opened_at, seed, form, started_at, ends_at, jkt,
                   generation) VALUES ($1, $2, 'running', $3, 'bench', '', $3, $4, $5, 1) RETURNING id""",
                sitting,
                row["user_id"],
                now,
                now + timedelta(hours=3),
                jkt,
            )
        )
        grant = Grant(issuer, device.attempt, str(row["user_id"]), jkt, 1, now + timedelta(minutes=10))
        device.token = keyring.mint.issue(grant, now)
        made.append(Screen(device))
    await database.close()
    return made


async def measure(running: Running) -> tuple[float, list[float], list[float]]:
    """Milliseconds: the request itself, from the click to each open screen, and from coming back to knowing it."""
    instructor = Person(running.url, "bench@example.org", "Bench")
    await instructor.enter(await running.platform.account("bench@example.org", "Bench", "author", "instructor"))
    sitting, _ = await open_sitting(instructor, EXAM, "Bench", CANDIDATES)
    async with httpx.AsyncClient(base_url=running.url) as client:
        crowd = await screens(running, sitting, client)
        for begin in range(0, CANDIDATES, 50):
            await asyncio.gather(*(each.connect(running.url) for each in crowd[begin : begin + 50]))
            await asyncio.gather(*(each.until(None) for each in crowd[begin : begin + 50]))
        away, there = crowd[:AWAY], crowd[AWAY:]
        for each in away:
            each.cut()
        waiting = [asyncio.create_task(each.until(REASON)) for each in there]
        clicked = time.perf_counter()
        body = {"change": "extra", "amount": 10, "reason": REASON, "people": None}
        await instructor.call("POST", f"/api/sittings/{sitting}/time", body)
        answered = time.perf_counter()
        reached = sorted((moment - clicked) * 1000 for moment in await asyncio.gather(*waiting))
        back = time.perf_counter()
        await asyncio.gather(*(each.connect(running.url) for each in away))
        known = await asyncio.gather(*(each.until(REASON) for each in away))
        caught_up = sorted((moment - back) * 1000 for moment in known)
        for each in crowd:
            each.cut()
    return (answered - clicked) * 1000, reached, caught_up


def main() -> None:
    """Print the table."""
    with platform() as running:
        request, reached, caught_up = asyncio.run(measure(running))
    print(f"### Extra time for {CANDIDATES} running attempts\n\n{machine()}\n")
    print("| ms | screens | p50 | p99 | last |\n|---|---:|---:|---:|---:|")
    for name, times in (
        ("from the click to an open screen", reached),
        (f"from coming back, {AWAY} at once, to knowing it", caught_up),
    ):
        print(
            f"| {name} | {len(times)} | {percentile(times, 0.5):.0f} | {percentile(times, 0.99):.0f} | {times[-1]:.0f} |"
        )
    print(f"\nThe request that gave the time to all of them in one transaction took {request:.0f} ms.")


if __name__ == "__main__":
    main()
