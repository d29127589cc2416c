"""Sittings over the API: windows, rosters, extra time, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from exam_api.db.ledger import broken_at
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.ledger import LedgerLine
from exam_api.installation import Installation
from tests.factories import Person, open_sitting, person, published_exam


@pytest.fixture
async def instructor(client: httpx.AsyncClient, installation: Installation) -> Person:
    return await person(client, installation, "author", "instructor", name="Grace Hopper")


@pytest.fixture
async def ada(new_client: Callable[[], httpx.AsyncClient], installation: Installation) -> Person:
    return await person(new_client(), installation, name="Ada")


async def attempt_of(installation: Installation, sitting_id: str, who: Person, *, started: bool) -> None:
    """An attempt of this person, as a later feature makes it."""
    now = datetime.now(UTC)
    async with installation.sessions.begin() as session:
        row = Attempt(
            sitting_id=UUID(sitting_id),
            candidate_id=who.id,
            status="running" if started else "ready",
            opened_at=now,
            seed="0" * 32,
            form="",
        )
        if started:
            row.started_at, row.ends_at = now, now + timedelta(minutes=60)
        session.add(row)


async def events(installation: Installation, sitting_id: str) -> list[LedgerLine]:
    async with installation.sessions() as session:
        query = select(LedgerLine).where(LedgerLine.stream == UUID(sitting_id)).order_by(LedgerLine.seq)
        return list(await session.scalars(query))


def window(version: dict[str, Any], **changes: Any) -> dict[str, Any]:
    opens = datetime.now(UTC) + timedelta(hours=1)
    body = {"exam_id": version["exam_id"], "title": "Monday", "minutes": 60}
    return body | {"opens_at": opens.isoformat(), "closes_at": (opens + timedelta(hours=2)).isoformat()} | changes


async def test_a_sitting_makes_accounts_for_people_it_does_not_know(instructor: Person, ada: Person) -> None:
    version = await published_exam(instructor)
    rows = [{"email": ada.email.upper(), "extra_minutes": 10}, {"email": "new@example.org", "name": "New Person"}]
    answer = await instructor.client.post("/api/sittings", json=window(version, roster=rows))
    assert answer.status_code == 201
    known, new = answer.json()["roster"]
    assert (known["user_id"], known["created"], known["activation_code"]) == (str(ada.id), False, None)
    assert new["created"]
    assert new["activation_code"]
    read = (await instructor.client.get(f"/api/sittings/{answer.json()['id']}")).json()
    assert {(each["email"], each["name"], each["extra_minutes"]) for each in read["roster"]} == {
        (ada.email, "Ada", 10),
        ("new@example.org", "New Person", 0),
    }
    assert new["activation_code"] not in str(read)


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_at": "2020-01-01T00:00:00Z"},
        {"opens_at": "2026-01-01T00:00:00"},
        {"opens_at": "0001-01-01T00:00:00Z"},
        {"closes_at": "9999-12-31T23:59:59Z"},
        {"closes_at": (datetime.now(UTC) + timedelta(days=800)).isoformat()},
        {"minutes": 0},
        {"minutes": 1441},
        {"minutes": 121},
        {"title": "  "},
        {"title": "a\x00b"},
        {"exam_id": None},
        {"version_id": "00000000-0000-0000-0000-000000000000"},
        {"roster": [{"email": "a@example.org", "extra_minutes": -1}]},
        {"roster": [{"email": "a@example.org", "extra_minutes": 1441}]},
        {"roster": [{"email": "nobody"}]},
        {"roster": [{"email": "a@example.org"}, {"email": "A@example.org"}]},
        {"roster": [{"email": f"p{n}@example.org"} for n in range(5_001)]},
        {"unknown": 1},
    ],
)
async def test_what_nobody_could_mean_is_refused(instructor: Person, changes: dict[str, Any]) -> None:
    version = await published_exam(instructor)
    answer = await instructor.client.post("/api/sittings", json=window(version, **changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"]
    assert (await instructor.client.get("/api/sittings")).json() == []


async def test_an_exam_must_be_published_and_exist(instructor: Person) -> None:
    draft = (await published_exam(instructor))["definition"]
    assert draft
    source = "title: T\nduration_minutes: 5\npass_percent: 50\nitems:\n  - {id: a, kind: numeric, title: T, prompt: P, points: 1, value: 1}\n"
    saved = (await instructor.client.post("/api/exams", json={"source": source})).json()
    unpublished = await instructor.client.post("/api/sittings", json=window({"exam_id": saved["id"]}))
    assert (unpublished.status_code, unpublished.json()["code"]) == (409, "not-published")
    missing = "00000000-0000-0000-0000-000000000000"
    assert (await instructor.client.post("/api/sittings", json=window({"exam_id": missing}))).status_code == 404


async def test_a_sitting_keeps_its_version_when_the_exam_moves_on(instructor: Person) -> None:
    version = await published_exam(instructor)
    sitting = await open_sitting(instructor, version=version)
    source = (await instructor.client.get(f"/api/exams/{version['exam_id']}")).json()["source"]
    body = {"source": source.replace("title: Reading data, writing Python", "title: Second"), "revision": 1}
    (await instructor.client.put(f"/api/exams/{version['exam_id']}", json=body)).raise_for_status()
    await instructor.client.post(f"/api/exams/{version['exam_id']}/publish")
    read = (await instructor.client.get(f"/api/sittings/{sitting['id']}")).json()
    assert (read["version_id"], read["version"]) == (version["id"], 1)
    assert read["exam_title"] == "Reading data, writing Python"


async def test_once_somebody_started_a_sitting_only_gets_longer(
    instructor: Person, ada: Person, installation: Installation
) -> None:
    sitting = await open_sitting(instructor, [ada])
    address = f"/api/sittings/{sitting['id']}"
    now = (await instructor.client.get(address)).json()
    base = {name: now[name] for name in ("title", "opens_at", "closes_at", "minutes")}
    (await instructor.client.put(address, json={**base, "minutes": 50})).raise_for_status()
    (await instructor.client.put(address, json=base)).raise_for_status()
    await attempt_of(installation, sitting["id"], ada, started=True)
    closes = datetime.fromisoformat(base["closes_at"])
    for change in (
        {"minutes": 59},
        {"closes_at": (closes - timedelta(minutes=1)).isoformat()},
        {"opens_at": (datetime.fromisoformat(base["opens_at"]) + timedelta(minutes=1)).isoformat()},
    ):
        answer = await instructor.client.put(address, json={**base, **change})
        assert (answer.status_code, answer.json()["code"]) == (409, "sitting-in-use")
    longer = {**base, "minutes": 70, "closes_at": (closes + timedelta(hours=1)).isoformat(), "title": "Longer"}
    assert (await instructor.client.put(address, json=longer)).json()["minutes"] == 70
    assert [line.tag for line in await events(installation, sitting["id"])].count("sitting:planned") == 4


async def test_extra_time_is_an_event_and_never_shrinks_after_the_start(
    instructor: Person, ada: Person, installation: Installation
) -> None:
    sitting = await open_sitting(instructor, [ada], extra=10)
    address = f"/api/sittings/{sitting['id']}/roster/{ada.id}"
    assert (await instructor.client.put(address, json={"extra_minutes": 5})).json()["extra_minutes"] == 5
    await attempt_of(installation, sitting["id"], ada, started=True)
    assert (await instructor.client.put(address, json={"extra_minutes": 30})).json()["started"]
    assert (await instructor.client.put(address, json={"extra_minutes": 30})).status_code == 200
    refused = await instructor.client.put(address, json={"extra_minutes": 29})
    assert refused.status_code == 409
    again = [{"email": ada.email, "extra_minutes": 0}]
    pasted = await instructor.client.post(f"/api/sittings/{sitting['id']}/roster", json={"rows": again})
    assert pasted.status_code == 409
    assert (await instructor.client.delete(address)).status_code == 409
    lines = await events(installation, sitting["id"])
    assert broken_at(lines) is None
    changes = [line.data for line in lines if line.tag == "sitting:roster"]
    assert [change["extra_minutes"] for change in changes] == [10, 5, 30]
    assert {change["user_id"] for change in changes} == {str(ada.id)}


async def test_who_only_looked_stays_and_who_did_not_may_leave(
    instructor: Person, ada: Person, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    bob = await person(new_client(), installation, name="Bob")
    sitting = await open_sitting(instructor, [ada, bob])
    await attempt_of(installation, sitting["id"], ada, started=False)
    roster = f"/api/sittings/{sitting['id']}/roster"
    assert (await instructor.client.delete(f"{roster}/{ada.id}")).status_code == 409
    assert (await instructor.client.delete(f"{roster}/{bob.id}")).status_code == 204
    assert (await instructor.client.delete(f"{roster}/{bob.id}")).status_code == 404
    assert (await bob.client.get("/api/me/sittings")).json() == []
    assert (await events(installation, sitting["id"]))[-1].data["present"] is False


async def test_a_candidate_sees_own_sittings_with_all_the_time_and_nobody_else(
    instructor: Person, ada: Person, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    bob = await person(new_client(), installation, name="Bob")
    sitting = await open_sitting(instructor, [ada, bob], extra=15)
    await instructor.client.delete(f"/api/sittings/{sitting['id']}/roster/{bob.id}")
    answer = await ada.client.get("/api/me/sittings")
    [mine] = answer.json()
    assert (mine["id"], mine["minutes"], mine["extra_minutes"], mine["state"]) == (sitting["id"], 75, 15, "open")
    assert bob.email not in answer.text
    assert "definition" not in answer.text
    assert (await bob.client.get("/api/me/sittings")).json() == []
    await attempt_of(installation, sitting["id"], ada, started=True)
    assert (await ada.client.get("/api/me/sittings")).json()[0]["state"] == "running"


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("candidate", 403, 403),
        ("author", 403, 403),
        ("invigilator", 200, 403),
        ("instructor", 200, 200),
        (None, 401, 401),
    ],
)
async def test_who_may_touch_a_sitting(
    instructor: Person,
    ada: Person,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
    role: str | None,
    reads: int,
    writes: int,
) -> None:
    sitting = await open_sitting(instructor, [ada])
    other = new_client()
    if role:
        await person(other, installation, role)
    address = f"/api/sittings/{sitting['id']}"
    assert (await other.get(address)).status_code == reads
    assert (await other.get("/api/sittings")).status_code == reads
    assert (await other.put(f"{address}/roster/{ada.id}", json={"extra_minutes": 5})).status_code == writes
    rows = {"rows": [{"email": "x@example.org"}]}
    assert (await other.post(f"{address}/roster", json=rows)).status_code == writes
    missing = "/api/sittings/00000000-0000-0000-0000-000000000000"
    assert (await other.get(missing)).status_code == (404 if reads == 200 else reads)
