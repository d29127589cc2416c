"""A map of skills and a programme over the example exam: what the documentation shows, written as staff write it."""

from __future__ import annotations

from pathlib import Path

from loadtests.people import Person

MAP, PROGRAMME = "data-literacy", "data-practitioner"


async def write(instructor: Person, root: Path) -> bool:
    """Write both and open the programme; False where it is open already."""
    if any(each["slug"] == PROGRAMME for each in await instructor.call("GET", "/api/programmes")):
        return False
    for kind, slug in (("skills", MAP), ("programmes", PROGRAMME)):
        source = (root / "docs" / "examples" / f"{slug}.yaml").read_text(encoding="utf-8")
        await instructor.call("PUT", f"/api/{kind}/{slug}", {"source": source, "number": 0})
    await instructor.call("POST", f"/api/programmes/{PROGRAMME}/open")
    return True
