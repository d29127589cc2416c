"""What waits without a job is looked at again, by whoever can, for a day."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from exam_api.db.models.monitoring import Frame, Sound
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.monitoring import tasks
from tests.exam_api.monitoring.test_worker import Eyes, shop
from tests.exam_api.sitting import Sit


async def jobs(here: Installation) -> list[str]:
    async with transaction(here.sessions) as session:
        found = await session.scalars(
            text("select entrypoint from pgqueuer where entrypoint like 'monitoring%analyse%' or entrypoint like '%up'")
        )
        return sorted(found)


@pytest.mark.parametrize(("age", "count"), [(1, 0), (30, 2), (23 * 60, 2), (25 * 60, 0)])
async def test_what_waits_is_offered_again_for_a_day(
    installation: Installation, sit: Sit, caplog: pytest.LogCaptureFixture, age: int, count: int
) -> None:
    sitter, at = await sit(), datetime.now(UTC) - timedelta(minutes=age)
    piece = {
        "attempt_id": UUID(sitter.attempt),
        "number": 1,
        "taken_at": at,
        "received_at": at,
        "digest": "",
        "size": 1,
    }
    async with transaction(installation.sessions) as session:
        session.add_all([Frame(**piece), Sound(**piece)])
    able = shop(installation, Eyes(), ahead=0)
    blind = replace(able, analyser=None)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await tasks.look_again(blind, {})
    assert await jobs(installation) == []  # it would come again for ever
    assert ("no models" in caplog.text) == (count > 0)
    await tasks.look_again(with_ears(able), {})
    assert len(await jobs(installation)) == count


def with_ears(work: Workshop) -> Workshop:
    return replace(work, listener="somebody who listens")  # type: ignore[arg-type]  # it is only asked whether there is one
