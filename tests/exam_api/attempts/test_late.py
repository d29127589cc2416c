"""After the end: going on at a price, the price by the last answer, and how long answers may be on their way."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempts.service.states import price_of_lateness
from exam_api.db.models.attempts import Attempt
from exam_api.installation import Installation
from tests.exam_api.sitting import Sit, Sitter, Sitting, written_at

MINUTE = timedelta(minutes=1)


async def plan(sitting: Sitting, **rules: int | None) -> int:
    """Change what happens after the end; the status."""
    now = datetime.now(UTC)
    row = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}")).raise_for_status().json()
    kept = {name: row[name] for name in ("title", "opens_at", "closes_at", "minutes")}
    late = {name: row[name] for name in ("late_minutes", "late_percent", "grace_minutes")}
    body: dict[str, Any] = {**kept, **late, **rules}
    assert now.isoformat() < body["closes_at"]
    return (await sitting.instructor.client.put(f"/api/sittings/{sitting.id}", json=body)).status_code


async def attempt_of(installation: Installation, sitter: Sitter) -> Attempt:
    async with installation.sessions() as session:
        return await session.get_one(Attempt, UUID(sitter.attempt))


async def run_down(installation: Installation, sitter: Sitter, left: timedelta) -> datetime:
    """Move the end so that so much is left until it (below zero: it is over); the end before the late minutes."""
    async with installation.sessions.begin() as session:
        row = await session.get_one(Attempt, UUID(sitter.attempt))
        row.ends_at = datetime.now(UTC) + left + row.late
        return row.ends_at - row.late


async def change(installation: Installation, sitter: Sitter, **values: Any) -> None:
    async with installation.sessions.begin() as session:
        row = await session.get_one(Attempt, UUID(sitter.attempt))
        for name, value in values.items():
            setattr(row, name, value)


async def stop_or_go(sitting: Sitting, what: str) -> None:
    body = {"change": what, "amount": 0, "reason": "A fire alarm.", "people": None}
    (await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)).raise_for_status()


async def save(sitter: Sitter, text: str, **when: Any) -> Any:
    device = sitter.device
    body: dict[str, Any] = {"seq": device.seq + 1, "previous": device.head, "item": "second", "answer": {"text": text}}
    answer = await device.send("POST", sitter.path("/responses"), body | when)
    if answer.status_code == 201:
        await device.open_paper()
    return answer


async def test_whoever_goes_on_after_the_end_pays_for_each_begun_minute(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    assert await plan(sitting, late_minutes=10, late_percent=5) == 200
    sitter = await sit()
    await run_down(installation, sitter, -1.5 * MINUTE)
    clock = await sitter.device.get(sitter.path("/clock"))
    assert datetime.fromisoformat(clock["ends_at"]) - datetime.fromisoformat(clock["late_from"]) == 10 * MINUTE
    assert (await save(sitter, "because it rains")).status_code == 201
    await sitter.device.submit()
    attempt = await attempt_of(installation, sitter)
    assert (attempt.late_off, 90 <= attempt.late_seconds < 120) == (10, True)


async def test_the_time_of_handing_in_costs_nothing_nor_does_a_slow_network(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await plan(sitting, late_minutes=10, late_percent=5)
    sitter = await sit()
    due = await run_down(installation, sitter, -3 * MINUTE)
    assert (
        await save(sitter, "because it rains", **written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE))
    ).status_code == 201
    await sitter.device.submit()
    attempt = await attempt_of(installation, sitter)
    assert (attempt.late_off, attempt.late_seconds) == (0, 0)


async def test_a_word_without_our_signed_time_does_not_make_a_late_answer_cheaper(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await plan(sitting, late_minutes=10, late_percent=5)
    sitter = await sit()
    due = await run_down(installation, sitter, -0.5 * MINUTE)
    assert (await save(sitter, "because it rains", created_at=(due - MINUTE).isoformat())).status_code == 201
    await sitter.device.submit()
    assert (await attempt_of(installation, sitter)).late_off == 5


async def test_a_break_in_the_late_minutes_stops_their_price_too(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    """A break from two minutes after the end, for five minutes: still two minutes late then, and eight are left."""
    await plan(sitting, late_minutes=10, late_percent=5)
    sitter = await sit()
    now = datetime.now(UTC)
    await change(installation, sitter, started_at=now - 67 * MINUTE, ends_at=now + 3 * MINUTE)
    await stop_or_go(sitting, "pause")
    await change(installation, sitter, paused_at=now - 5 * MINUTE)
    await stop_or_go(sitting, "resume")
    clock = await sitter.device.get(sitter.path("/clock"))
    left = datetime.fromisoformat(clock["ends_at"]) - datetime.fromisoformat(clock["now"])
    assert 7 * MINUTE < left <= 8 * MINUTE
    assert (await save(sitter, "because it rains")).status_code == 201
    await sitter.device.submit()
    assert (await attempt_of(installation, sitter)).late_off == 15, "two minutes and some seconds: three have begun"


async def test_without_late_minutes_the_end_is_the_end(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await run_down(installation, sitter, -timedelta(seconds=1))
    refused = await save(sitter, "because it rains")
    assert (refused.status_code, refused.json()["code"]) == (409, "time-is-up")
    assert (await sitter.device.get(sitter.path("/clock")))["late_from"] is None


async def test_a_sitting_says_how_long_answers_may_travel(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    await plan(sitting, grace_minutes=2)
    one, other = await sit(), await sit()
    for sitter, over, status in ((one, 1, 201), (other, 3, 409)):
        due = await run_down(installation, sitter, -over * MINUTE)
        when = written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE)
        assert (await save(sitter, "in time", **when)).status_code == status
    assert await plan(sitting, grace_minutes=5) == 200
    assert (await save(other, "in time", **when)).status_code == 201


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ({"late_minutes": 12}, 200),
        ({"late_percent": 1}, 200),
        ({"late_minutes": 5}, 409),
        ({"late_percent": 3}, 409),
        ({"late_percent": 101}, 422),
        ({"grace_minutes": 61}, 422),
    ],
)
async def test_after_a_start_the_rules_only_become_kinder(
    sit: Sit, sitting: Sitting, installation: Installation, rules: dict[str, int], status: int
) -> None:
    await plan(sitting, late_minutes=10, late_percent=2)
    await sit()
    assert await plan(sitting, **rules) == status


@given(st.timedeltas(-timedelta(days=1), timedelta(days=1)), st.integers(0, 100))
def test_the_price_grows_with_the_time_and_never_takes_more_than_all(late: timedelta, percent: int) -> None:
    price = price_of_lateness(late, percent)
    assert 0 <= price <= 100
    assert price <= price_of_lateness(late + MINUTE, percent)
    assert (price == 0) == (late <= timedelta(0) or percent == 0)
