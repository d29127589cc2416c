"""The window after the end: what was given in time may still arrive, and nothing else."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.attempts import tasks
from exam_api.attempts.service.states import in_time
from exam_api.db.base import iso
from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.sitting import Sit, Sitter, written_at

RAIN = {"text": "because it rains"}
END = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
seconds = st.integers(-3600, 3600).map(lambda n: timedelta(seconds=n))


@given(created=st.none() | seconds, now=seconds, grace=st.integers(0, 3600).map(lambda n: timedelta(seconds=n)))
def test_nothing_written_after_the_end_counts_and_nothing_arrives_for_ever(
    created: timedelta | None, now: timedelta, grace: timedelta
) -> None:
    written = END + created if created is not None else None
    kept = in_time(END, written, END + now, grace)
    if now <= timedelta(0):
        assert kept
    else:
        assert kept == (created is not None and created <= timedelta(0) and now <= grace)
    # More grace never refuses what less grace took, and coming earlier never hurts.
    assert not kept or in_time(END, written, END + now, grace + timedelta(seconds=1))
    assert not kept or in_time(END, written, END + now - timedelta(seconds=1), grace)


async def _ended(installation: Installation, sitter: Sitter, ago: timedelta) -> datetime:
    """Let the time have been over for so long."""
    end = datetime.now(UTC) - ago
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(sitter.attempt))
        attempt.ends_at = end
    return end


def _workshop(installation: Installation) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), os.urandom, run_job=None, embed=None, analyser=None)


@pytest.mark.parametrize("linked", [True, False], ids=["together", "alone"])
async def test_an_answer_given_in_time_is_kept_in_the_chain_for_ten_minutes(
    sit: Sit, installation: Installation, *, linked: bool
) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    end = await _ended(installation, sitter, timedelta(minutes=2))

    async def send(written: datetime | None, **changes: Any) -> tuple[int, str]:
        body: dict[str, Any] = {"seq": sitter.device.seq + 1, "item": "second", "answer": {"text": f"{written}"}}
        body |= {"previous": sitter.device.head} if linked else {}
        body |= written_at(installation, sitter, written, end - timedelta(minutes=5)) if written else {}
        body |= changes
        answer = await sitter.device.send("POST", sitter.path("/responses"), body)
        return answer.status_code, answer.json().get("code", "")

    assert await send(None) == (409, "time-is-up")
    assert await send(end + timedelta(seconds=1)) == (409, "time-is-up")
    before = end - timedelta(seconds=1)
    assert await send(before, mark=None) == (409, "time-is-up"), "a bare word proves nothing"
    newer = written_at(installation, sitter, before, end + timedelta(seconds=2))["mark"]
    assert await send(before, mark=newer) == (409, "time-is-up"), "written after a time that we signed after the end"
    foreign = newer | {"at": iso(before)}
    assert await send(before, mark=foreign) == (409, "time-is-up"), "not what we signed"
    assert await send(before) == (201, "")
    paper = await sitter.device.open_paper()
    assert paper["seq"] == 2
    assert datetime.fromisoformat(paper["answers"]["second"]["received_at"]) > end, "late is visible for ever"
    end = await _ended(installation, sitter, timedelta(minutes=11))
    assert await send(end - timedelta(seconds=1)) == (409, "time-is-up")


async def test_the_worker_waits_for_what_may_be_on_its_way_and_then_seals(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    payload = {"attempt_id": sitter.attempt}
    for ago, status in ((timedelta(minutes=9), "running"), (timedelta(minutes=11), "submitted")):
        await _ended(installation, sitter, ago)
        await tasks.close_when_due(_workshop(installation), payload)
        await tasks.close_overdue(_workshop(installation), {})
        found = (await sitter.person.client.get(sitter.path())).raise_for_status().json()
        assert found["status"] == status
    file = (await sitter.person.client.get(sitter.path("/receipts"))).raise_for_status().json()
    assert file["seal"]["seq"] == 1


async def test_a_page_that_has_sent_everything_seals_at_once(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    await _ended(installation, sitter, timedelta(seconds=5))
    seal = await sitter.device.submit()
    assert (seal["seq"], seal["head"]) == (1, sitter.device.head)
    late = {"seq": 2, "item": "second", "answer": RAIN, "created_at": "2020-01-01T00:00:00Z"}
    refused = await sitter.device.send("POST", sitter.path("/responses"), late)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
