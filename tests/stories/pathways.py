"""A map of skills and a programme over the example exam, for the pages that show them."""

from __future__ import annotations

import asyncio

from loadtests.pathways import MAP, PROGRAMME, write
from loadtests.people import Person
from tests.stories.processes import ROOT
from tests.stories.seed import Seeds


async def make(seeds: Seeds, person: Person) -> dict[str, str]:
    """`person` has a certificate that meets the programme's rule, so the worker gives them the programme's too."""
    await write(seeds.instructor, ROOT)
    return {"map": MAP, "programme": PROGRAMME, "first": "1", "stacked": await _stacked(seeds, person)}


async def _stacked(seeds: Seeds, person: Person) -> str:
    for _ in range(60):
        for each in await person.call("GET", "/api/me/certificates"):
            if each["name"] == "Data Practitioner":
                return str(each["id"])
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate of the programme was issued\n" + seeds.platform.tail("logs/worker.log"))
