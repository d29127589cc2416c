"""The later life of certificates, for the pages that show it: wishes and activities that wait, and one that is suspended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from loadtests.people import Person
from tests.stories.seed import Seeds


async def make(seeds: Seeds, person: Person, certificate: str, other: Person) -> dict[str, str]:
    """`person` asks for another name and noted two activities, one of them accepted; a certificate of `other` is suspended."""
    wish = {"name": "Walter Wellington", "note": "Married in May; the document can be shown.", "linked": True}
    await person.call("POST", "/api/me/names", wish)
    today = datetime.now(UTC).date().isoformat()
    done = {"provider": "Statistics school", "day": today, "credits": 7.5, "link": "https://school.example/charts"}
    path = f"/api/certificates/{certificate}/activities"
    first = await person.call("POST", path, {**done, "title": "Charts that do not lie, two days"})
    await person.call("POST", path, {**done, "title": "A talk about averages", "credits": 1.25, "link": None})
    decided = {"accepted": True, "words": "The confirmation was seen."}
    await seeds.operator.call("POST", f"/api/activities/{first['id']}/decide", decided)
    body = {"code": "under-review", "reason": "A note came in; we look into it."}
    suspended = await _given(seeds, other)
    await seeds.operator.call("POST", f"/api/certificates/{suspended}/suspend", body)
    return {"suspended": suspended}


async def _given(seeds: Seeds, person: Person) -> str:
    """A certificate of a list that two people gave."""
    me = await person.call("GET", "/api/me")
    body = {
        "title": "Knots for beginners",
        "terms": {
            "name": "Knots for beginners",
            "description": "Its holder ties three knots.",
            "criteria": "An evening of practice.",
        },
        "table": f"name,email,date,result,consent\n{me['name']},{me['email']},2026-03-01,92.5,yes\n",
    }
    made = await seeds.instructor.call("POST", "/api/batches", body)
    await seeds.operator.call("POST", f"/api/batches/{made['id']}/approve", {"digest": made["digest"]})
    for _ in range(60):
        for each in await person.call("GET", "/api/me/certificates"):
            return str(each["id"])
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate was issued\n" + seeds.platform.tail("logs/worker.log"))
