"""`python -m loadtests faults`: a platform of its own, a room full of candidates, every fault, and what was lost.

Exit status 1 when anything was lost, or when a fault was asked for and could not be injected once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.faults import browsers
from loadtests.faults.browsers import Typist
from loadtests.faults.conductor import ON_DISK, PROCESSES, Conductor, try_disk
from loadtests.faults.judge import Verdict
from loadtests.faults.proxy import NETWORK, Proxy
from loadtests.faults.report import show
from loadtests.faults.upgrade import NextVersion
from loadtests.faults.writer import ITEMS, Writer
from loadtests.people import Person
from loadtests.platform import ROOT, Platform, free_port
from loadtests.sitting import begin, open_sitting

ALWAYS = {
    "clock": "saves from a device whose clock is 10 minutes wrong",
    "reload": "page loaded again in the middle of saving",
    browsers.NAME: browsers.WORDS,
}
KINDS: dict[str, str] = {**NETWORK, **PROCESSES, **ALWAYS}
UNPRIVILEGED = [kind for kind in KINDS if kind not in ON_DISK]
SKEW = 600.0
AT_ONCE = 16  # candidates who come through the door at the same time
CALM = 300.0  # seconds that everybody gets to finish when nothing is broken any more
EXAM = "title: Faults\ndescription: Four fields.\nduration_minutes: 180\npass_percent: 50\nitems:\n" + "".join(
    f"  - {{id: {item}, kind: short, title: {item}, prompt: Write., points: 1, answers: [anything]}}\n"
    for item in ITEMS
)


@dataclass
class Plan:
    """What was asked for."""

    candidates: int = 1000
    minutes: float = 4.0
    seed: int = 1
    kinds: list[str] = field(default_factory=lambda: list(KINDS))
    browsers: int = 3
    think: float = 0.0  # mean seconds between two answers of one candidate; 0: so that the machine is busy, not drowned
    pause: float = 6.0  # seconds between two faults of the platform
    kill_every: float = 45.0  # seconds between two kills of one browser
    impatient: float = 0.1  # of the pages, loaded again after each fault of the platform
    disk: int = 2500  # MB of the state folder's own disk

    @property
    def mean(self) -> float:
        return self.think or max(2.0, self.candidates / 40)


@dataclass
class Came:
    """What came of it."""

    plan: Plan
    injected: Counter[str]
    back: dict[str, list[float]]
    verdict: Verdict
    could_not: dict[str, str]
    pages: list[str]
    requests: int
    repeats: int
    seconds: float

    @property
    def missing(self) -> list[str]:
        """Faults that were asked for, are possible here, and never happened."""
        return [kind for kind in self.plan.kinds if kind not in self.could_not and not self.injected[kind]]

    @property
    def good(self) -> bool:
        return not self.missing and not any(self.verdict.losses.values())


class Room:
    """Everything of one run."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        port = free_port()
        self.url = f"http://localhost:{port}"
        self.platform = Platform(folder / "state", public=self.url)
        self.proxy = Proxy(self.platform.port, plan.seed, tuple(kind for kind in plan.kinds if kind in NETWORK))
        self.port = port
        self.writers: list[Writer] = []
        self.typists: list[Typist] = []

    async def prepare(self) -> None:
        """An exam, a sitting, and everybody through the door; the network is good as yet."""
        await self.platform.until_up()
        self.instructor = Person(self.url, "ina@example.org", "Ina Structor")
        code = await self.platform.account(self.instructor.email, self.instructor.name, "author", "instructor")
        await self.instructor.enter(code)
        plan = self.plan
        extra = plan.browsers if browsers.NAME in plan.kinds else 0
        self.sitting, codes = await open_sitting(self.instructor, EXAM, "Faults", plan.candidates + extra)
        places = list(enumerate(codes.items()))
        gate = asyncio.Semaphore(AT_ONCE)

        async def enter(number: int, email: str, code: str) -> Writer:
            async with gate:
                return await self._enter(number, email, code)

        self.writers = await asyncio.gather(*(enter(n, email, code) for n, (email, code) in places[: plan.candidates]))
        self.typists = [
            Typist(
                f"Candidate {n}",
                code,
                self.url,
                self.sitting,
                self.folder / f"chromium-{n}",
                random.Random(f"{plan.seed}:{n}"),
            )
            for n, (_, code) in places[plan.candidates :]
        ]

    async def _enter(self, number: int, email: str, code: str) -> Writer:
        person = Person(self.url, email, f"Candidate {number}")
        await person.enter(code)
        device = await begin(person, self.sitting)
        await device.open_paper()
        if "clock" in self.plan.kinds and number % 3:
            device.wrong = SKEW if number % 3 == 1 else -SKEW
            device.skew = 0.0
        mean = self.plan.mean
        return Writer(person, device, random.Random(f"{self.plan.seed}:{number}"), (mean * 0.3, mean * 1.7))

    def reload_some(self) -> None:
        """After each fault of the platform some people lose patience."""
        if "reload" in self.plan.kinds:
            for writer in self.writers:
                if writer.rng.random() < self.plan.impatient:
                    writer.reload()

    async def break_everything(self, conductor: Conductor, stack: AsyncExitStack) -> dict[str, dict[str, object]]:
        """Everybody writes while everything breaks, then submits; the files of the real browsers."""
        over = asyncio.Event()
        typing = await self._open_browsers(stack, over)
        writing = [asyncio.create_task(writer.write(over)) for writer in self.writers]
        self.proxy.raging = True
        kinds = [kind for kind in self.plan.kinds if kind in PROCESSES and (kind not in ON_DISK or conductor.disk)]
        await conductor.play(kinds, self.plan.minutes * 60, self.plan.pause, self.reload_some)
        over.set()
        await asyncio.sleep(min(10.0, self.plan.mean))  # the first submissions still meet the bad network
        self.proxy.raging = False
        _, late = await asyncio.wait(writing, timeout=CALM)
        for task in late:
            task.cancel()
        files = await asyncio.wait_for(asyncio.gather(*typing), CALM)
        for task in set(writing) - late:
            task.result()
        return {typist.name: file for typist, file in zip(self.typists, files, strict=True)}

    async def _open_browsers(self, stack: AsyncExitStack, over: asyncio.Event) -> list[asyncio.Task[dict[str, object]]]:
        """Everybody at a real browser comes in, one after the other, and begins to type."""
        if not self.typists:
            return []
        from playwright.async_api import async_playwright

        playwright = await stack.enter_async_context(async_playwright())
        for typist in self.typists:
            await typist.come(playwright)
            await typist.enter()
        every = self.plan.kill_every
        return [asyncio.create_task(browsers.live(typist, playwright, over, every)) for typist in self.typists]

    async def judge(self, files: dict[str, dict[str, object]]) -> Verdict:
        """Compare everything."""
        verdict = Verdict()
        for writer in self.writers:
            file = await writer.person.call("GET", f"/api/attempts/{writer.device.attempt}/receipts")
            verdict.writer(writer, file)
        for typist in self.typists:
            verdict.typist(typist, files[typist.name])
        names = [writer.person.name for writer in self.writers] + [typist.name for typist in self.typists]
        await verdict.instructor(self.instructor, self.sitting, names)
        return verdict


async def run(plan: Plan) -> Came:
    """One run from the first process to the verdict."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="invigil-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        room = Room(plan, folder)
        disk, why = try_disk(room.platform, plan.kinds, plan.disk)
        conductor = Conductor(room.platform, NextVersion.of(ROOT, folder / "next"), disk)
        room.platform.start()
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(room.proxy.open(room.port))
                await room.prepare()
                files = await room.break_everything(conductor, stack)
                verdict = await room.judge(files)
        except BaseException:
            # The folder goes with the run; what the processes said last must not.
            for log in ("", "logs/web.log", "logs/worker.log", "postgres/log"):
                print(room.platform.tail(log, 60), file=sys.stderr)
            raise
        finally:
            room.platform.stop()
            if disk is not None:
                disk.unmount()
        for person in (room.instructor, *(writer.person for writer in room.writers)):
            await person.client.aclose()
    injected = room.proxy.injected + conductor.injected
    injected["clock"] = sum(
        entry.receipt is not None for each in room.writers if each.device.wrong for entry in each.journal
    )
    injected["reload"] = sum(writer.reloads for writer in room.writers)
    injected[browsers.NAME] = sum(typist.killed for typist in room.typists)
    return Came(
        plan,
        injected,
        dict(conductor.back),
        verdict,
        {kind: why for kind in plan.kinds if kind in ON_DISK and disk is None},
        sorted(conductor.pages),
        sum(room.proxy.seen.values()),
        sum(writer.repeats for writer in room.writers),
        time.monotonic() - began,
    )


def parse(words: list[str]) -> tuple[Plan, Path | None]:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests faults", description=__doc__)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=4.0, help="how long the faults last; each comes once at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--browsers", type=int, default=3, help="real Chromium browsers among them")
    parser.add_argument("--only", help=f"faults by name, with commas: {', '.join(KINDS)}")
    parser.add_argument("--json", type=Path, help="write the result there, too")
    chosen = parser.parse_args(words)
    kinds = chosen.only.split(",") if chosen.only else list(KINDS)
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return Plan(chosen.candidates, chosen.minutes, chosen.seed, kinds, chosen.browsers), chosen.json


def main(words: list[str]) -> int:
    """Run, print, write."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    plan, file = parse(words)
    # However it is ended: the disk is unmounted and no process stays.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    came = asyncio.run(run(plan))
    said = show(came, KINDS)
    if file is not None:
        file.write_text(json.dumps(said, indent=1) + "\n")
    return 0 if came.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
