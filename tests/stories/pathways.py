"""A map of skills and a programme over the example exam, for the pages that show them."""

from __future__ import annotations

import asyncio

from loadtests.people import Person
from tests.stories.processes import ROOT
from tests.stories.seed import Seeds

MAP, PROGRAMME = "data-literacy", "data-practitioner"
EXAMPLES = ROOT / "docs" / "examples"


async def make(seeds: Seeds, person: Person) -> dict[str, str]:
    """The documentation's two files; `person` has a certificate that meets the rule, so the worker gives them the programme's."""
    for kind, slug in (("skills", MAP), ("programmes", PROGRAMME)):
        source = (EXAMPLES / f"{slug}.yaml").read_text()
        await seeds.instructor.call("PUT", f"/api/{kind}/{slug}", {"source": source, "number": 0})
    await seeds.instructor.call("POST", f"/api/programmes/{PROGRAMME}/open")
    return {"map": MAP, "programme": PROGRAMME, "first": "1", "stacked": await _stacked(seeds, person)}


async def _stacked(seeds: Seeds, person: Person) -> str:
    for _ in range(60):
        for each in await person.call("GET", "/api/me/certificates"):
            if each["name"] == "Data Practitioner":
                return str(each["id"])
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate of the programme was issued\n" + seeds.platform.tail("logs/worker.log"))
