"""Exams over the API: drafts, frozen versions, and who sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import func, select

from credentials.canonical import digest
from exam_api.db.models.ledger import LedgerLine
from exam_api.installation import Installation
from tests.factories import EXAMPLE_EXAM, Person, person, without_references

EXAMPLE = without_references(EXAMPLE_EXAM.read_text(encoding="utf-8"))
UNTRIED = {"untried": True}
AVOGADRO = """\
title: Chemistry 🧪
duration_minutes: 10
pass_percent: 50
items:
  - {id: mole, kind: numeric, title: Mole, prompt: How many?, points: 1, value: 6.02214076e23}
"""


@pytest.fixture
async def author(client: httpx.AsyncClient, installation: Installation) -> Person:
    return await person(client, installation, "author", name="Grace Hopper")


async def test_a_draft_is_kept_changed_and_listed(author: Person) -> None:
    made = await author.client.post("/api/exams", json={"source": EXAMPLE})
    assert made.status_code == 201
    saved = made.json()
    assert (saved["revision"], saved["title"]) == (1, "Reading data, writing Python")
    changed = await author.client.put(f"/api/exams/{saved['id']}", json={"source": AVOGADRO, "revision": 1})
    assert changed.json() == {"id": saved["id"], "revision": 2, "title": "Chemistry 🧪"}
    read = (await author.client.get(f"/api/exams/{saved['id']}")).json()
    assert (read["source"], read["owner"], read["version"]) == (AVOGADRO, "Grace Hopper", None)
    assert [each["id"] for each in (await author.client.get("/api/exams?search=CHEM")).json()] == [saved["id"]]
    assert (await author.client.get("/api/exams?search=%25")).json() == []


async def test_a_stale_revision_overwrites_nothing(author: Person) -> None:
    address = f"/api/exams/{(await author.client.post('/api/exams', json={'source': EXAMPLE})).json()['id']}"
    answers = await asyncio.gather(
        *(author.client.put(address, json={"source": f"{EXAMPLE}# {n}\n", "revision": 1}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "edited-elsewhere"
    assert (await author.client.get(address)).json()["revision"] == 2


async def test_a_wrong_file_is_refused_with_its_lines_and_nothing_is_kept(author: Person) -> None:
    broken = EXAMPLE.replace("pass_percent: 60", "pass_percent: 600")
    line = EXAMPLE[: EXAMPLE.index("pass_percent")].count("\n") + 1
    refused = await author.client.post("/api/exams", json={"source": broken})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "exam-file-wrong"
    assert [(each["line"], each["path"]) for each in refused.json()["problems"]] == [(line, "pass_percent")]
    checked = (await author.client.post("/api/exams/check", json={"source": broken})).json()
    assert checked["problems"] == refused.json()["problems"]
    assert checked["outline"] is None
    german = await author.client.post("/api/exams/check", json={"source": broken}, headers={"Accept-Language": "de"})
    assert [each["message"] for each in german.json()["problems"]] == ["„pass_percent“: darf höchstens 100 sein."]
    assert (await author.client.get("/api/exams")).json() == []


async def test_huge_and_unfolding_files_are_refused_quickly(author: Person) -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{'*' + chr(97 + n) + ', *' + chr(97 + n)}]\n" for n in range(20)
    )
    for source in ("x" * 1_100_000, "x" * 1_300_000, bomb, "a\x00b"):
        answer = await author.client.post("/api/exams", json={"source": source})
        assert answer.status_code == 422
        assert answer.elapsed.total_seconds() < 5


async def test_a_version_is_frozen_and_an_unchanged_draft_stays_it(author: Person, installation: Installation) -> None:
    address = f"/api/exams/{(await author.client.post('/api/exams', json={'source': EXAMPLE})).json()['id']}"
    first = (await author.client.post(f"{address}/publish", json=UNTRIED)).json()
    assert first["number"] == 1
    assert first["digest"] == digest(first["definition"])
    comment = {"source": f"# a remark changes nothing\n{EXAMPLE}", "revision": 1}
    (await author.client.put(address, json=comment)).raise_for_status()
    assert (await author.client.post(f"{address}/publish", json=UNTRIED)).json() == first
    (await author.client.put(address, json={"source": AVOGADRO, "revision": 2})).raise_for_status()
    second = (await author.client.post(f"{address}/publish", json=UNTRIED)).json()
    assert second["number"] == 2
    assert (await author.client.get(f"{address}/versions/1")).json() == first
    assert [each["number"] for each in (await author.client.get(f"{address}/versions")).json()] == [2, 1]
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert (await author.client.request(method, f"{address}/versions/1", json={})).status_code == 405
    for number in (0, 3, -1, 2**40):
        assert (await author.client.get(f"{address}/versions/{number}")).status_code == 404
    async with installation.sessions() as session:
        published = select(func.count()).where(LedgerLine.tag == "exam:published")
        assert await session.scalar(published) == 2


async def test_two_people_publishing_at_once_make_one_version(author: Person) -> None:
    address = f"/api/exams/{(await author.client.post('/api/exams', json={'source': EXAMPLE})).json()['id']}"
    answers = await asyncio.gather(*(author.client.post(f"{address}/publish", json=UNTRIED) for _ in range(4)))
    assert {answer.json()["number"] for answer in answers} == {1}


async def test_a_number_too_large_for_json_integers_keeps_its_digest(author: Person) -> None:
    address = f"/api/exams/{(await author.client.post('/api/exams', json={'source': AVOGADRO})).json()['id']}"
    made = (await author.client.post(f"{address}/publish", json=UNTRIED)).json()
    read = (await author.client.get(f"{address}/versions/1")).json()
    assert read == made
    assert read["definition"]["items"][0]["value"] == 6.02214076e23
    assert digest(read["definition"]) == read["digest"]


async def test_an_exam_may_belong_to_a_course_that_exists(author: Person) -> None:
    refused = await author.client.post("/api/exams", json={"source": EXAMPLE, "course": "nowhere"})
    assert refused.status_code == 422
    assert "no course" in refused.json()["problems"][0]["message"]


@pytest.mark.parametrize(
    ("roles", "status"),
    [(["author"], 404), (["instructor"], 200), (["candidate"], 403), (["invigilator"], 403), (None, 401)],
)
async def test_who_may_touch_an_exam(
    author: Person,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
    roles: list[str] | None,
    status: int,
) -> None:
    address = f"/api/exams/{(await author.client.post('/api/exams', json={'source': EXAMPLE})).json()['id']}"
    (await author.client.post(f"{address}/publish", json=UNTRIED)).raise_for_status()
    other = new_client()
    if roles:
        await person(other, installation, *roles)
    assert (await other.get(address)).status_code == status
    assert (await other.get(f"{address}/versions")).status_code == status
    assert (await other.get(f"{address}/versions/1")).status_code == status
    assert (await other.put(address, json={"source": EXAMPLE, "revision": 1})).status_code == status
    assert (await other.post(f"{address}/publish", json=UNTRIED)).status_code == status
    listed = await other.get("/api/exams")
    assert listed.status_code == (200 if status in {200, 404} else status)
    assert len(listed.json() if listed.status_code == 200 else []) == (1 if status == 200 else 0)
