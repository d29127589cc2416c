"""A sitting with several attempts, for the pages that show them: people before, between and after theirs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import yaml

from loadtests.device import Device
from loadtests.people import Person
from tests.stories.seed import Seeds

ITEM = {
    "id": "knot",
    "kind": "choice",
    "title": "A knot",
    "prompt": "Which one joins two ropes?",
    "points": 1,
    "options": [{"id": "a", "text": "Sheet bend"}, {"id": "b", "text": "Bowline"}],
    "correct": "a",
}
EXAM = {"title": "One knot", "duration_minutes": 60, "pass_percent": 50, "items": [ITEM]}


@dataclass(frozen=True)
class Tries:
    """Who sits, by role, and the ids that stand in addresses."""

    people: dict[str, Person]
    ids: dict[str, str]


async def make(seeds: Seeds) -> Tries:
    """Four people: one may try again, one is at the second attempt, one has both results, one was voided."""
    made = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(EXAM)})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    names = ("Abel Again", "Berta Busy", "Dora Done", "Vera Void")
    sitting, entries = await seeds.sitting(made["id"], *names, attempts=3, counts="average")
    people = [await seeds.arrive(entry) for entry in entries]
    again, busy, done, void = people
    first = await _take(again, sitting, 1, "b")
    await _take(busy, sitting, 1, "b")
    await _begin(busy, sitting, 2)
    await _take(done, sitting, 1, "b")
    second = await _take(done, sitting, 2, "a")
    voided = await _begin(void, sitting, 1)
    body = {"outcome": "void", "reason": "It was somebody else."}
    await seeds.instructor.call("POST", f"/api/reviews/{voided.attempt}/decision", body)
    await _release(seeds, sitting, second)
    ids = {"tries": sitting, "tried": first, "tried_twice": second}
    return Tries({"again": again, "busy": busy, "done": done, "voided": void}, ids)


async def _begin(person: Person, sitting: str, number: int) -> Device:
    opened: dict[str, Any] = await person.call("POST", f"/api/sittings/{sitting}/attempts", {"number": number})
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    device = Device(person.client, opened["id"])
    await device.sign("start", person.authenticator)
    await device.open_paper()
    return device


async def _take(person: Person, sitting: str, number: int, option: str) -> str:
    device = await _begin(person, sitting, number)
    await device.save("knot", {"choice": [option]})
    await device.submit()
    return device.attempt


async def _release(seeds: Seeds, sitting: str, attempt: str) -> None:
    """When the worker has graded all of this person's."""
    for _ in range(120):
        answer = await seeds.instructor.call("POST", f"/api/sittings/{sitting}/release", {"attempts": [attempt]})
        (row,) = answer["attempts"]
        if row["released"]:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"not released: {row}")
