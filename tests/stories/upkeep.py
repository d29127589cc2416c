"""The later life of certificates, for the pages that show it: wishes and activities that wait, one suspended, one revoked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from loadtests.people import Person
from tests.stories.seed import Seeds


async def make(seeds: Seeds, person: Person, certificate: str, other: Person) -> dict[str, str]:
    """`person` asks for another name and noted two activities, one of them accepted; two certificates of `other` hold no longer."""
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
    suspended, revoked = [await _given(seeds, other, name) for name in ("Knots for beginners", "Splices for beginners")]
    await seeds.operator.call("POST", f"/api/certificates/{suspended}/suspend", body)
    body = {"code": "issued-in-error", "reason": "The list held somebody of the same name."}
    await seeds.operator.call("POST", f"/api/certificates/{revoked}/revoke", body)
    return {"suspended": suspended, "revoked": revoked}


async def _given(seeds: Seeds, person: Person, name: str) -> str:
    """A certificate of a list that two people gave."""
    me = await person.call("GET", "/api/me")
    body = {
        "title": name,
        "terms": {
            "name": name,
            "description": "Its holder ties three knots.",
            "criteria": "An evening of practice.",
        },
        "table": f"name,email,date,result,consent\n{me['name']},{me['email']},2026-03-01,92.5,yes\n",
    }
    made = await seeds.instructor.call("POST", "/api/batches", body)
    await seeds.operator.call("POST", f"/api/batches/{made['id']}/approve", {"digest": made["digest"]})
    for _ in range(60):
        for each in await person.call("GET", "/api/me/certificates"):
            if each["name"] == name:
                return str(each["id"])
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate was issued\n" + seeds.platform.tail("logs/worker.log"))
