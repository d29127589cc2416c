"""Attacks on what counts: voiding and releasing at once, certificates that must follow, and who may see what."""

import asyncio
from typing import Any

import pytest

from exam_api.certificates import tasks
from exam_api.certificates.queries import list_of_person
from exam_api.installation import Workshop
from tests.exam_api.certificates.conftest import RIGHT, WRONG, Hall, HandIn, Script
from tests.exam_api.reviews.conftest import Release
from tests.exam_api.reviews.test_several import HALF, again, allow, begin, certificates, standing

VOID = {"outcome": "void", "reason": "Looked at every frame; it was somebody else."}


async def void(hall: Hall, workshop: Workshop, script: Script) -> None:
    """A person's decision, and what the worker does about it: twice, as a queue may."""
    (await hall.instructor.client.post(f"/api/reviews/{script.attempt}/decision", json=VOID)).raise_for_status()
    for _ in range(2):
        await tasks.revoke_if_voided(workshop, script.payload | {"outcome": "void"})


async def scores(script: Script, workshop: Workshop) -> list[tuple[str, bool]]:
    """The score that each certificate names, and whether it is good; the oldest first."""
    async with workshop.here.sessions() as session:
        rows = await list_of_person(session, script.person.id)
    return [(row.document["credentialSubject"]["result"][0]["value"], row.revoked_at is None) for row in reversed(rows)]


async def test_an_average_without_a_voided_attempt_is_certified_anew(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=4, counts="average")
    first = await hand_in(HALF)
    second = await again(hall, workshop, first, 2, RIGHT)
    third = await again(hall, workshop, first, 3, RIGHT)
    await release()
    await tasks.issue_if_earned(workshop, first.payload)
    assert await scores(first, workshop) == [("83.3", True)]
    await void(hall, workshop, first)
    assert await scores(first, workshop) == [("83.3", False), ("100", True)]
    await void(hall, workshop, second)
    assert await scores(first, workshop) == [("83.3", False), ("100", True)], "the average is what it was"
    for script in (first, second, third):
        await tasks.issue_if_earned(workshop, script.payload)
    assert len(await certificates(first)) == 2
    await void(hall, workshop, third)
    assert [good for _, good in await scores(first, workshop)] == [False, False]


async def test_an_average_that_falls_below_the_pass_mark_takes_the_certificate_along(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=2, counts="average")
    first = await hand_in(RIGHT)
    await again(hall, workshop, first, 2, HALF)
    await release()
    await tasks.issue_if_earned(workshop, first.payload)
    assert await scores(first, workshop) == [("75", True)]
    await void(hall, workshop, first)
    assert await scores(first, workshop) == [("75", False)]


@pytest.mark.parametrize("rule", ["last", "average"])
async def test_a_pass_that_a_voided_attempt_stood_in_the_way_of_earns_its_certificate(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop, rule: str
) -> None:
    """A voided attempt counts as if it had not been: then the other one passes, and it is released already."""
    await allow(hall, attempts=2, counts=rule)
    first = await hand_in(RIGHT)
    second = await again(hall, workshop, first, 2, WRONG)
    await release()
    for script in (first, second):
        await tasks.issue_if_earned(workshop, script.payload)
    assert await certificates(first) == []
    await void(hall, workshop, second)
    assert (await standing(hall, first))["result"]["passed"]
    assert await scores(first, workshop) == [("100", True)]


async def test_what_a_person_revoked_no_program_gives_back(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=3, counts="average")
    first = await hand_in(HALF)
    second = await again(hall, workshop, first, 2, RIGHT)
    await release()
    await tasks.issue_if_earned(workshop, first.payload)
    (one,) = await certificates(first)
    path = f"/api/certificates/{one['id']}/revoke"
    (await hall.instructor.client.post(path, json={"reason": "Taken by somebody else."})).raise_for_status()
    await void(hall, workshop, first)
    for script in (first, second):
        await tasks.issue_if_earned(workshop, script.payload)
    assert [each["revoked_at"] is None for each in await certificates(first)] == [False]


async def test_jobs_of_several_voids_and_releases_at_once_leave_one_good_certificate(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=3, counts="average")
    first = await hand_in(HALF)
    second = await again(hall, workshop, first, 2, RIGHT)
    third = await again(hall, workshop, first, 3, RIGHT)
    await asyncio.gather(release(), release(), release())
    await asyncio.gather(*(tasks.issue_if_earned(workshop, each.payload) for each in (first, second, third)))
    assert await scores(first, workshop) == [("83.3", True)]
    client = hall.instructor.client
    decided = await asyncio.gather(
        *(client.post(f"/api/reviews/{each.attempt}/decision", json=VOID) for each in (first, second, first))
    )
    assert sorted(answer.status_code for answer in decided) == [201, 201, 409]
    jobs: list[Any] = []
    for each in (first, second, first):
        jobs.append(tasks.revoke_if_voided(workshop, each.payload | {"outcome": "void"}))
        jobs.append(tasks.issue_if_earned(workshop, each.payload))
    await asyncio.gather(*jobs)
    found = await scores(first, workshop)
    assert [each for each in found if each[1]] == [("100", True)]
    assert ("83.3", False) in found


async def test_releasing_while_the_next_attempt_begins_is_either_or(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=9)
    for _ in range(4):
        first = await hand_in(RIGHT)
        path = f"/api/sittings/{hall.id}/attempts"
        asked, _rows = await asyncio.gather(first.person.client.post(path, json={"number": 2}), release())
        mine = (await first.person.client.get("/api/me/sittings")).json()[0]
        if asked.status_code == 200:
            assert mine["state"] == "open", "not released with an open attempt"
        else:
            assert (asked.json()["code"], mine["state"]) == ("result-is-out", "released")


async def test_naming_an_old_attempt_releases_no_half_of_a_person(
    hall: Hall, hand_in: HandIn, workshop: Workshop
) -> None:
    await allow(hall, attempts=3)
    first = await hand_in(WRONG)
    device = await begin(hall, first, 2)
    other = await hand_in(RIGHT)
    body = {"attempts": [first.attempt, first.attempt, device.attempt, other.attempt]}
    path = f"/api/sittings/{hall.id}/release"
    rows = (await hall.instructor.client.post(path, json=body)).raise_for_status().json()["attempts"]
    said = {row["attempt_id"]: (row["released"], row["attempts"]) for row in rows}
    assert said[other.attempt] == (True, 1)
    assert [each for each in said.values() if each[1] == 2] == [(False, 2)]
    assert (await standing(hall, first))["result"] is None


async def test_a_mean_of_points_that_may_not_all_be_seen_is_not_shown(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=3, counts="average")
    path = f"/api/sittings/{hall.id}/shown"
    rules = (await hall.instructor.client.get(path)).raise_for_status().json()
    (await hall.instructor.client.put(path, json=rules | {"points": "submitted"})).raise_for_status()
    first = await hand_in(RIGHT)
    assert (await standing(hall, first))["result"]["percent"] == 100
    second = await again(hall, workshop, first, 2, WRONG)
    assert (await standing(hall, first))["result"]["percent"] == 50
    await void(hall, workshop, second)
    mine = await standing(hall, first)
    assert mine["result"]["percent"] == 100
    assert [each["result"] is None for each in mine["attempts"]] == [False, True]
