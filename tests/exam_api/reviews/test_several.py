"""Several attempts of one person: what counts, released and certified as a whole, and what statistics look at."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from exam_api.certificates import tasks
from exam_api.findings.queries import submitted_attempts
from exam_api.grades.tasks import grade_attempt
from exam_api.installation import Installation, Workshop
from loadtests.device import Device
from tests.exam_api.certificates.conftest import RIGHT, WRONG, Hall, HandIn, Script
from tests.exam_api.reviews.conftest import Noticed, Release

HALF: dict[str, dict[str, Any]] = {"pick": {"choice": ["a"]}, "number": {"text": "3"}}
HTML = {"Accept": "text/html"}


async def allow(hall: Hall, **rules: Any) -> None:
    path = f"/api/sittings/{hall.id}"
    row = (await hall.instructor.client.get(path)).raise_for_status().json()
    names = ("title", "opens_at", "closes_at", "minutes")
    (await hall.instructor.client.put(path, json={name: row[name] for name in names} | rules)).raise_for_status()


async def begin(hall: Hall, script: Script, number: int) -> Device:
    """Come in again and start."""
    client = script.person.client
    opened = (await client.post(f"/api/sittings/{hall.id}/attempts", json={"number": number})).raise_for_status().json()
    consent = {name: opened["consent"][name] for name in ("version", "terms")}
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    device = Device(client, opened["id"])
    await device.sign("start", script.person.authenticator)
    await device.open_paper()
    return device


async def again(
    hall: Hall, workshop: Workshop, script: Script, number: int, answers: dict[str, dict[str, Any]]
) -> Script:
    """A further attempt with these answers, handed in and graded."""
    device = await begin(hall, script, number)
    for item, answer in answers.items():
        await device.save(item, answer)
    await device.submit()
    made = Script(script.person, device.attempt)
    await grade_attempt(workshop, made.payload)
    return made


async def standing(hall: Hall, script: Script) -> dict[str, Any]:
    return (await script.person.client.get(f"/api/sittings/{hall.id}/standing")).raise_for_status().json()


async def certificates(script: Script) -> list[dict[str, Any]]:
    return (await script.person.client.get("/api/me/certificates")).raise_for_status().json()


@pytest.mark.parametrize(
    ("rule", "percent", "stands"), [("best", 100, 2), ("last", 50, 3), ("average", 50, None), ("first", 0, 1)]
)
async def test_the_sittings_rule_says_which_result_counts_everywhere(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop, rule: str, percent: float, stands: int | None
) -> None:
    await allow(hall, attempts=3, counts=rule)
    first = await hand_in(WRONG)
    second = await again(hall, workshop, first, 2, RIGHT)
    third = await again(hall, workshop, first, 3, HALF)
    (row,) = await release()
    assert (row["attempts"], row["released"]) == (3, True)
    mine = await standing(hall, first)
    assert mine["result"]["percent"] == percent
    assert [each["number"] for each in mine["attempts"] if each["stands"]] == ([stands] if stands else [])
    table = (await hall.instructor.client.get(f"/sittings/{hall.id}/results.csv")).text.splitlines()
    assert len(table) == 2
    assert str(float(percent)) in table[1].split(",")
    for script in (first, second, third):
        await tasks.issue_if_earned(workshop, script.payload)
    made = await certificates(first)
    assert len(made) == (rule == "best")
    for each in (first, second, third):
        page = await first.person.client.get(f"/attempts/{each.attempt}/result", headers=HTML)
        assert page.status_code == 200
        assert "Your attempts" in page.text


async def test_points_are_not_told_before_they_may_be_seen(hall: Hall, hand_in: HandIn, workshop: Workshop) -> None:
    await allow(hall, attempts=2)
    first = await hand_in(WRONG)
    await again(hall, workshop, first, 2, RIGHT)
    mine = await standing(hall, first)
    assert mine["result"] is None
    assert [(each["result"], each["stands"]) for each in mine["attempts"]] == [(None, False)] * 2


async def test_a_stranger_sees_no_standing(hall: Hall, hand_in: HandIn, client: httpx.AsyncClient) -> None:
    await hand_in(WRONG)
    assert (await client.get(f"/api/sittings/{hall.id}/standing")).status_code == 401
    assert (await hall.instructor.client.get(f"/api/sittings/{hall.id}/standing")).status_code in {403, 404}


async def test_nobody_is_released_while_a_further_attempt_is_open_and_none_begins_afterwards(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=3)
    first = await hand_in(WRONG)
    device = await begin(hall, first, 2)
    (row,) = await release()
    assert (row["released"], row["code"]) == (False, "wrong-state")
    assert "further attempt" in row["detail"]
    await device.submit()
    await grade_attempt(workshop, {"attempt_id": device.attempt})
    (row,) = await release()
    assert row["released"]
    asked = await first.person.client.post(f"/api/sittings/{hall.id}/attempts", json={"number": 3})
    assert (asked.status_code, asked.json()["code"]) == (409, "result-is-out")


async def test_the_certificate_rests_on_the_attempt_that_counts_and_falls_with_it(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=2)
    first = await hand_in(WRONG)
    second = await again(hall, workshop, first, 2, RIGHT)
    await release()
    for script in (first, second, first):
        await tasks.issue_if_earned(workshop, script.payload)
    (one,) = await certificates(first)
    assert one["revoked_at"] is None
    for script in (first, second):  # the failed attempt first: voiding it takes nothing away
        body = {"outcome": "void", "reason": "Looked at every frame; it was somebody else."}
        path = f"/api/reviews/{script.attempt}/decision"
        (await hall.instructor.client.post(path, json=body)).raise_for_status()
        await tasks.revoke_if_voided(workshop, script.payload | {"outcome": "void"})
        (one,) = await certificates(first)
        assert (one["revoked_at"] is not None) == (script is second)


async def test_a_pass_that_is_left_after_a_voided_attempt_has_a_certificate_of_its_own(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    await allow(hall, attempts=2)
    first = await hand_in(RIGHT)
    second = await again(hall, workshop, first, 2, RIGHT)
    await release()
    await tasks.issue_if_earned(workshop, first.payload)
    body = {"outcome": "void", "reason": "Looked at every frame; it was somebody else."}
    (await hall.instructor.client.post(f"/api/reviews/{first.attempt}/decision", json=body)).raise_for_status()
    for _ in range(2):
        await tasks.revoke_if_voided(workshop, first.payload | {"outcome": "void"})
        await tasks.issue_if_earned(workshop, second.payload)
        assert sorted(each["revoked_at"] is None for each in await certificates(first)) == [False, True]


async def test_a_flag_on_any_attempt_is_decided_about_first(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop, noticed: Noticed
) -> None:
    await allow(hall, attempts=2)
    first = await hand_in(WRONG)
    await again(hall, workshop, first, 2, RIGHT)
    await noticed.flag(first.attempt)
    (row,) = await release()
    assert (row["released"], row["code"]) == (False, "decision-needed")


async def test_statistics_look_at_the_first_attempt_of_each_person(
    hall: Hall, hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    await allow(hall, attempts=3)
    first = await hand_in(WRONG)
    await again(hall, workshop, first, 2, RIGHT)
    other = await hand_in(RIGHT)
    async with installation.sessions() as session:
        looked_at = await submitted_attempts(session, UUID(hall.id))
    assert {str(each) for each in looked_at} == {first.attempt, other.attempt}


async def test_staff_lists_show_a_person_once_and_every_attempt_where_it_matters(
    hall: Hall, hand_in: HandIn, workshop: Workshop
) -> None:
    await allow(hall, attempts=2)
    first = await hand_in(WRONG, name="Ada Twice")
    second = await again(hall, workshop, first, 2, RIGHT)
    client = hall.instructor.client
    queue = (await client.get("/api/reviews", params={"sitting": hall.id})).raise_for_status().json()
    assert sorted(row["number"] for row in queue["rows"]) == [1, 2]
    for path in (f"/sittings/{hall.id}", f"/sittings/{hall.id}/results", f"/sittings/{hall.id}/live"):
        page = await client.get(path, headers=HTML)
        assert page.status_code == 200
        assert page.text.count(">Ada Twice<") == 1, path
    assert "attempt 2" in (await client.get(f"/reviews/{second.attempt}", headers=HTML)).text
    sitting = (await client.get(f"/api/sittings/{hall.id}")).json()
    assert (sitting["started"], sitting["submitted"], len(sitting["roster"])) == (1, 1, 1)
