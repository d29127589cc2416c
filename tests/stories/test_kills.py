"""Processes die while people write. Nothing that was proven to them is lost, and everything comes back by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from loadtests.device import Device
from loadtests.people import Person
from loadtests.sitting import begin
from tests.stories.room import Room, proven
from tests.stories.seed import Entry, Seeds

log = logging.getLogger(__name__)
WRITERS = 8
BACK_WITHIN = 15.0  # seconds from a kill to a healthy platform, on a machine that this run has to itself
QUEUE = 2  # processes that want each core while it has: the story's own
ITEMS = ("missing-values", "headline")


@dataclass
class Writer:
    """Saves without a pause, the same number again until it has a verified receipt; remembers every receipt."""

    person: Person
    device: Device
    receipts: list[dict[str, Any]] = field(default_factory=list)
    retries: int = 0

    async def write(self, until: asyncio.Event, seed: int) -> None:
        rng = random.Random(seed)
        while not until.is_set():
            number = self.device.seq + 1
            answer = {"text": f"{self.person.name}, save {number}"}
            await self._keep(rng.choice(ITEMS), answer)
            await asyncio.sleep(rng.uniform(0.1, 0.4))

    async def _keep(self, item: str, answer: dict[str, str]) -> None:
        for _ in range(300):
            try:
                self.receipts.append(await self.device.save(item, answer))
                return
            except httpx.TransportError:
                self.retries += 1
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500:
                    raise AssertionError(error.response.text) from error
                self.retries += 1
            await asyncio.sleep(0.2)
        raise AssertionError("the platform did not take this answer for a minute")


async def _start(seeds: Seeds, sitting: str, entry: Entry) -> Writer:
    person = await seeds.arrive(entry)
    device = await begin(person, sitting)
    await device.open_paper()
    return Writer(person, device)


@asynccontextmanager
async def _writing(writers: list[Writer]) -> AsyncIterator[None]:
    """Everybody writes while the block runs."""
    over = asyncio.Event()
    tasks = [asyncio.create_task(writer.write(over, seed)) for seed, writer in enumerate(writers)]
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*tasks)


def _slower() -> float:
    """How many times longer everything takes here and now, because others use the machine too."""
    return max(1.0, os.getloadavg()[0] / (QUEUE * (os.cpu_count() or 1)))


VICTIMS = {
    "one web process": ("web-1",),
    "every web process": ("web-1", "web-2"),
    "the worker": ("worker",),
    "PostgreSQL": ("postgres",),
}


async def test_nothing_proven_is_lost_when_processes_are_killed(visit: Any, seeds: Seeds) -> None:
    platform = seeds.platform
    sitting, entries = await seeds.sitting(
        seeds.quiet, "Rita Room", *(f"Writer{number} Test" for number in range(WRITERS))
    )
    room = await _room(visit, sitting, entries[0])
    writers = await asyncio.gather(*(_start(seeds, sitting, entry) for entry in entries[1:]))
    back: dict[str, float] = {}
    async with _writing(writers):
        for name, processes in VICTIMS.items():
            for turn in (1, 2):
                await asyncio.sleep(1.5)
                before = [len(writer.receipts) for writer in writers]
                platform.kill(*[await platform.pid(each) for each in processes])
                await room.page.locator("#sheet [data-item='missing-values'] [data-text]").press_sequentially(
                    f" {name[:3]}{turn}"
                )
                back[f"{name}, kill {turn}"] = await platform.until_up() / _slower()
                await room.saved(patience=30_000)
                await _all_go_on(writers, before)
    log.info("seconds until healthy again: %s", {name: round(seconds, 1) for name, seconds in back.items()})
    assert max(back.values()) <= BACK_WITHIN, back
    for writer in writers:
        await _check(writer)
    written = await room.question("missing-values").locator("[data-text]").input_value()
    file = await room.receipts()
    proven(file)
    assert [entry["receipt"] for entry in await room.journal()] == file["receipts"]
    assert file["answers"][str(len(file["receipts"]))] == {"text": written}
    await _graded(seeds, writers)


async def _room(visit: Any, sitting: str, entry: Entry) -> Room:
    visitor = await visit()
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    await room.go("missing-values")
    await room.write("missing-values", "Zeros")
    await room.saved()
    return room


async def _all_go_on(writers: list[Writer], before: list[int]) -> None:
    """Each has saved again since the kill."""
    for _ in range(300):
        if all(len(writer.receipts) > count + 1 for writer, count in zip(writers, before, strict=True)):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("somebody could not save again")


async def _check(writer: Writer) -> None:
    """The platform's file holds exactly what was proven to the writer, in order; and its chain holds."""
    file = await writer.person.call("GET", f"/api/attempts/{writer.device.attempt}/receipts")
    proven(file)
    assert file["receipts"] == writer.receipts
    assert [file["answers"][str(receipt["seq"])]["text"] for receipt in writer.receipts] == [
        f"{writer.person.name}, save {receipt['seq']}" for receipt in writer.receipts
    ]


async def _graded(seeds: Seeds, writers: list[Writer]) -> None:
    """The worker lives on: what is submitted now is graded, also when it dies in between."""
    for writer in writers:
        await writer.device.submit()
    seeds.platform.kill(await seeds.platform.pid("worker"))
    for writer in writers:
        for _ in range(150):
            answer = await seeds.instructor.call("GET", f"/api/attempts/{writer.device.attempt}/grades")
            if all(grade["grader"] != "nobody" for grade in answer["grades"]):
                break
            await asyncio.sleep(0.4)
        else:
            raise AssertionError("not graded\n" + seeds.platform.tail("logs/worker.log"))
