"""Sections: what is not open is neither shown nor taken, and the server's clock closes what it opened."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from exam_api.db.models.attempts import Attempt
from exam_api.installation import Installation
from tests.exam_api.sitting import Sit, Sitter, Sitting

HTML = {"Accept": "text/html"}


def question(name: str, rest: str = "") -> str:
    return f"""
  - {{id: {name}, kind: short, title: {name}, prompt: Why?, points: 1, answers: [because]{rest}}}"""


EXAM = f"""
title: In parts
duration_minutes: 60
pass_percent: 50
least_minutes: 5
items:{question("open")}{question("first", ", required: true")}{question("second")}
sections:
  - {{id: all, title: All the time, items: [open]}}
  - {{id: one, title: Part one, items: [first], navigation: sequential}}
  - {{id: two, title: Part two, intro: Read on., items: [second], minutes: 10}}
"""


@pytest.fixture
def exam_source() -> str:
    return EXAM


async def save(sitter: Sitter, item: str, text: str = "because") -> Any:
    device = sitter.device
    body = {"seq": device.seq + 1, "previous": device.head, "item": item, "answer": {"text": text}}
    answer = await device.send("POST", sitter.path("/responses"), body)
    if answer.status_code == 201:
        await device.open_paper()
    return answer


async def enter(sitter: Sitter, number: int) -> tuple[int, str]:
    answer = await sitter.device.send("POST", sitter.path("/sections"), {"number": number})
    return answer.status_code, answer.json()["code"] if answer.content else ""


async def shown(sitter: Sitter) -> list[str]:
    return [item["id"] for item in (await sitter.device.open_paper())["exam"]["items"]]


async def change(installation: Installation, sitter: Sitter, **values: datetime) -> None:
    async with installation.sessions.begin() as session:
        row = await session.get_one(Attempt, UUID(sitter.attempt))
        for name, value in values.items():
            setattr(row, name, value)


async def test_parts_open_in_order_and_close_for_good(sit: Sit) -> None:
    sitter = await sit()
    assert await shown(sitter) == ["open"]
    assert (await save(sitter, "open")).status_code == 201
    refused = await save(sitter, "first")
    assert (refused.status_code, refused.json()["code"]) == (409, "section-closed")
    assert await enter(sitter, 2) == (409, "wrong-state")
    assert await enter(sitter, 1) == (204, "")
    assert await enter(sitter, 1) == (204, "")
    assert await shown(sitter) == ["open", "first"]
    assert await enter(sitter, 2) == (409, "answers-missing")
    assert (await save(sitter, "first")).status_code == 201
    assert await enter(sitter, 2) == (204, "")
    assert await shown(sitter) == ["open", "second"]
    assert (await save(sitter, "first", "too late")).json()["code"] == "section-closed"
    assert (await save(sitter, "second")).status_code == 201
    assert (await save(sitter, "open", "still open")).status_code == 201
    assert await enter(sitter, 3) == (409, "wrong-state")


async def test_the_time_of_a_part_counts_on_the_server(sit: Sit, installation: Installation) -> None:
    sitter = await sit(extra_minutes=30)
    await enter(sitter, 1)
    await save(sitter, "first")
    await enter(sitter, 2)
    async with installation.sessions() as session:
        row = await session.get_one(Attempt, UUID(sitter.attempt))
        assert row.section_ends_at is not None
        assert row.section_from is not None
        assert row.section_ends_at - row.section_from == timedelta(minutes=15)  # half as much again, as of the exam
    assert (await save(sitter, "second")).status_code == 201
    await change(installation, sitter, section_ends_at=datetime.now(UTC) - timedelta(seconds=1))
    assert (await save(sitter, "second", "late")).json()["code"] == "section-closed"
    assert (await save(sitter, "open")).status_code == 201


async def test_the_exam_cannot_be_submitted_before_its_least_time(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    body = {"seq": sitter.device.seq, "head": sitter.device.head}
    refused = await sitter.device.send("POST", sitter.path("/submit"), body)
    assert (refused.status_code, refused.json()["code"]) == (409, "too-early")
    assert "5 minutes" in refused.json()["detail"]
    await change(installation, sitter, started_at=datetime.now(UTC) - timedelta(minutes=6))
    assert (await sitter.device.send("POST", sitter.path("/submit"), body)).status_code == 200


async def test_the_sheet_offers_the_next_part_and_nothing_of_it(sit: Sit) -> None:
    sitter = await sit()
    page = (await sitter.device.send("GET", f"/attempts/{sitter.attempt}/sheet")).raise_for_status().text
    assert "Go on to: Part one" in page
    assert 'data-item="first"' not in page
    await enter(sitter, 1)
    await save(sitter, "first")
    await enter(sitter, 2)
    page = (await sitter.device.send("GET", f"/attempts/{sitter.attempt}/sheet")).raise_for_status().text
    assert "data-section-left" in page
    assert "Read on." in page
    assert "Go on to" not in page


@pytest.mark.parametrize(("change", "amount", "minutes"), [("extra", 12, 2), ("percent", 50, 5), ("incident", 4, 4)])
async def test_time_that_is_given_reaches_the_part_that_is_open(
    sit: Sit, sitting: Sitting, installation: Installation, change: str, amount: int, minutes: int
) -> None:
    sitter, other = await sit(), await sit()
    await enter(sitter, 1)
    await save(sitter, "first")
    await enter(sitter, 2)
    before = await clock(sitter)
    body = {"change": change, "amount": amount, "reason": "A slow computer", "people": [str(sitter.person.id)]}
    given = await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)
    assert given.status_code == 200
    after = await clock(sitter)
    assert after["section_ends_at"] - before["section_ends_at"] == timedelta(minutes=minutes)
    assert after["ends_at"] > before["ends_at"]
    assert (await clock(other))["section_ends_at"] is None


async def clock(sitter: Sitter) -> dict[str, Any]:
    said = await sitter.device.get(sitter.path("/clock"))
    return {name: said[name] and datetime.fromisoformat(said[name]) for name in ("ends_at", "section_ends_at")}


async def test_an_answer_that_came_after_its_part_is_kept_beside_the_chain(
    sit: Sit, installation: Installation
) -> None:
    sitter = await sit()
    await enter(sitter, 1)
    await save(sitter, "first")
    await enter(sitter, 2)
    assert (await save(sitter, "first", "on its way")).json()["code"] == "section-closed"
    entry = {
        "place": 1,
        "item": "first",
        "answer": {"text": "on its way"},
        "created_at": datetime.now(UTC).isoformat(),
        "base": 0,
    }
    kept = await sitter.device.send("POST", sitter.path("/aside"), entry, bare=True)
    assert kept.status_code == 201, kept.text
    assert kept.json()["answer"] == {"text": "on its way"}
