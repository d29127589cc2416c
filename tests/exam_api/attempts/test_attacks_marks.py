"""Attacks on the signed time of late answers: foreign, forged, replayed, malformed, too old, with breaks between."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from credentials.attempt.recovery import mark_time
from credentials.canonical import digest
from credentials.keys.ed25519 import SigningKey
from exam_api.db.base import iso
from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.attempts.test_late import attempt_of, change, plan, run_down, save, stop_or_go
from tests.exam_api.sitting import Sit, Sitter, Sitting, written_at

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


async def written(installation: Installation, sitter: Sitter) -> datetime | None:
    """When the newest answer counts as written."""
    async with transaction(installation.sessions) as session:
        query = select(Response.written_at).where(Response.attempt_id == UUID(sitter.attempt))
        return await session.scalar(query.order_by(Response.seq.desc()).limit(1))


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


WRONG: dict[str, Any] = {
    "empty": {},
    "another type": {"type": "seal"},
    "another attempt": {"attempt": str(uuid4())},
    "another device": {"jkt": "x" * 43},
    "a list for a name": {"attempt": ["x"], "jkt": {"a": 1}},
    "a number for a time": {"at": 1_800_000_000},
    "no such time": {"at": "2027-02-30T10:00:00.000Z"},
    "another key": {"kid": "mine"},
    "no signature": {"signature": ""},
    "no text": {"signature": 7},
    "not base64": {"signature": "ä\ud800\u0000" + "=" * 9},
    "a long one": {"signature": "A" * 500_000},
    "one field more": {"more": 1},
    "deep": {"kid": deep(60)},
    "very deep": {"kid": deep(900)},
    "huge": {"kid": 10**400, "at": 1e300},
    "half a letter": {"kid": "\ud800"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("linked", [True, False], ids=["together", "alone"])
async def test_a_mark_that_is_none_is_no_proof_and_breaks_nothing(
    sit: Sit, installation: Installation, wrong: dict[str, Any], *, linked: bool
) -> None:
    sitter = await sit()
    await sitter.device.save("second", {"text": "first"})
    due = await run_down(installation, sitter, -MINUTE)
    when = written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE)
    when["mark"] = {**when["mark"], **wrong} if wrong else {}
    device = sitter.device
    body = {"seq": 2, "previous": device.head if linked else None, "item": "second", "answer": {"text": "late"}, **when}
    raw, said = json.dumps(body).encode(), {"Content-Type": "application/json"}  # half a letter goes out as it is
    answer = await device.send("POST", sitter.path("/responses"), raw, said=said)
    assert answer.status_code in {400, 409, 413, 422}, answer.text
    if answer.status_code == 409:
        assert answer.json()["code"] == "time-is-up"
    assert (await save(sitter, "late", created_at=when["created_at"], mark=None)).json()["code"] == "time-is-up"


@pytest.mark.parametrize("mark", ["text", 7, [], True, [{"type": "time"}]])
async def test_a_mark_of_another_shape_is_refused(sit: Sit, mark: Any) -> None:
    sitter = await sit()
    assert (await save(sitter, "x", mark=mark)).status_code == 422


async def test_a_huge_mark_is_no_proof_or_too_large(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    for letters, status in ((1_000_000, 201), (5_500_000, 413)):
        mark = {"type": "time", "more": "y" * letters}
        answer = await save(sitter, f"{letters}", mark=mark, created_at="2027-01-01T00:00:00Z")
        assert answer.status_code == status
    assert await written(installation, sitter) is None


async def test_only_our_key_for_receipts_signs_the_time(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    due = await run_down(installation, sitter, -MINUTE)
    ours, jkt = installation.keyring, digest(sitter.device.jwk())
    for key in (SigningKey.generate(b"7" * 32), ours.issuer, ours.log):
        mark = mark_time(key, sitter.attempt, jkt, iso(due - MINUTE))
        for kid in (key.kid, ours.receipt.kid):
            answer = await save(sitter, "late", created_at=iso(due - MINUTE), mark=mark | {"kid": kid})
            assert answer.json().get("code") == "time-is-up"


async def test_the_marks_of_others_prove_nothing(sit: Sit, installation: Installation) -> None:
    one, other = await sit(), await sit()
    await other.device.renew()
    due = await run_down(installation, one, -MINUTE)
    assert (await save(one, "late", created_at=iso(due - MINUTE), mark=other.device.mark)).status_code == 409
    theirs = mark_time(installation.keyring.receipt, one.attempt, digest(other.device.jwk()), iso(due - MINUTE))
    assert (await save(one, "late", created_at=iso(due - MINUTE), mark=theirs)).status_code == 409


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999Z",
        "2027-01-01T00:00:00+23:59",
    ],
)
@pytest.mark.parametrize("linked", [True, False], ids=["together", "alone"])
async def test_a_time_at_the_edge_of_the_calendar_loses_no_answer(
    sit: Sit, installation: Installation, moment: str, *, linked: bool
) -> None:
    """The device's clock can be anything; the answer is not its fault."""
    sitter = await sit()
    await sitter.device.save("second", {"text": "first"})
    when = {"created_at": moment, "mark": sitter.device.mark}
    answer = await save(sitter, "kept", **when, **({} if linked else {"previous": None}))
    assert answer.status_code == 201, answer.text
    # (at the end) neither sooner than our word nor later than now
    now = await written(installation, sitter)
    assert now is not None
    assert sitter.device.mark is not None
    assert datetime.fromisoformat(sitter.device.mark["at"]) <= now <= datetime.now(UTC)


async def test_a_time_at_the_edge_of_the_calendar_beside_the_chain(sit: Sit) -> None:
    sitter = await sit()
    body = {"place": 1, "item": "second", "answer": {"text": "x"}, "base": 0, "created_at": "0001-01-01T00:00:00+14:00"}
    answer = await sitter.device.send("POST", sitter.path("/aside"), body, bare=True)
    assert answer.status_code in {201, 422}, answer.text


async def test_a_mark_of_the_future_says_now(sit: Sit, installation: Installation) -> None:
    """Our own clock was set back since we signed it."""
    sitter = await sit()
    when = written_at(installation, sitter, datetime.now(UTC) + 60 * MINUTE, datetime.now(UTC) + 60 * MINUTE)
    assert (await save(sitter, "kept", **when)).status_code == 201
    found = await written(installation, sitter)
    assert found is not None
    assert found <= datetime.now(UTC)
    due = await run_down(installation, sitter, -MINUTE)
    assert (await save(sitter, "late", **when | {"created_at": iso(due - MINUTE)})).status_code == 409


async def test_a_mark_from_before_the_start_proves_no_more_than_its_own_time(
    sit: Sit, installation: Installation
) -> None:
    sitter = await sit()
    due = await run_down(installation, sitter, -MINUTE)
    old = written_at(installation, sitter, due - timedelta(days=9), due - timedelta(days=3))
    assert (await save(sitter, "late", **old)).status_code == 201
    assert await written(installation, sitter) == datetime.fromisoformat(old["mark"]["at"])
    await run_down(installation, sitter, -11 * MINUTE)
    assert (await save(sitter, "too late", **old)).json()["code"] == "time-is-up"


async def test_a_late_save_that_comes_twice_is_one_and_another_answer_in_its_place_is_none(
    sit: Sit, installation: Installation
) -> None:
    sitter = await sit()
    due = await run_down(installation, sitter, -MINUTE)
    when = written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE)
    body = {"seq": 1, "previous": sitter.device.head, "item": "second", "answer": {"text": "late"}, **when}
    path = sitter.path("/responses")
    first, again = await asyncio.gather(*(sitter.device.send("POST", path, body) for _ in range(2)))
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    for other in ({"item": "first", "answer": {"choice": ["a"]}}, {"answer": {"text": "another"}}):
        refused = await sitter.device.send("POST", path, body | other)
        assert refused.json()["code"] == "sequence-conflict"
    await sitter.device.open_paper()
    await sitter.device.submit()
    assert (await sitter.device.send("POST", path, body)).json() == first.json(), "proven again, also afterwards"
    refused = await sitter.device.send("POST", path, body | {"seq": 2})
    assert refused.json()["code"] == "wrong-state"


@pytest.mark.parametrize("linked", [True, False], ids=["together", "alone"])
async def test_a_break_and_time_given_back_move_what_is_late(
    sit: Sit, sitting: Sitting, installation: Installation, *, linked: bool
) -> None:
    sitter = await sit()
    await sitter.device.save("second", {"text": "first"})
    more = {} if linked else {"previous": None}
    now = datetime.now(UTC)
    await change(installation, sitter, started_at=now - 61 * MINUTE, ends_at=now - MINUTE)
    late = written_at(installation, sitter, now - 30 * SECOND, now - 2 * MINUTE)
    assert (await save(sitter, "late", **late, **more)).json()["code"] == "time-is-up"
    body = {"change": "incident", "amount": 5, "reason": "A fire alarm.", "people": None}
    (await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)).raise_for_status()
    assert (await save(sitter, "in time", **late, **more)).status_code == 201
    await stop_or_go(sitting, "pause")
    await change(installation, sitter, paused_at=datetime.now(UTC) - MINUTE)
    assert (await save(sitter, "in the break", **late, **more)).json()["code"] == "paused"
    await stop_or_go(sitting, "resume")
    assert (await save(sitter, "after it", **late, **more)).status_code == 201


async def test_the_grace_bounds_what_a_word_is_worth_in_the_late_minutes_too(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    """An hour at a price: whoever keeps an old mark cannot write for an hour and say that it was before the end."""
    assert await plan(sitting, late_minutes=60, late_percent=1) == 200
    sitter = await sit()
    due = await run_down(installation, sitter, -40 * MINUTE)
    old = written_at(installation, sitter, due - SECOND, due - 20 * MINUTE)
    assert (await save(sitter, "written forty minutes after the end", **old)).status_code == 201
    await sitter.device.submit()
    attempt = await attempt_of(installation, sitter)
    assert attempt.late_off == 31, "forty and a bit, less the ten minutes that an answer may be on its way"


async def test_a_sitting_with_less_grace_believes_less(sit: Sit, sitting: Sitting, installation: Installation) -> None:
    assert await plan(sitting, late_minutes=60, late_percent=1, grace_minutes=0) == 200
    sitter = await sit()
    due = await run_down(installation, sitter, -5.5 * MINUTE)
    old = written_at(installation, sitter, due - SECOND, due - 20 * MINUTE)
    assert (await save(sitter, "late", **old)).status_code == 201
    await sitter.device.submit()
    assert (await attempt_of(installation, sitter)).late_off == 6


async def test_more_grace_during_the_run_reaches_a_device_that_saves_in_a_crowd(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    assert await plan(sitting, grace_minutes=2) == 200
    sitter = await sit()
    await sitter.device.save("second", {"text": "first"})
    due = await run_down(installation, sitter, -5 * MINUTE)
    when = written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE)
    assert (await save(sitter, "late", **when)).status_code == 409
    assert await plan(sitting, grace_minutes=6) == 200
    assert (await save(sitter, "late", **when)).status_code == 201


async def test_nothing_late_comes_into_a_voided_attempt(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    await sitter.device.save("second", {"text": "first"})
    due = await run_down(installation, sitter, -MINUTE)
    when = written_at(installation, sitter, due - MINUTE, due - 2 * MINUTE)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).where(Attempt.id == UUID(sitter.attempt)).values(status="voided"))
    assert (await save(sitter, "late", **when)).json()["code"] == "wrong-state"
