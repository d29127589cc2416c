"""Several attempts of one person: when a further one may begin, and what each refusal says."""

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
    path = f"/api/sittings/{sitting.id}/policy"
    (await sitting.instructor.client.put(path, json=policy)).raise_for_status()


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
    await change(installation, sitter, submitted_at=datetime.now(UTC) - timedelta(minutes=31))
    assert (await ask(sitting, sitter, 2)).status_code == 200


async def test_one_attempt_is_the_rule(sit: Sit, sitting: Sitting) -> None:
    sitter = await sit()
    await sitter.device.submit()
    assert (await ask(sitting, sitter, 2)).json()["code"] == "attempts-used"
    same = await sitter.person.client.post(f"/api/sittings/{sitting.id}/attempts")
    assert same.json()["id"] == sitter.attempt
