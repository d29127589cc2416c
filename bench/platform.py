"""A real platform of the benchmark's own: embedded PostgreSQL, two web processes, a worker, an exam and its candidates."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtests.device import Device
from loadtests.people import Person
from loadtests.platform import Platform
from loadtests.sitting import begin, open_sitting

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
    platform: Platform


@contextmanager
def platform(web_workers: int = 2) -> Iterator[Running]:
    """Start it, and remove every trace afterwards."""
    with tempfile.TemporaryDirectory(prefix="invigil-bench-", ignore_cleanup_errors=True) as folder:
        started = Platform(Path(folder) / "state", web_workers=web_workers)
        started.start()
        try:
            asyncio.run(started.until_up())
            yield Running(started.url, started.folder, started.database_url(), started)
        finally:
            started.stop()


async def devices(running: Running, count: int) -> list[Device]:
    """Candidates who have started, each with a proven device, made through the public API."""
    instructor = Person(running.url, "bench@example.org", "Bench")
    await instructor.enter(await running.platform.account("bench@example.org", "Bench", "author", "instructor"))
    sitting, roster = await open_sitting(instructor, EXAM, "Bench", count)
    return [await _start(running, sitting, email, code) for email, code in roster.items()]


async def _start(running: Running, sitting: str, email: str, code: str) -> Device:
    person = Person(running.url, email, "Candidate")
    await person.enter(code)
    device = await begin(person, sitting)
    await device.open_paper()
    return device


def main() -> None:
    """Only to see that it starts."""
    with platform() as running:
        print(running.url, len(asyncio.run(devices(running, 3))))


if __name__ == "__main__":
    main()
