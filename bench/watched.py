"""A platform of the benchmark's own with watched candidates: scripts in, what the platform says of them out."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loadtests.compositions.sitting import EXAM, Prepared, Sat, check_in, sit
from loadtests.people import Person, StoryStopped
from loadtests.platform import Platform
from loadtests.sitting import open_sitting

PATIENCE = 600.0  # seconds until the workers must have looked at everything


@contextmanager
def platform(workers: int = 1, web_workers: int = 1) -> Iterator[Platform]:
    """Start it, and remove every trace afterwards."""
    with tempfile.TemporaryDirectory(prefix="invigil-bench-", ignore_cleanup_errors=True) as folder:
        settings = {"INVIGIL_WORKERS": str(workers)}
        started = Platform(Path(folder) / "state", web_workers=web_workers, settings=settings)
        started.start()
        try:
            asyncio.run(started.until_up())
            yield started
        except BaseException:
            say(f"the platform's last words:\n{started.tail()}\n{started.tail('logs/web.log')}")
            raise
        finally:
            started.stop()


async def staff(started: Platform) -> Person:
    """The instructor who opens sittings and reads flags."""
    instructor = Person(started.url, "bench@example.org", "Bench")
    await instructor.enter(await started.account("bench@example.org", "Bench", "author", "instructor"))
    return instructor


async def hold(instructor: Person, prepared: Sequence[Prepared], title: str) -> tuple[str, list[Sat]]:
    """One sitting for all of them at the same time; its id and what was sent, in order."""
    sitting, roster = await open_sitting(instructor, EXAM, title, len(prepared))
    people = []
    for email, code in roster.items():
        person = Person(instructor.url, email, "Candidate")
        await person.enter(code)
        people.append(person)
    devices = await asyncio.gather(
        *(check_in(person, sitting, each.photo) for person, each in zip(people, prepared, strict=True))
    )
    say(f"{len(devices)} candidates at work: {title}")
    sat = await asyncio.gather(*(sit(device, each) for device, each in zip(devices, prepared, strict=True)))
    return sitting, list(sat)


async def until_seen(instructor: Person, sitting: str, frames: int) -> float:
    """Seconds until the workers have looked at so many frames. Raises `StoryStopped` where they do not."""
    began = time.monotonic()
    while True:
        live = await instructor.call("GET", f"/api/sittings/{sitting}/live")
        seen = sum(each["analysed"] for each in live["people"])
        if seen >= frames:
            return time.monotonic() - began
        if time.monotonic() - began > PATIENCE:
            raise StoryStopped(f"the workers looked at {seen} of {frames} frames in {PATIENCE:.0f} s")
        await asyncio.sleep(1)


async def flags_of(instructor: Person, attempt: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await instructor.call("GET", f"/api/attempts/{attempt}/flags")
    return found


def say(text: str) -> None:
    """Progress goes to stderr."""
    print(f"  {time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)
