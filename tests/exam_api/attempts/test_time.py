"""The clock: extra time, time back, breaks; one end that decides, written down, and said at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from exam_api.attempts.service import time
from exam_api.attempts.service.states import NEXT, STARTED, Status, end_of, move
from exam_api.attempts.tasks import close_when_due
from exam_api.db.ledger import broken_at
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import RosterEntry, Sitting
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.errors import WrongState
from exam_api.exams.queries.clocks import Seat
from exam_api.installation import Installation, Workshop
from tests.conftest import Clock
from tests.exam_api.sitting import Sit, Sitter
from tests.exam_api.sitting import Sitting as Room
from tests.factories import Person, person

OPENS = datetime(2026, 11, 22, 9, tzinfo=UTC)
minutes = st.integers(1, 600)
given_minutes = st.integers(0, 1440)
pauses = st.timedeltas(timedelta(0), timedelta(hours=5))


def planned(duration: int, window: int) -> Sitting:
    return Sitting(minutes=duration, late_minutes=0, opens_at=OPENS, closes_at=OPENS + timedelta(minutes=window))


@given(minutes, st.integers(1, 2000), st.integers(0, 2000), given_minutes, pauses)
def test_what_is_given_is_never_cut_by_the_closing(
    duration: int, window: int, late: int, extra: int, paused: timedelta
) -> None:
    sitting = planned(duration, window)
    started_at = OPENS + timedelta(minutes=min(late, window))
    plain = end_of(sitting, started_at, 0)
    assert plain <= sitting.closes_at
    assert plain <= started_at + timedelta(minutes=duration)
    assert end_of(sitting, started_at, extra, paused) == plain + timedelta(minutes=extra) + paused


@given(minutes, given_minutes, st.integers(0, 300), given_minutes)
def test_a_percentage_is_of_the_sittings_minutes_and_never_less(
    duration: int, extra: int, percent: int, incident: int
) -> None:
    entry = RosterEntry(extra_minutes=extra, extra_percent=percent, incident_minutes=incident)
    exact = extra + duration * percent / 100 + incident
    assert exact - 1e-9 <= entry.extra_on(duration) < exact + 1


@given(st.lists(st.tuples(pauses, pauses), max_size=6), minutes)
def test_breaks_move_the_end_by_exactly_their_length(spans: list[tuple[timedelta, timedelta]], duration: int) -> None:
    """The working time in all is the same, however often and long the clock stands."""
    sitting, now = planned(duration, 10_000), OPENS
    attempt = Attempt(status="running", started_at=OPENS, ends_at=end_of(sitting, OPENS, 0), paused=timedelta(0))
    seat = Seat(RosterEntry(extra_minutes=0, extra_percent=0, incident_minutes=0), "Ada", attempt)
    worked = timedelta(0)
    for work, rest in spans:
        assert attempt.ends_at is not None
        before = attempt.ends_at - now
        if work > before:
            break
        now += work
        worked += work
        assert time.CHANGES["pause"](seat, 0, now)
        assert not time.CHANGES["pause"](seat, 0, now)
        now += rest
        assert time.CHANGES["resume"](seat, 0, now)
        attempt.ends_at = end_of(sitting, OPENS, 0, attempt.paused)
        assert attempt.ends_at - now == before - work
    assert attempt.ends_at is not None
    assert worked + (attempt.ends_at - now) == timedelta(minutes=duration)


@given(st.sampled_from(Status), st.sampled_from(Status))
def test_the_table_of_states_is_all_there_is(one: Status, other: Status) -> None:
    attempt = Attempt(status=one)
    if other in NEXT[one]:
        move(attempt, other)
        assert attempt.status == other
    else:
        with pytest.raises(WrongState):
            move(attempt, other)
        assert attempt.status == one


def test_a_break_leads_back_to_work_and_never_to_the_end() -> None:
    assert NEXT[Status.paused] == {Status.running, Status.voided}
    assert {Status.running, Status.paused} == STARTED


def given_body(
    change: str, amount: int = 0, reason: str = "The fire alarm rang.", people: Any = None
) -> dict[str, Any]:
    return {"change": change, "amount": amount, "reason": reason, "people": people}


async def send(room: Room, who: Person, **body: Any) -> httpx.Response:
    return await who.client.post(f"/api/sittings/{room.id}/time", json=given_body(**body))


async def end(sitter: Sitter) -> datetime:
    return datetime.fromisoformat((await sitter.device.get(sitter.path("/clock")))["ends_at"])


async def rest(installation: Installation, length: timedelta) -> None:
    """Let a break be so much longer: it began earlier. (The devices' proofs are made by the real clock.)"""
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(paused_at=Attempt.paused_at - length))


async def lines(installation: Installation, stream: str, tag: str) -> list[LedgerLine]:
    async with transaction(installation.sessions) as session:
        query = select(LedgerLine).where(LedgerLine.stream == UUID(stream)).order_by(LedgerLine.seq)
        found = list(await session.scalars(query))
    assert broken_at(found) is None
    return [line for line in found if line.tag == tag]


async def test_time_reaches_one_person_a_group_and_everybody(
    sit: Sit, enrolled: Callable[..., Any], sitting: Room, installation: Installation
) -> None:
    one, two, absent = await sit(), await sit(), await enrolled()
    before = [await end(one), await end(two)]
    first = await send(sitting, sitting.instructor, change="extra", amount=10, people=[str(one.person.id)])
    assert first.json() == {"people": 1, "running": 1, "left_out": []}
    group = [str(two.person.id), str(absent.id)]
    second = await send(sitting, sitting.instructor, change="percent", amount=25, people=group)
    assert second.json() == {"people": 2, "running": 1, "left_out": []}
    third = await send(sitting, sitting.instructor, change="incident", amount=5)
    assert third.json() == {"people": 3, "running": 2, "left_out": []}
    after = [await end(one), await end(two)]
    assert [late - soon for soon, late in zip(before, after, strict=True)] == [
        timedelta(minutes=15),
        timedelta(minutes=20),
    ]
    mine = (await absent.client.get("/api/me/sittings")).json()[0]
    assert (mine["minutes"], mine["extra_minutes"]) == (80, 20), "who has not started gets it too"
    said = await lines(installation, one.attempt, "attempt:time")
    assert [(line.actor_id, line.data["reason"], line.data["change"]) for line in said] == [
        (sitting.instructor.id, "The fire alarm rang.", "extra"),
        (sitting.instructor.id, "The fire alarm rang.", "incident"),
    ]
    assert datetime.fromisoformat(said[-1].data["ends_at"]) == after[0]
    whole = await lines(installation, sitting.id, "sitting:time")
    assert [(line.data["change"], line.data["amount"], len(line.data["people"])) for line in whole] == [
        ("extra", 10, 1),
        ("percent", 25, 2),
        ("incident", 5, 3),
    ]
    listed = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}/time")).json()
    assert [(each["change"], each["by"], len(each["people"])) for each in listed] == [
        ("incident", "Ina", 3),
        ("percent", "Ina", 2),
        ("extra", "Ina", 1),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"amount": -5},
        {"amount": 0},
        {"amount": 1441},
        {"amount": 10**12},
        {"amount": "soon"},
        {"change": "percent", "amount": 301},
        {"change": "pause", "amount": 5},
        {"change": "less", "amount": 5},
        {"reason": ""},
        {"reason": "   "},
        {"reason": "x" * 301},
        {"reason": "a\0bcd"},
        {"people": []},
        {"people": ["nobody"]},
        {"people": [str(uuid4())]},
        {"unknown": True},
    ],
)
async def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    body: dict[str, Any], sit: Sit, sitting: Room, installation: Installation
) -> None:
    sitter = await sit()
    before = await end(sitter)
    answer = await sitting.instructor.client.post(
        f"/api/sittings/{sitting.id}/time", json={**given_body("extra", 5), **body}
    )
    assert answer.status_code == 422, answer.text
    assert await end(sitter) == before
    assert await lines(installation, sitting.id, "sitting:time") == []


async def test_together_nobody_can_have_more_than_a_day(sit: Sit, sitting: Room) -> None:
    await sit()
    assert (await send(sitting, sitting.instructor, change="extra", amount=1440)).status_code == 200
    more = await send(sitting, sitting.instructor, change="extra", amount=1)
    assert more.status_code == 422
    assert "Ada Lovelace would have more" in more.text


async def test_only_invigilators_and_instructors_give_time(
    sit: Sit, sitting: Room, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    sitter = await sit()
    assert (await send(sitting, sitter.person, change="extra", amount=5)).status_code == 403
    stranger = httpx.AsyncClient.post(new_client(), f"/api/sittings/{sitting.id}/time", json=given_body("extra", 5))
    assert (await stranger).status_code == 401
    for role, status in (("author", 403), ("operator", 403), ("invigilator", 200), ("instructor", 200)):
        who = await person(new_client(), installation, role)
        assert (await send(sitting, who, change="extra", amount=5)).status_code == status, role
    nowhere = await sitting.instructor.client.post(f"/api/sittings/{uuid4()}/time", json=given_body("extra", 5))
    assert nowhere.status_code == 404


async def test_who_has_finished_is_left_out_and_alone_refused(sit: Sit, sitting: Room) -> None:
    done, working = await sit(), await sit()
    await done.device.submit()
    alone = await send(sitting, sitting.instructor, change="extra", amount=5, people=[str(done.person.id)])
    assert (alone.status_code, alone.json()["code"]) == (409, "wrong-state")
    both = await send(sitting, sitting.instructor, change="extra", amount=5)
    assert both.json() == {"people": 1, "running": 1, "left_out": ["Ada Lovelace"]}
    await working.device.submit()
    for change in ("pause", "resume", "incident"):
        answer = await send(sitting, sitting.instructor, change=change, amount=5 if change == "incident" else 0)
        assert answer.status_code == 409, change


async def test_in_a_break_the_clock_stands_and_nothing_new_is_taken(
    sit: Sit, sitting: Room, installation: Installation, clock: Clock
) -> None:
    sitter = await sit()
    await sitter.device.save("second", {"text": "before"})
    ends = await end(sitter)
    assert (await send(sitting, sitting.instructor, change="pause", reason="The lift is stuck.")).status_code == 200
    seen = await sitter.device.get(sitter.path("/clock"))
    assert (seen["status"], seen["note"], datetime.fromisoformat(seen["ends_at"])) == (
        "paused",
        "The lift is stuck.",
        ends,
    )
    assert datetime.fromisoformat(seen["paused_at"]) == clock()
    # What was written before is still on its way for a moment; then the door is closed.
    clock.moment += timedelta(seconds=5)
    await sitter.device.save("second", {"text": "on its way"})
    clock.moment += timedelta(seconds=6)
    body = {"seq": 3, "item": "second", "answer": {"text": "late"}}
    for previous in ({}, {"previous": sitter.device.head}):
        late = await sitter.device.send("POST", sitter.path("/responses"), {**body, **previous})
        assert (late.status_code, late.json()["code"]) == (409, "paused")
    sealed = await sitter.device.send(
        "POST", sitter.path("/submit"), {"seq": sitter.device.seq, "head": sitter.device.head}
    )
    assert (sealed.status_code, sealed.json()["code"]) == (409, "paused")
    # Long past the old end the worker leaves the attempt alone: the clock stands.
    workshop = Workshop(installation, lambda: ends + timedelta(hours=1), lambda n: b"0" * n, None, None, None)
    await close_when_due(workshop, {"attempt_id": sitter.attempt})
    assert (await sitter.device.open_paper())["clock"]["status"] == "paused"
    assert (await send(sitting, sitting.instructor, change="pause")).status_code == 409
    await rest(installation, timedelta(minutes=7))
    assert (await send(sitting, sitting.instructor, change="resume", reason="It goes on.")).status_code == 200
    assert await end(sitter) == ends + timedelta(minutes=7, seconds=11)
    await sitter.device.save("second", {"text": "after"})
    await sitter.device.submit()


async def test_extra_time_in_a_break_and_a_second_break_add_up(
    sit: Sit,
    sitting: Room,
    installation: Installation,
    clock: Clock,  # stands, so that the sums are exact
) -> None:
    sitter = await sit()
    ends = await end(sitter)
    for length in (3, 4):
        await send(sitting, sitting.instructor, change="pause")
        await send(sitting, sitting.instructor, change="extra", amount=10)
        await rest(installation, timedelta(minutes=length))
        await send(sitting, sitting.instructor, change="resume")
    assert await end(sitter) == ends + timedelta(minutes=27)
    assert clock() < ends


async def test_a_start_that_waits_for_a_change_gets_it(sit: Sit, sitting: Room, installation: Installation) -> None:
    """Two at the same moment: whoever comes second sees the other."""
    sitters = await asyncio.gather(*(sit() for _ in range(3)))
    changes = (send(sitting, sitting.instructor, change="extra", amount=1) for _ in range(5))
    assert {answer.status_code for answer in await asyncio.gather(*changes)} == {200}
    ends = [await end(sitter) for sitter in sitters]
    async with transaction(installation.sessions) as session:
        attempts = list(await session.scalars(select(Attempt)))
        entries = list(await session.scalars(select(RosterEntry)))
    assert {entry.extra_minutes for entry in entries} == {5}
    assert sorted(ends) == sorted(each.started_at + timedelta(minutes=65) for each in attempts if each.started_at)
    for sitter in sitters:
        said = await lines(installation, sitter.attempt, "attempt:time")
        moments = [datetime.fromisoformat(line.data["ends_at"]) for line in said]
        assert all(late - soon == timedelta(minutes=1) for soon, late in pairwise(moments))
        assert len(moments) == 5


async def test_the_page_asks_for_all_it_needs_and_lists_what_was_given(sit: Sit, sitting: Room) -> None:
    sitter = await sit()
    client, address = sitting.instructor.client, f"/sittings/{sitting.id}/time"
    page = (await client.get(f"{address}?person={sitter.person.id}")).raise_for_status().text
    assert f'value="{sitter.person.id}" checked' in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0] if 'name="csrf_token"' in page else ""
    name = "csrf_token" if token else page.split('type="hidden" name="')[1].split('"')[0]
    token = token or page.split(f'name="{name}" value="')[1].split('"')[0]
    right = {name: token, "change": "extra", "amount": "7", "reason": "A late start.", "who": "chosen"}
    people = {"people": str(sitter.person.id)}
    for wrong, sentence in (
        ({**right}, "Tick the people"),
        ({**right, **people, "who": "everybody"}, "Choose one of the two"),
        ({**right, **people, "reason": ""}, "Write down why"),
        ({**right, **people, "amount": "-3"}, "above zero"),
        ({**right, **people, "amount": ""}, "above zero"),
        ({**right, **people, "amount": "99999"}, "less than or equal to 1440"),
        ({**right, **people, "change": ""}, "Choose what to do"),
        ({**right, "people": "me"}, "not on the roster"),
    ):
        answer = await client.post(address, data=wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
    nobody = await client.post(address, data={**right, **people, "change": "resume"})
    assert nobody.status_code == 409
    assert "no clock to start again" in nobody.text
    done = await client.post(address, data={**right, **people})
    assert (done.status_code, done.headers["location"]) == (303, f"{address}?done=1-1-0#given")
    shown = (await client.get(f"{address}?done=1-1-0")).text
    assert "Done for 1 person" in shown
    assert "7 minutes extra" in shown
    assert "A late start." in shown
    assert (await sitter.person.client.get(address)).status_code == 403
