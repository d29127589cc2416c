"""What the candidate sees of a result, part by part, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.db.models.monitoring import Flag
from exam_api.db.session import transaction
from exam_api.exams.schemas import ShownIn
from exam_api.exams.service.shown import visible
from exam_api.installation import Installation, Workshop
from tests.exam_api.grades.conftest import HandIn, Room, Script, grade
from tests.exam_api.grades.test_api import release

WHEN = st.sampled_from(["never", "submitted", "released", "closed"])
PARTS = tuple(ShownIn.model_fields)


@given(st.fixed_dictionaries(dict.fromkeys(PARTS, WHEN)), st.booleans(), st.booleans())
def test_nothing_is_shown_before_its_moment_and_what_was_shown_stays(
    parts: dict[str, Any], released: bool, closed: bool
) -> None:
    rules = ShownIn(**parts)
    shown = visible(rules, released=released, closed=closed)
    assert shown <= visible(rules, released=True, closed=True)
    for name, when in parts.items():
        is_due = {"never": False, "submitted": True, "released": released, "closed": released and closed}[when]
        assert (name in shown) == is_due


async def _set(room: Room, **parts: str) -> None:
    answer = await room.instructor.client.put(f"/api/sittings/{room.id}/shown", json=parts)
    assert answer.status_code == 200, answer.text


async def _read(script: Script) -> Any:
    answer = await script.person.client.get(f"{script.path}/grades")
    return answer.json() if answer.status_code == 200 else answer.json()["code"]


async def test_as_it_is_without_rules(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    assert await _read(script) == "not-released"
    await release(installation, script)
    seen = await _read(script)
    assert seen["result"]["points"] == 9
    assert seen["flags"] is None
    first = seen["grades"][0]
    assert (first["answer"] is not None, first["solution"]) == (True, None)


async def test_each_part_by_itself(hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation) -> None:
    script = await hand_in()
    await grade(workshop, script)
    moment = datetime.now(UTC)
    async with transaction(installation.sessions) as session:
        for severity in ("high", "quality"):
            session.add(
                Flag(
                    attempt_id=UUID(script.attempt),
                    rule="absence",
                    severity=severity,
                    started_at=moment,
                    ended_at=moment,
                    threshold={},
                    reason=f"A reason of severity {severity}.",
                    innocent=["a cough"],
                    evidence=[],
                    confidence=1.0,
                )
            )
    nothing = dict.fromkeys(PARTS, "never")
    await _set(room, **nothing)
    await release(installation, script)
    assert await _read(script) == "not-released"
    await _set(room, **{**nothing, "feedback": "submitted"})
    seen = await _read(script)
    assert seen["result"] is seen["flags"] is None
    assert {one["points"] for one in seen["grades"]} == {None}
    assert {one["answer"] for one in seen["grades"]} == {None}
    assert seen["grades"][0]["feedback"] == "Correct."
    await _set(room, **{**nothing, "solutions": "released", "flags": "released"})
    seen = await _read(script)
    assert seen["grades"][0]["feedback"] == ""
    assert seen["grades"][0]["solution"]
    assert seen["grades"][3]["solution"] is None  # an essay has none
    assert [flag["reason"] for flag in seen["flags"]] == ["A reason of severity high."]


async def test_closed_waits_for_the_sitting(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    await _set(room, **dict.fromkeys(PARTS, "closed"))
    await release(installation, script)
    assert await _read(script) == "not-released"
    async with transaction(installation.sessions) as session:
        sitting = await session.get_one(Sitting, UUID(room.id))
        sitting.closes_at = datetime.now(UTC) - timedelta(seconds=1)
    assert (await _read(script))["result"]["points"] == 9


async def test_a_voided_attempt_shows_nothing(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    await release(installation, script)
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).status = "voided"
    assert await _read(script) == "not-released"


async def test_the_page_shows_the_same_and_only_staff_change_it(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    candidate = script.person.client
    assert (await candidate.put(f"/api/sittings/{room.id}/shown", json={})).status_code == 403
    assert (
        await room.instructor.client.put(f"/api/sittings/{room.id}/shown", json={"points": "soon"})
    ).status_code == 422
    await _set(room, points="never", solutions="submitted")
    page = (await candidate.get(f"/attempts/{script.attempt}/result")).text
    assert "A right answer" in page
    assert "of 13" not in page
    await release(installation, script)
    page = (await candidate.get(f"/attempts/{script.attempt}/result")).text
    assert "Your answer" in page
    assert "of 13" not in page
