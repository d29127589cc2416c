"""The door's page: it sends on whoever has been through it, and says what is missing where it is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from exam_api.installation import Installation
from tests.exam_api.exams.test_pages import HTML, get
from tests.exam_api.sitting import Sit, Sitting
from tests.factories import Person


@pytest.fixture
def door(sitting: Sitting) -> str:
    return f"/sittings/{sitting.id}/start"


async def _sent_on(person: Person, door: str) -> str:
    answer = await person.client.get(door, headers=HTML)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_running_exam_goes_on_in_the_room_and_a_submitted_one_shows_its_receipts(sit: Sit, door: str) -> None:
    ada = await sit()
    assert await _sent_on(ada.person, door) == f"/attempts/{ada.attempt}/room"
    await ada.device.submit()
    assert await _sent_on(ada.person, door) == f"/attempts/{ada.attempt}/submitted"


async def test_a_break_is_in_the_room_too(sit: Sit, sitting: Sitting, door: str) -> None:
    ada = await sit()
    body = {"change": "pause", "reason": "A fire alarm"}
    (await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)).raise_for_status()
    assert await _sent_on(ada.person, door) == f"/attempts/{ada.attempt}/room"


async def test_a_released_exam_leads_to_its_result(sit: Sit, door: str, installation: Installation) -> None:
    ada = await sit()
    await ada.device.submit()
    async with installation.sessions.begin() as session:
        await session.execute(text("update attempts set released_at = now()"))
    assert await _sent_on(ada.person, door) == f"/attempts/{ada.attempt}/result"


async def test_a_submitted_exam_shows_the_day_it_was_submitted(sit: Sit, installation: Installation) -> None:
    ada = await sit()
    await ada.device.submit()
    day = datetime.now(UTC) - timedelta(days=40)
    async with installation.sessions.begin() as session:
        await session.execute(text("update attempts set submitted_at = :day"), {"day": day})
    (mine,) = (await ada.person.client.get("/api/me/sittings")).json()
    assert datetime.fromisoformat(mine["submitted_at"]) == day
    page = await get(ada.person.client, "/my/exams")
    assert f"{day:%B} {day.year}" in page
    assert f"{datetime.now(UTC):%B}" not in page


async def test_before_the_start_the_door_stays_open(
    enrolled: Callable[..., Awaitable[Person]], sitting: Sitting, door: str
) -> None:
    ada = await enrolled()
    await get(ada.client, door)
    (await ada.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status()
    assert "does not run yet" in await get(ada.client, door)
