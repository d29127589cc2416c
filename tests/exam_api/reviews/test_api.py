"""Queue, bundle, decisions and releases, as programs see them; every role in the same test."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, func, select, text, update

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.findings import Finding
from exam_api.db.models.grades import Grade
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Frame, Sound
from exam_api.db.models.reviews import Decision
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Hall, HandIn, Script
from tests.exam_api.reviews.conftest import Noticed, Release
from tests.factories import person

NOBODY = "00000000-0000-4000-8000-000000000000"
REASON = "Looked at every frame; it is a poster."


async def queue(hall: Hall, **query: Any) -> dict[str, Any]:
    answer = await hall.instructor.client.get("/api/reviews", params={"sitting": hall.id, **query})
    return answer.raise_for_status().json()


async def bundle(hall: Hall, script: Script) -> dict[str, Any]:
    return (await hall.instructor.client.get(f"/api/reviews/{script.attempt}")).raise_for_status().json()


async def decide(hall: Hall, attempt: str, outcome: str, reason: str = REASON, **more: Any) -> httpx.Response:
    body = {"outcome": outcome, "reason": reason, **more}
    return await hall.instructor.client.post(f"/api/reviews/{attempt}/decision", json=body)


async def tags(installation: Installation, attempt: str) -> list[str]:
    async with transaction(installation.sessions) as session:
        query = select(LedgerLine.tag).where(LedgerLine.stream == UUID(attempt)).order_by(LedgerLine.seq)
        return list(await session.scalars(query))


async def unsettle(installation: Installation, script: Script) -> None:
    """Take a grade away: our failure, so the attempt is not complete."""
    async with transaction(installation.sessions) as session:
        await session.execute(delete(Grade).where(Grade.attempt_id == UUID(script.attempt), Grade.item == "pick"))


async def test_who_needs_a_person_stands_first(
    hall: Hall, hand_in: HandIn, noticed: Noticed, installation: Installation
) -> None:
    clean, poor, low, high, copier, source, waits = [
        await hand_in(name=name)
        for name in ("Abel Clean", "Beth Poor", "Carl Low", "Dora High", "Emil Copier", "Fay Source", "Gus Waits")
    ]
    await noticed.flag(poor.attempt, "quality", frames=0)
    await noticed.flag(low.attempt, "low", frames=0)
    await noticed.flag(high.attempt, "high", frames=0)
    await noticed.finding(hall.id, copier.attempt, source.attempt)
    await unsettle(installation, waits)
    found = await queue(hall, open=True)
    assert [(row["name"], row["need"]) for row in found["rows"]] == [
        ("Dora High", "decision"),
        ("Emil Copier", "decision"),
        ("Fay Source", "decision"),
        ("Gus Waits", "grades"),
        ("Carl Low", "clearing"),
        ("Abel Clean", "clearing"),
        ("Beth Poor", "clearing"),
    ]
    first = found["rows"][0]
    assert (first["flags"], first["worst"], first["percent"], first["passed"]) == (1, "high", 100.0, True)
    assert (found["total"], found["clearable"]) == (7, 4)
    assert found["rows"][3]["waiting"] == 1
    assert clean.attempt == found["rows"][5]["attempt_id"]

    cleared = await hall.instructor.client.post("/api/reviews/clear", json={"sitting": hall.id, "reason": "Nothing."})
    easy = {clean.attempt, poor.attempt, low.attempt, waits.attempt}
    assert set(cleared.raise_for_status().json()["cleared"]) == easy
    assert (await decide(hall, high.attempt, "no_concern")).status_code == 201
    found = await queue(hall, open=True)
    assert [row["name"] for row in found["rows"]] == ["Emil Copier", "Fay Source", "Gus Waits"]
    assert len((await queue(hall))["rows"]) == 7
    again = await hall.instructor.client.post("/api/reviews/clear", json={"sitting": hall.id, "reason": "Again."})
    assert again.json()["cleared"] == []


async def test_the_bundle_holds_what_a_decision_needs(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    script, other = await hand_in(name="Ada Able"), await hand_in(name="Bob Bold")
    await noticed.flag(script.attempt)
    await noticed.finding(hall.id, script.attempt, other.attempt)
    (await decide(hall, script.attempt, "concern_noted", "The candidate is asked.")).raise_for_status()
    found = await bundle(hall, script)
    assert (found["name"], found["status"], found["saves"], found["answered"]) == ("Ada Able", "submitted", 2, 2)
    assert found["result"] == {
        "points": 2,
        "max_points": 2,
        "percent": 100,
        "passed": True,
        "complete": True,
        "off_percent": 0,
    }
    assert found["consent"]["text"][0].startswith("Your answers")
    assert found["chain"]["broken_at"] is None
    assert found["chain"]["sealed"]
    (flag,) = found["flags"]
    assert [(frame["number"], frame["kept"]) for frame in flag["frames"]] == [(1, True), (2, False)]
    picture = await hall.instructor.client.get(flag["frames"][0]["url"])
    assert picture.content.startswith(b"\xff\xd8")
    assert flag["threshold"] == {"seconds": 3.0}
    assert flag["innocent"]
    (finding,) = found["findings"]
    assert {one["name"] for one in finding["people"]} == {"Ada Able", "Bob Bold"}
    answer = found["answers"][0]
    assert (answer["answer"], answer["grade"]["points"]) == ({"choice": ["a"]}, 1)
    kinds = [moment["kind"] for moment in found["timeline"]]
    assert [kind for kind in kinds if kind != "flag"][:3] == ["attempt:opened", "attempt:consent", "attempt:started"]
    assert {"save", "attempt:submitted", "attempt:graded", "attempt:decision", "flag"} <= set(kinds)
    assert [moment["at"] for moment in found["timeline"]] == sorted(moment["at"] for moment in found["timeline"])
    (decision,) = found["decisions"]
    assert (decision["outcome"], decision["decided_by"]) == ("concern_noted", "Ina")
    assert (await bundle(hall, other))["findings"]
    assert not (await bundle(hall, other))["flags"]


async def test_decisions_are_added_and_the_newest_counts(
    hall: Hall, hand_in: HandIn, noticed: Noticed, installation: Installation
) -> None:
    script = await hand_in()
    await noticed.flag(script.attempt, frames=0)
    for outcome in ("concern_noted", "no_concern"):
        (await decide(hall, script.attempt, outcome, f"I say {outcome}.")).raise_for_status()
    found = await bundle(hall, script)
    assert [each["outcome"] for each in found["decisions"]] == ["no_concern", "concern_noted"]
    assert (await queue(hall))["rows"][0]["decision"] == "no_concern"
    assert (await tags(installation, script.attempt))[-2:] == ["attempt:decision"] * 2


async def test_something_new_needs_another_look(
    hall: Hall, hand_in: HandIn, noticed: Noticed, release: Release, installation: Installation
) -> None:
    script, other = await hand_in(name="Ada Able"), await hand_in(name="Bob Bold")
    seen = (await bundle(hall, script))["seen"]
    await noticed.flag(script.attempt, frames=0)
    late = await decide(hall, script.attempt, "no_concern", seen=seen)
    assert (late.status_code, late.json()["code"]) == (409, "edited-elsewhere")
    seen = (await bundle(hall, script))["seen"]
    (await decide(hall, script.attempt, "no_concern", seen=seen)).raise_for_status()
    assert (await bundle(hall, script))["need"] == "release"
    await noticed.finding(hall.id, script.attempt, other.attempt)
    assert (await bundle(hall, script))["need"] == "another_look"
    rows = {row["name"]: row["code"] for row in await release()}
    assert rows == {"Ada Able": "decision-needed", "Bob Bold": "decision-needed"}
    async with transaction(installation.sessions) as session:
        await session.execute(delete(Finding))
    assert (await bundle(hall, script))["need"] == "release", "what has vanished needs no second look"


async def test_a_decision_needs_its_words(hall: Hall, hand_in: HandIn) -> None:
    script = await hand_in()
    for body in (
        {"outcome": "guilty", "reason": REASON},
        {"outcome": "void", "reason": "  "},
        {"outcome": "void", "reason": "no"},
        {"outcome": "void", "reason": "x" * 2001},
        {"outcome": "void", "reason": "with\x00nul"},
        {"outcome": "void", "reason": REASON, "by": "somebody else"},
        {"outcome": "void"},
    ):
        answer = await hall.instructor.client.post(f"/api/reviews/{script.attempt}/decision", json=body)
        assert answer.status_code == 422, body
    assert (await bundle(hall, script))["decisions"] == []


async def test_a_void_ends_the_attempt(
    hall: Hall, hand_in: HandIn, release: Release, installation: Installation
) -> None:
    script = await hand_in()
    (await decide(hall, script.attempt, "void", "Somebody else sat it.")).raise_for_status()
    assert (await bundle(hall, script))["status"] == "voided"
    for outcome in ("no_concern", "void"):
        again = await decide(hall, script.attempt, outcome)
        assert (again.status_code, again.json()["code"]) == (409, "wrong-state")
    (row,) = await release()
    assert (row["released"], row["code"]) == (False, "wrong-state")
    assert (await queue(hall, open=True))["rows"] == []
    (listed,) = (await queue(hall))["rows"]
    assert (listed["status"], listed["decision"], listed["need"]) == ("voided", "void", "nothing")
    async with transaction(installation.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(Decision)) == 1


async def test_an_attempt_at_work_can_only_be_voided(hall: Hall, hand_in: HandIn, installation: Installation) -> None:
    script = await hand_in()
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(script.attempt))
        attempt.status, attempt.submitted_at = "running", None
    assert (await decide(hall, script.attempt, "no_concern")).status_code == 409
    named = await hall.instructor.client.post(f"/api/sittings/{hall.id}/release", json={"attempts": [script.attempt]})
    assert named.json()["attempts"][0]["code"] == "wrong-state"
    assert (await decide(hall, script.attempt, "void")).status_code == 201


async def test_a_release_says_of_each_why_not(
    hall: Hall, hand_in: HandIn, noticed: Noticed, release: Release, installation: Installation
) -> None:
    clean, poor, flagged, noted, waits = [
        await hand_in(name=name) for name in ("Abel Clean", "Beth Poor", "Carl Flagged", "Dora Noted", "Emil Waits")
    ]
    await noticed.flag(poor.attempt, "quality", frames=0)
    await noticed.flag(flagged.attempt, frames=0)
    await noticed.flag(noted.attempt, frames=0)
    (await decide(hall, noted.attempt, "concern_noted")).raise_for_status()
    await unsettle(installation, waits)
    rows = await release()
    assert {row["name"]: (row["released"], row["code"]) for row in rows} == {
        "Abel Clean": (True, None),
        "Beth Poor": (True, None),
        "Carl Flagged": (False, "decision-needed"),
        "Dora Noted": (True, None),
        "Emil Waits": (False, "grades-incomplete"),
    }
    assert all((row["released_at"] is None) != row["released"] for row in rows)
    assert (await clean.person.client.get(f"/attempts/{clean.attempt}/result")).status_code == 200
    assert (await clean.person.client.get(f"/api/attempts/{clean.attempt}/grades")).status_code == 200
    assert (await flagged.person.client.get(f"/api/attempts/{flagged.attempt}/grades")).status_code == 409
    assert (await tags(installation, clean.attempt))[-1] == "attempt:released"

    before = {row["name"]: row["released_at"] for row in rows}
    await noticed.flag(clean.attempt, frames=0)
    again = {row["name"]: row for row in await release()}
    assert again["Abel Clean"]["released_at"] == before["Abel Clean"], "a release cannot be taken back"
    assert (await tags(installation, clean.attempt)).count("attempt:released") == 1
    assert (await bundle(hall, clean))["need"] == "decision", "but what came up is still to be looked at"

    path = f"/api/sittings/{hall.id}/release"
    (await decide(hall, flagged.attempt, "no_concern")).raise_for_status()
    chosen = await hall.instructor.client.post(path, json={"attempts": [flagged.attempt, NOBODY, NOBODY]})
    assert [(row["attempt_id"], row["code"]) for row in chosen.json()["attempts"]] == [
        (flagged.attempt, None),
        (NOBODY, "not-found"),
    ]


@pytest.mark.parametrize("table", [Frame, Sound])
async def test_a_release_waits_for_evidence_that_is_on_its_way_to_being_looked_at(
    hall: Hall,
    hand_in: HandIn,
    noticed: Noticed,
    release: Release,
    installation: Installation,
    table: type[Frame] | type[Sound],
) -> None:
    """It cannot be taken back; but what nobody looks at, as where the models are absent, holds nobody's result for ever."""
    script, at = await hand_in(name="Abel Late"), datetime.now(UTC)
    piece = {"attempt_id": UUID(script.attempt), "number": 1, "taken_at": at, "digest": "x", "size": 9}
    await noticed.keep(table(**piece, received_at=at, blob="frames/1.jpg"))
    (row,) = await release()
    assert (row["released"], row["code"]) == (False, "evidence-waits")
    async with transaction(installation.sessions) as session:
        await session.execute(update(table).values(received_at=at - timedelta(minutes=11)))
    (row,) = await release()
    assert (row["released"], row["code"]) == (True, None)


async def test_a_release_goes_on_when_the_evidence_is_looked_at(
    hall: Hall, hand_in: HandIn, noticed: Noticed, release: Release, installation: Installation
) -> None:
    script, at = await hand_in(name="Abel Late"), datetime.now(UTC)
    await noticed.keep(
        Frame(
            attempt_id=UUID(script.attempt), number=1, taken_at=at, received_at=at, digest="x", size=9, blob="frames/1"
        )
    )
    assert [row["code"] for row in await release()] == ["evidence-waits"]
    async with transaction(installation.sessions) as session:
        await session.execute(update(Frame).values(analysed_at=at))
    assert [row["code"] for row in await release()] == [None]


async def test_two_releases_at_once_release_once(hall: Hall, hand_in: HandIn, installation: Installation) -> None:
    script = await hand_in()
    path = f"/api/sittings/{hall.id}/release"
    sent = [hall.instructor.client.post(path, json={"attempts": None}) for _ in range(4)]
    for answer in await asyncio.gather(*sent):
        assert answer.json()["attempts"][0]["released"]
    assert (await tags(installation, script.attempt)).count("attempt:released") == 1


async def test_only_instructors_review_and_nobody_themselves(
    hall: Hall,
    hand_in: HandIn,
    release: Release,
    installation: Installation,
    client: httpx.AsyncClient,
    new_client: Callable[[], httpx.AsyncClient],
) -> None:
    script = await hand_in()
    own = await hand_in(name="Ina Herself")
    async with transaction(installation.sessions) as session:
        statement = text("UPDATE attempts SET candidate_id = :instructor WHERE id = :id")
        await session.execute(statement, {"instructor": hall.instructor.id, "id": UUID(own.attempt)})
    invigilator = await person(new_client(), installation, "invigilator", "author", "operator", name="Ivo")
    decision = {"outcome": "no_concern", "reason": REASON}
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/api/reviews?sitting={hall.id}", None),
        ("GET", f"/api/reviews/{script.attempt}", None),
        ("POST", f"/api/reviews/{script.attempt}/decision", decision),
        ("POST", "/api/reviews/clear", {"sitting": hall.id, "reason": REASON}),
        ("POST", f"/api/sittings/{hall.id}/release", {"attempts": None}),
        ("GET", "/reviews", None),
        ("GET", f"/reviews/{script.attempt}", None),
        ("GET", f"/sittings/{hall.id}/release", None),
    ]
    for method, path, body in calls:
        assert (await client.request(method, path, json=body)).status_code == 401, path
        for someone in (script.person, invigilator):
            assert (await someone.client.request(method, path, json=body)).status_code == 403, path
    unknown = hall.instructor.client
    assert (await unknown.get(f"/api/reviews?sitting={NOBODY}")).status_code == 404
    assert (await unknown.get(f"/api/reviews/{NOBODY}")).status_code == 404
    assert (await unknown.post(f"/api/reviews/{NOBODY}/decision", json=decision)).status_code == 404
    assert (await unknown.post(f"/api/sittings/{NOBODY}/release", json={"attempts": None})).status_code == 404
    assert (await unknown.post("/api/reviews/clear", json={"sitting": NOBODY, "reason": REASON})).status_code == 404
    assert (await unknown.get(f"/api/reviews/{own.attempt}")).status_code == 403
    assert (await decide(hall, own.attempt, "no_concern")).status_code == 403
    assert own.attempt not in {row["attempt_id"] for row in (await queue(hall))["rows"]}
    rows = {row["attempt_id"]: row for row in await release()}
    assert (rows[own.attempt]["released"], rows[own.attempt]["code"]) == (False, "not-allowed")


async def test_a_changed_ledger_is_named(hall: Hall, hand_in: HandIn, installation: Installation) -> None:
    script = await hand_in()
    async with transaction(installation.sessions) as session:
        query = select(LedgerLine).where(LedgerLine.stream == UUID(script.attempt), LedgerLine.seq == 2)
        (await session.scalars(query)).one().data = {"version": "another"}
    assert (await bundle(hall, script))["chain"]["broken_at"] == 2
