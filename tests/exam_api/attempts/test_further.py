"""Several attempts of one person: when a further one may begin, and what each refusal says."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.sitting import Sit, Sitter, Sitting


async def allow(sitting: Sitting, **policy: Any) -> None:
    (await move(sitting, **policy)).raise_for_status()


async def move(sitting: Sitting, **policy: Any) -> httpx.Response:
    """Change the sitting's rules, as its form does."""
    path = f"/api/sittings/{sitting.id}"
    row = (await sitting.instructor.client.get(path)).raise_for_status().json()
    names = ("title", "opens_at", "closes_at", "minutes", "attempts", "delay_minutes", "counts")
    return await sitting.instructor.client.put(path, json={name: row[name] for name in names} | policy)


async def ask(sitting: Sitting, sitter: Sitter, number: int) -> httpx.Response:
    return await sitter.person.client.post(f"/api/sittings/{sitting.id}/attempts", json={"number": number})


async def change(installation: Installation, sitter: Sitter, **values: Any) -> None:
    async with transaction(installation.sessions) as session:
        row = await session.get_one(Attempt, UUID(sitter.attempt))
        for name, value in values.items():
            setattr(row, name, value)


async def test_a_further_attempt_has_its_own_seed_and_is_made_once(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    first, again = await ask(sitting, sitter, 2), await ask(sitting, sitter, 2)
    assert (first.status_code, first.json()["number"], first.json()["status"]) == (200, 2, "ready")
    assert first.json()["id"] == again.json()["id"] != sitter.attempt
    async with transaction(installation.sessions) as session:
        rows = list(await session.scalars(select(Attempt).order_by(Attempt.number)))
    assert [row.number for row in rows] == [1, 2]
    assert rows[0].seed != rows[1].seed
    mine = (await sitter.person.client.get("/api/me/sittings")).json()[0]
    assert (mine["used"], mine["attempts"], mine["next_from"]) == (2, 2, None)


async def test_the_second_attempt_is_sat_like_the_first_and_then_all_are_used(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    opened = (await ask(sitting, sitter, 2)).json()
    consent = {name: opened["consent"][name] for name in ("version", "terms")}
    client = sitter.person.client
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    device = Device(client, opened["id"])
    await device.sign("start", sitter.person.authenticator)
    await device.open_paper()
    await device.save("second", {"text": "because it rains"})
    await device.submit()
    refused = await ask(sitting, sitter, 3)
    assert (refused.status_code, refused.json()["code"]) == (409, "attempts-used")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "former-attempt-open"),
        ({"status": "voided"}, "former-attempt-voided"),
        ({"status": "submitted", "submitted_at": datetime.now(UTC), "released_at": datetime.now(UTC)}, "result-is-out"),
    ],
)
async def test_what_bars_a_further_attempt(
    sit: Sit, sitting: Sitting, installation: Installation, values: dict[str, Any], code: str
) -> None:
    await allow(sitting, attempts=None)
    sitter = await sit()
    await change(installation, sitter, **values)
    refused = await ask(sitting, sitter, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_too_early_says_from_when(sit: Sit, sitting: Sitting, installation: Installation) -> None:
    await allow(sitting, attempts=3, delay_minutes=30)
    sitter = await sit()
    await sitter.device.submit()
    refused = await ask(sitting, sitter, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "next-attempt-later")
    start = datetime.fromisoformat(refused.json()["next_from"])
    assert timedelta(minutes=29) < start - datetime.now(UTC) <= timedelta(minutes=30)
    page = (await sitter.person.client.get(f"/sittings/{sitting.id}/start", headers={"Accept": "text/html"})).text
    assert "1 of 3 attempts used." in page
    assert "The next from" in page
    for path in ("/home", f"/attempts/{sitter.attempt}/submitted"):
        assert "Try again" not in (await sitter.person.client.get(path, headers={"Accept": "text/html"})).text, path
    await change(installation, sitter, submitted_at=datetime.now(UTC) - timedelta(minutes=31))
    assert (await ask(sitting, sitter, 2)).status_code == 200


async def test_one_attempt_is_the_rule(sit: Sit, sitting: Sitting) -> None:
    sitter = await sit()
    await sitter.device.submit()
    assert (await ask(sitting, sitter, 2)).json()["code"] == "attempts-used"
    same = await sitter.person.client.post(f"/api/sittings/{sitting.id}/attempts")
    assert same.json()["id"] == sitter.attempt


@pytest.mark.parametrize(
    ("kinder", "stricter"),
    [
        ({"attempts": 4}, {"attempts": 2}),
        ({"attempts": None}, {"attempts": 1}),
        ({"delay_minutes": 5}, {"delay_minutes": 11}),
        ({"counts": "best"}, {"counts": "average"}),
    ],
)
async def test_rules_only_become_kinder_once_somebody_has_started(
    sit: Sit, sitting: Sitting, kinder: dict[str, Any], stricter: dict[str, Any]
) -> None:
    await allow(sitting, attempts=3, delay_minutes=10, counts="last")
    await sit()
    refused = await move(sitting, **stricter)
    assert (refused.status_code, refused.json()["code"]) == (409, "sitting-in-use")
    assert (await move(sitting, **kinder)).status_code == 200


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"attempts": 101}, {"delay_minutes": -1}, {"counts": "worst"}])
async def test_rules_that_nobody_could_mean_are_refused(sitting: Sitting, wrong: dict[str, Any]) -> None:
    refused = await move(sitting, **wrong)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["where"][-1] == next(iter(wrong))


async def test_two_tabs_begin_one_further_attempt(sit: Sit, sitting: Sitting, installation: Installation) -> None:
    await allow(sitting, attempts=None)
    sitter = await sit()
    await sitter.device.submit()
    both = await asyncio.gather(*(ask(sitting, sitter, 2) for _ in range(4)))
    assert {answer.status_code for answer in both} == {200}
    assert len({answer.json()["id"] for answer in both}) == 1
    async with transaction(installation.sessions) as session:
        assert len(list(await session.scalars(select(Attempt)))) == 2


async def test_the_pages_offer_the_next_attempt_and_then_no_more(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2, counts="average")
    sitter = await sit()
    await sitter.device.submit()
    client, wants = sitter.person.client, {"Accept": "text/html"}
    after = (await client.get(f"/attempts/{sitter.attempt}/submitted", headers=wants)).text
    assert "1 of 2 attempts used." in after
    assert "Try again" in after
    for path in ("/home", "/my/exams"):
        home = (await client.get(path, headers=wants)).text
        assert "Try again" in home, path
        assert "1 of 2 attempts used." in home, path
    door = (await client.get(f"/sittings/{sitting.id}/start", headers=wants)).text
    assert "The average of your attempts counts." in door
    assert 'name="number" value="2"' in door
    second = (await ask(sitting, sitter, 2)).json()["id"]
    after = (await client.get(f"/attempts/{sitter.attempt}/submitted", headers=wants)).text
    assert "Try again" not in after
    assert second != sitter.attempt


async def test_time_that_is_given_after_handing_in_is_there_in_the_next_attempt(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    body = {"change": "extra", "amount": 15, "reason": "The room was loud.", "people": [str(sitter.person.id)]}
    (await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)).raise_for_status()
    assert (await ask(sitting, sitter, 2)).json()["minutes"] == 75


async def test_the_form_says_in_plain_words_what_cannot_be(sitting: Sitting) -> None:
    client, path = sitting.instructor.client, f"/sittings/{sitting.id}"
    page = (await client.get(path, headers={"Accept": "text/html"})).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "title": "", "opens_at": "", "closes_at": "soon", "minutes": "an hour"}
    form |= {"attempts": "0", "delay_minutes": "-5", "counts": "worst", "late_percent": "101"}
    answer = await client.post(path, data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    for said in (
        "Write something here.",
        "Give a date and a time.",
        "Write a whole number.",
        "The least that is possible here is 1.",
        "The least that is possible here is 0.",
        "Choose one of these.",
        "The most that is possible here is 100.",
    ):
        assert said in answer.text, said
    for jargon in ("Input should", "String should"):
        assert jargon not in answer.text
    kept = (await client.get(f"/api/sittings/{sitting.id}")).json()
    assert (kept["title"], kept["attempts"], kept["late_percent"]) == ("Today", 1, 0)
