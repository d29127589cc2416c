"""Writing after the end, where the sitting allows it: until when, at what price, and what costs nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.attempts.test_grace import witness
from tests.exam_api.sitting import Sit, Sitter, Sitting

LATE = {"late_minutes": 10, "late_percent": 2, "late_each": "minute"}


@pytest.fixture
async def lenient(sitting: Sitting) -> Sitting:
    """A sitting in which one may go on writing for ten minutes."""
    (await sitting.instructor.client.put(f"/api/sittings/{sitting.id}/policy", json=LATE)).raise_for_status()
    return sitting


async def ended(installation: Installation, sitter: Sitter, ago: timedelta) -> datetime:
    end = datetime.now(UTC) - ago
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(sitter.attempt))).ends_at = end
    return end


async def cost(installation: Installation, sitter: Sitter) -> tuple[int, int]:
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(sitter.attempt))
        return attempt.late_seconds // 60, attempt.late_percent


async def send(sitter: Sitter, text: str, **more: Any) -> tuple[int, str]:
    body = {"seq": sitter.device.seq + 1, "previous": sitter.device.head, "item": "second", "answer": {"text": text}}
    answer = await sitter.device.send("POST", sitter.path("/responses"), body | more)
    if answer.status_code == 201:
        await sitter.device.open_paper()
    return answer.status_code, answer.json().get("code", "")


async def test_each_minute_that_was_begun_costs(sit: Sit, lenient: Sitting, installation: Installation) -> None:
    sitter = await sit()
    await ended(installation, sitter, timedelta(minutes=2, seconds=30))
    clock = await sitter.device.get(sitter.path("/clock"))
    assert datetime.fromisoformat(clock["late"]["until"]) > datetime.now(UTC)
    assert (clock["late"]["percent"], clock["late"]["each"]) == (2, "minute")
    assert await send(sitter, "late") == (201, "")
    await sitter.device.submit()
    assert await cost(installation, sitter) == (2, 6)


async def test_who_hands_in_late_without_writing_on_loses_nothing(
    sit: Sit, lenient: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    assert await send(sitter, "in time") == (201, "")
    await ended(installation, sitter, timedelta(minutes=5))
    await sitter.device.submit()
    assert await cost(installation, sitter) == (0, 0)


async def test_an_answer_held_up_by_the_network_is_not_written_late(
    sit: Sit, lenient: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    end = await ended(installation, sitter, timedelta(minutes=5))
    assert await send(sitter, "held up", **witness(installation, sitter, end - timedelta(seconds=2))) == (201, "")
    await sitter.device.submit()
    assert await cost(installation, sitter) == (0, 0)


async def test_after_the_last_minute_nothing_new_joins_the_chain(
    sit: Sit, lenient: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    end = await ended(installation, sitter, timedelta(minutes=11))
    assert await send(sitter, "too late") == (409, "time-is-up")
    written = end + timedelta(minutes=9, seconds=30)
    assert await send(sitter, "in the last minute", **witness(installation, sitter, written)) == (201, "")
    await sitter.device.submit()
    assert await cost(installation, sitter) == (9, 20)


async def test_a_sitting_without_it_ends_at_the_end(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await ended(installation, sitter, timedelta(seconds=30))
    assert (await sitter.device.get(sitter.path("/clock")))["late"] is None
    assert await send(sitter, "late") == (409, "time-is-up")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (LATE | {"late_minutes": 5}, "late_minutes"),
        (LATE | {"late_percent": 3}, "late_percent"),
        (LATE | {"grace_minutes": 2}, "grace_minutes"),
    ],
)
async def test_once_somebody_has_started_it_only_gets_more_generous(
    sit: Sit, lenient: Sitting, body: dict[str, Any], field: str
) -> None:
    await sit()
    path, client = f"/api/sittings/{lenient.id}/policy", lenient.instructor.client
    refused = await client.put(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "sitting-in-use")
    assert [each["where"][-1] for each in refused.json()["problems"]] == [field]
    kinder = LATE | {"late_minutes": 20, "late_percent": 1, "grace_minutes": 30, "attempts": 3}
    assert (await client.put(path, json=kinder)).status_code == 200
    assert (await client.get(path)).json()["late_minutes"] == 20
