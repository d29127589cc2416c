"""The door's page: it sends on whoever has been through it, and says what is missing where it is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from exam_api.installation import Installation
from tests.exam_api.exams.test_pages import HTML, Forms, get
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


async def _push(person: Person, door: str, terms: list[str], **more: str) -> tuple[int, str]:
    form = Forms(await get(person.client, door)).to(door)
    answer = await person.client.post(door, data={**form, "terms": terms, **more}, headers=HTML)
    return answer.status_code, answer.text


def _boxes(page: str) -> str:
    return page.split('id="terms"')[1].split("</fieldset>", maxsplit=1)[0]


async def test_a_missed_box_is_named_and_the_others_stay_ticked(
    enrolled: Callable[..., Awaitable[Person]], door: str
) -> None:
    ada = await enrolled()
    status, page = await _push(ada, door, ["answers"])
    assert status == 422
    ticked, missed = (page.split(f'value="{name}"')[1].split("</label>")[0] for name in ("answers", "browser"))
    assert "checked" in ticked
    assert "not ticked" not in ticked
    assert "checked" not in missed
    assert "This box is not ticked yet." in missed
    assert page.index('id="terms-error"') > page.index('id="consent"')  # beside the boxes
    assert (await _push(ada, door, ["answers", "browser"]))[0] == 303


async def test_a_wrong_password_is_said_at_its_field_and_every_tick_stays(
    sitting: Sitting, enrolled: Callable[..., Awaitable[Person]], door: str
) -> None:
    rules = {"password": "Blue Heron 7"}
    (await sitting.instructor.client.put(f"/api/sittings/{sitting.id}/entry", json=rules)).raise_for_status()
    ada = await enrolled()
    status, page = await _push(ada, door, ["answers", "browser"], password="Red Heron")
    assert status == 409
    assert "This is not the password" in page.split('id="password-error"')[1].split("</p>")[0]
    assert "Red Heron" not in page
    assert _boxes(page).count(" checked") == 2
    assert "not ticked" not in page
    assert (await _push(ada, door, ["answers", "browser"], password="Blue Heron 7"))[0] == 303


async def test_ticks_under_other_words_do_not_stay(enrolled: Callable[..., Awaitable[Person]], door: str) -> None:
    ada = await enrolled()
    status, page = await _push(ada, door, ["answers", "browser"], version="old")
    assert status == 422
    assert "has changed since you opened this page" in page
    assert " checked" not in _boxes(page)
