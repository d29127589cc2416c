"""A real platform of the benchmark's own: embedded PostgreSQL, two web processes, a worker, an exam and its candidates."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loadtests.device import Device
from loadtests.people import Person

EXAM = """
title: Saving
description: One long answer.
duration_minutes: 180
pass_percent: 50
items:
  - {id: text, kind: short, title: Text, prompt: Write., points: 1, answers: [anything]}
"""


@dataclass(frozen=True)
class Running:
    """Where the platform answers, and where its database is."""

    url: str
    state: Path
    database_url: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def platform(web_workers: int = 2) -> Iterator[Running]:
    """Start it, and remove every trace afterwards."""
    state = Path(tempfile.mkdtemp(prefix="invigil-bench-"))
    url = f"http://localhost:{(port := free_port())}"
    env = {
        **os.environ,
        "INVIGIL_STATE_DIR": str(state),
        "INVIGIL_PORT": str(port),
        "INVIGIL_PUBLIC_URL": url,
        "INVIGIL_WEB_WORKERS": str(web_workers),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "exam_api.cli", "up"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(url)
        yield Running(url, state, f"postgresql://postgres@/postgres?host={state / 'postgres'}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(state, ignore_errors=True)


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/api/health", timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


async def devices(running: Running, count: int) -> list[Device]:
    """Candidates who have started, each with a proven device, made through the public API."""
    instructor = Person(running.url, "bench@example.org", "Bench")
    await instructor.enter(_code(running))
    exam = await instructor.call("POST", "/api/exams", {"source": EXAM})
    await instructor.call("POST", f"/api/exams/{exam['id']}/publish")
    now = datetime.now(UTC)
    body = {
        "exam_id": exam["id"],
        "title": "Bench",
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(hours=4)).isoformat(),
        "minutes": 180,
        "roster": [{"email": f"c{n}@example.org", "name": f"Candidate {n}"} for n in range(count)],
    }
    sitting = await instructor.call("POST", "/api/sittings", body)
    codes = {row["email"]: row["activation_code"] for row in sitting["roster"]}
    return [await _start(running, sitting["id"], email, code) for email, code in codes.items()]


async def _start(running: Running, sitting: str, email: str, code: str) -> Device:
    person = Person(running.url, email, "Candidate")
    await person.enter(code)
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    device = Device(person.client, opened["id"])
    await device.sign("start", person.authenticator)
    await device.open_paper()
    return device


def _code(running: Running) -> str:
    env = {
        **os.environ,
        "INVIGIL_STATE_DIR": str(running.state),
        "INVIGIL_DATABASE_URL": running.database_url,
        "INVIGIL_PUBLIC_URL": running.url,
    }
    command = [sys.executable, "-m", "exam_api.cli", "account", "create", "--email", "bench@example.org"]
    command += ["--name", "Bench", "--role", "author", "--role", "instructor"]
    said = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    return said.rsplit("#", 1)[1].strip()


def main() -> None:
    """Only to see that it starts."""
    with platform() as running:
        print(running.url, len(asyncio.run(devices(running, 3))))


if __name__ == "__main__":
    main()
