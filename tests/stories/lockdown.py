"""A sitting in Safe Exam Browser, for the pages that lead into it: somebody stands before it in another browser."""

from __future__ import annotations

import yaml

from loadtests.people import Person
from tests.stories.seed import Seeds
from tests.stories.tries import EXAM


async def make(seeds: Seeds) -> tuple[Person, dict[str, str]]:
    """The person, and the ids that stand in addresses."""
    source = yaml.safe_dump(EXAM | {"title": "One knot, locked down", "proctoring": {"browser": "locked-down"}})
    made = await seeds.instructor.call("POST", "/api/exams", {"source": source})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    sitting, (entry,) = await seeds.sitting(made["id"], "Lena Locked")
    person = await seeds.arrive(entry)
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    return person, {"locked_sitting": sitting, "outside": str(opened["id"])}
