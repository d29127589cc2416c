"""Attacks on further attempts: too early, too often, after the result is out, with what belongs to another attempt."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting as SittingRow
from exam_api.db.session import transaction
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.attempts.test_further import allow, ask, change, move
from tests.exam_api.sitting import Sit, Sitter, Sitting

HTML = {"Accept": "text/html"}
MINUTE = timedelta(minutes=1)


async def agree(sitter: Sitter, opened: dict[str, Any]) -> Device:
    """Through the door of this attempt, up to the start."""
    consent = {name: opened["consent"][name] for name in ("version", "terms")}
    client = sitter.person.client
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    return Device(client, opened["id"])


async def close_at(installation: Installation, sitting: Sitting, moment: datetime) -> None:
    """Let time pass until the sitting closes then."""
    async with transaction(installation.sessions) as session:
        await session.execute(update(SittingRow).where(SittingRow.id == UUID(sitting.id)).values(closes_at=moment))


async def count(installation: Installation) -> int:
    async with transaction(installation.sessions) as session:
        return (await session.scalars(select(func.count()).select_from(Attempt))).one()


@pytest.mark.parametrize("number", [0, -1, 100_001, 2**40, 1.5, "2'", True, None, [], {"$gt": 1}])
async def test_a_number_that_is_none_makes_no_attempt(
    sit: Sit, sitting: Sitting, installation: Installation, number: Any
) -> None:
    await allow(sitting, attempts=None)
    sitter = await sit()
    await sitter.device.submit()
    answer = await ask(sitting, sitter, number)
    assert answer.status_code in {200, 422}, answer.text
    assert await count(installation) == 1
    form = {"version": "x", "number": str(number)}
    page = await sitter.person.client.post(f"/sittings/{sitting.id}/start", data=form, headers=HTML)
    assert page.status_code < 500
    assert await count(installation) == 1


async def test_a_number_far_ahead_sent_twice_begins_one_attempt(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=None)
    sitter = await sit()
    await sitter.device.submit()
    answers = await asyncio.gather(*(ask(sitting, sitter, 99_999) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await count(installation) == 2


async def test_a_crowd_of_tabs_on_the_last_attempt_gets_one(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    asked = (ask(sitting, sitter, number) for number in (2, 3, 2, 3, 100))
    answers = await asyncio.gather(*asked)
    assert {answer.json().get("number", 2) for answer in answers} == {2}
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await count(installation) == 2


async def test_nobody_begins_an_attempt_for_somebody_else(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=None)
    one, other = await sit(), await sit()
    await one.device.submit()
    second = (await ask(sitting, one, 2)).json()["id"]
    for path in (f"/api/attempts/{second}", f"/api/attempts/{second}/receipts"):
        assert (await other.person.client.get(path)).status_code == 404
    consent = await other.person.client.post(f"/api/attempts/{second}/consent", json={"version": "x", "terms": []})
    assert consent.status_code == 404
    assert (await ask(sitting, other, 2)).json()["code"] == "former-attempt-open"


async def test_what_belongs_to_one_attempt_opens_no_other(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    old = sitter.device
    await old.save("second", {"text": "because it rains"})
    await old.submit()
    opened = (await ask(sitting, sitter, 2)).json()
    device = await agree(sitter, opened)
    path = f"/api/attempts/{opened['id']}"
    # The former attempt's signed start, for this one.
    asked = (await device.send("POST", f"{path}/start/options", bare=True)).raise_for_status().json()
    assert asked["statement"]["attempt"] == opened["id"]
    signed = {"id": asked["id"], "credential": sitter.person.authenticator.get(asked["options"])}
    for wrong in (sitter.path("/start"), sitter.path("/hand-over")):
        answer = await device.send("POST", wrong, signed, bare=True)
        assert answer.status_code in {403, 404, 409}, (wrong, answer.text)
    assert (await device.send("POST", f"{path}/hand-over", signed, bare=True)).status_code in {403, 409}
    body = {"seq": 1, "item": "second", "answer": {"text": "no"}}
    old.attempt = opened["id"]  # the former attempt's token at the new address
    sent = await old.send("POST", f"{path}/responses", body, tries=1)
    assert sent.status_code == 401
    asked = (await device.send("POST", f"{path}/start/options", bare=True)).raise_for_status().json()
    signed = {"id": asked["id"], "credential": sitter.person.authenticator.get(asked["options"])}
    assert (await device.send("POST", f"{path}/start", signed, bare=True)).status_code == 200
    # And the other way round: nothing can be added to what was handed in.
    await device.renew()
    sent = await device.send("POST", sitter.path("/responses"), body | {"seq": 2}, tries=1)
    assert sent.status_code == 401
    receipts = (await sitter.person.client.get(sitter.path("/receipts"))).json()
    assert receipts["seal"]["seq"] == 1


async def test_a_result_that_is_out_ends_the_trying_even_when_the_sitting_is_opened_again(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    """An attempt was opened at the door and not started; the sitting closed, the result was released, and then somebody
    gave the sitting another hour."""
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    device = await agree(sitter, (await ask(sitting, sitter, 2)).json())
    path = f"/api/attempts/{device.attempt}"
    asked = (await device.send("POST", f"{path}/start/options", bare=True)).raise_for_status().json()
    signed = {"id": asked["id"], "credential": sitter.person.authenticator.get(asked["options"])}
    now = datetime.now(UTC)
    await change(installation, sitter, released_at=now)
    for body, where in ((None, "/start/options"), (signed, "/start")):
        refused = await device.send("POST", f"{path}{where}", body, bare=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "result-is-out"), where
    client = sitter.person.client
    assert (await client.get("/api/me/sittings")).json()[0]["state"] == "released"
    door = await client.get(f"/sittings/{sitting.id}/start", headers=HTML)
    assert (door.status_code, door.headers.get("location")) == (303, f"/attempts/{sitter.attempt}/result")


async def test_a_further_attempt_that_was_never_started_hides_nothing(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    (await ask(sitting, sitter, 2)).raise_for_status()
    await close_at(installation, sitting, datetime.now(UTC) - MINUTE)
    client = sitter.person.client
    (mine,) = (await client.get("/api/me/sittings")).json()
    assert (mine["state"], mine["submitted_at"] is not None) == ("submitted", True)
    assert "not taken" not in (await client.get("/my/exams", headers=HTML)).text
    await change(installation, sitter, released_at=datetime.now(UTC))
    (mine,) = (await client.get("/api/me/sittings")).json()
    assert mine["state"] == "released"


async def test_a_voided_newest_attempt_hides_no_released_one(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    second = (await ask(sitting, sitter, 2)).json()["id"]
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).where(Attempt.id == UUID(second)).values(status="voided"))
    client = sitter.person.client
    await change(installation, sitter, released_at=datetime.now(UTC))
    assert (await client.get("/api/me/sittings")).json()[0]["state"] == "released"
    door = await client.get(f"/sittings/{sitting.id}/start", headers=HTML)
    assert door.headers.get("location") == f"/attempts/{sitter.attempt}/result"


async def test_nobody_goes_on_with_what_was_voided(sit: Sit, sitting: Sitting, installation: Installation) -> None:
    sitter = await sit()
    await change(installation, sitter, status="voided")
    client = sitter.person.client
    assert (await client.get("/api/me/sittings")).json()[0]["state"] == "missed", "it counts as if it had not been"
    for path in ("/home", "/my/exams"):
        page = (await client.get(path, headers=HTML)).text
        assert "Go on with the exam" not in page
        assert "Go to the exam" not in page
    door = (await client.get(f"/sittings/{sitting.id}/start", headers=HTML)).text
    assert "This attempt is voided" in door
    assert "Accept and go to the check-in" not in door


async def test_the_wait_counts_from_the_servers_moment_of_the_submission(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await allow(sitting, attempts=None, delay_minutes=10)
    sitter = await sit()
    await sitter.device.submit()
    liar = {"Date": "Mon, 01 Jan 2035 00:00:00 GMT", "X-Time": "2035-01-01T00:00:00Z"}
    for _ in range(2):
        path = f"/api/sittings/{sitting.id}/attempts"
        answer = await sitter.person.client.post(path, json={"number": 2}, headers=liar)
        assert answer.json()["code"] == "next-attempt-later"
    await change(installation, sitter, submitted_at=datetime.now(UTC) - 10 * MINUTE + timedelta(seconds=2))
    assert (await ask(sitting, sitter, 2)).status_code == 409
    await change(installation, sitter, submitted_at=datetime.now(UTC) - 10 * MINUTE)
    assert (await ask(sitting, sitter, 2)).status_code == 200


async def test_a_wait_that_ends_after_the_closing_says_never(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=None, delay_minutes=600)
    sitter = await sit()
    await sitter.device.submit()
    (mine,) = (await sitter.person.client.get("/api/me/sittings")).json()
    assert (mine["state"], mine["next_from"]) == ("submitted", None)
    refused = await ask(sitting, sitter, 2)
    assert refused.status_code == 409


async def test_rules_that_get_kinder_meanwhile_let_the_next_one_begin(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2, delay_minutes=60)
    sitter = await sit()
    await sitter.device.submit()
    assert (await ask(sitting, sitter, 2)).json()["code"] == "next-attempt-later"
    assert (await move(sitting, delay_minutes=0, attempts=3)).status_code == 200
    second = await ask(sitting, sitter, 2)
    assert second.status_code == 200
    # Not started yet: the rules cannot get stricter all the same, because the first one was.
    for stricter in ({"attempts": 1}, {"delay_minutes": 1}, {"counts": "last"}):
        assert (await move(sitting, **stricter)).status_code == 409


async def test_moving_the_sitting_and_asking_at_once_breaks_nothing(sit: Sit, sitting: Sitting) -> None:
    await allow(sitting, attempts=2)
    sitter = await sit()
    await sitter.device.submit()
    answers = await asyncio.gather(
        ask(sitting, sitter, 2), move(sitting, attempts=1), ask(sitting, sitter, 2), move(sitting, attempts=5)
    )
    assert [answer.status_code for answer in answers] == [200, 409, 200, 200]


@pytest.mark.parametrize(
    "typed", ["NaN", "inf", "1e309", "-0", "٣", "9" * 400, "1.5", "0x10", "1_0", "<b>2</b>", "\u202e2"]
)
async def test_hostile_numbers_in_the_form_are_said_and_change_nothing(sitting: Sitting, typed: str) -> None:
    client, path = sitting.instructor.client, f"/sittings/{sitting.id}"
    page = (await client.get(path, headers=HTML)).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    before = (await client.get(f"/api/sittings/{sitting.id}")).json()
    window = {name: before[name][:16] for name in ("opens_at", "closes_at")}
    for name in ("attempts", "delay_minutes", "late_minutes", "late_percent", "grace_minutes", "minutes", "counts"):
        form = {"csrf_token": token, "title": "Today", "minutes": "60", **window, name: typed}
        answer = await client.post(path, data=form, headers=HTML)
        after = (await client.get(f"/api/sittings/{sitting.id}")).json()
        if answer.status_code == 303:
            assert typed in {"-0", "٣", "1_0"}, (name, after[name])
            assert after[name] in {0, 3, 10}, name
        else:
            assert answer.status_code == 422, (name, answer.status_code)
            assert "<b>2</b>" not in answer.text
            assert after[name] == before[name], name
