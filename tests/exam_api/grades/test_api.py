"""Who may see and give grades, and what comes of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.grades.conftest import ANSWERS, HandIn, Room, Script, grade
from tests.factories import person

Clients = Callable[[], httpx.AsyncClient]


async def release(installation: Installation, script: Script) -> None:
    """What a review does at its end."""
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).released_at = datetime.now(UTC)


async def test_who_sees_grades(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation, new_client: Clients
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    path = f"{script.path}/grades"
    stranger = await person(new_client(), installation)
    invigilator = await person(new_client(), installation, "invigilator")
    assert (await new_client().get(path)).status_code == 401
    assert (await stranger.client.get(path)).status_code == 404
    assert (await invigilator.client.get(path)).status_code == 404
    assert (await room.instructor.client.get(f"/api/attempts/{uuid4()}/grades")).status_code == 404
    early = await script.person.client.get(path)
    assert (early.status_code, early.json()["code"]) == (409, "not-released")
    await release(installation, script)
    assert (await stranger.client.get(path)).status_code == 404
    own = (await script.person.client.get(path)).raise_for_status().json()
    staff = (await room.instructor.client.get(path)).raise_for_status().json()
    assert [one["points"] for one in own["grades"]] == [one["points"] for one in staff["grades"]] == [1, 2, 2, None, 4]
    sums = {"points": 9, "max_points": 13, "percent": 69.230769, "passed": False, "complete": False, "penalty": 0}
    assert own["result"] == sums
    assert all(one["evidence"] is one["confidence"] is one["cause"] is None for one in own["grades"])
    assert staff["grades"][0]["evidence"]["correct"] == ["a"]


@pytest.mark.parametrize("method", ["queue", "give", "regrade"])
async def test_only_instructors_mark(
    hand_in: HandIn, room: Room, installation: Installation, new_client: Clients, method: str
) -> None:
    script = await hand_in({})
    invigilator = await person(new_client(), installation, "invigilator")

    async def ask(client: httpx.AsyncClient) -> int:
        if method == "queue":
            return (await client.get("/api/grading-queue", params={"sitting": room.id})).status_code
        if method == "give":
            body = {"points": 1, "reason": "Right."}
            return (await client.put(f"{script.path}/grades/pick", json=body)).status_code
        return (await client.post(f"{script.path}/regrade")).status_code

    assert await ask(new_client()) == 401
    assert await ask(script.person.client) == 403
    assert await ask(invigilator.client) == 403
    assert await ask(room.instructor.client) < 300


async def test_a_person_completes_the_result(hand_in: HandIn, room: Room, workshop: Workshop) -> None:
    script = await hand_in()
    await grade(workshop, script)
    body = {"points": 3.5, "reason": "Names its parts; one sentence is hard to read."}
    given = (await room.instructor.client.put(f"{script.path}/grades/essay", json=body)).raise_for_status().json()
    assert (given["state"], given["points"], given["grader"]) == ("final", 3.5, "person")
    found = (await room.instructor.client.get(f"{script.path}/grades")).json()["result"]
    sums = {"points": 12.5, "max_points": 13, "percent": 96.153846, "passed": True, "complete": True, "penalty": 0}
    assert found == sums
    await grade(workshop, script)
    assert (await room.instructor.client.get(f"{script.path}/grades")).json()["result"] == found


@pytest.mark.parametrize(
    ("item", "body", "status"),
    [
        ("essay", {"points": 4.01, "reason": "More than there is."}, 422),
        ("essay", {"points": -0.01, "reason": "Less than nothing."}, 422),
        ("essay", {"points": 2, "reason": "  "}, 422),
        ("essay", {"points": 2}, 422),
        ("essay", {"points": 2, "reason": "Good.", "extra": 1}, 422),
        ("nothing", {"points": 0, "reason": "No such question."}, 404),
        ("essay", {"points": 4, "reason": "All there is."}, 200),
        ("essay", {"points": 0, "reason": "None."}, 200),
    ],
)
async def test_points_stay_in_bounds(
    hand_in: HandIn, room: Room, item: str, body: dict[str, object], status: int
) -> None:
    script = await hand_in({})
    assert (await room.instructor.client.put(f"{script.path}/grades/{item}", json=body)).status_code == status


async def test_points_that_are_no_number_are_refused(hand_in: HandIn, room: Room) -> None:
    script = await hand_in({})
    path, head = f"{script.path}/grades/essay", {"content-type": "application/json"}
    for points in (b"NaN", b"Infinity", b"1e999"):
        sent = b'{"points": ' + points + b', "reason": "x"}'
        assert (await room.instructor.client.put(path, content=sent, headers=head)).status_code == 422


async def test_nobody_marks_their_own_exam(
    room: Room, hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    assert (await room.queue())["waiting"] == 1
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).candidate_id = room.instructor.id
    assert (await room.queue())["waiting"] == 0
    body = {"points": 4, "reason": "I like it."}
    assert (await room.instructor.client.put(f"{script.path}/grades/essay", json=body)).status_code == 403
    assert (await room.instructor.client.get(f"{script.path}/grades")).status_code == 409


async def test_the_queue_goes_question_by_question_without_names(hand_in: HandIn, room: Room, bare: Workshop) -> None:
    for name in ("Zoe Zimmer", "Abel Aman"):
        await grade(bare, await hand_in(name=name))
    found = await room.queue()
    assert (found["waiting"], found["marked"], found["for_the_machine"]) == (2, 0, 2)
    assert [one["grade"]["item"] for one in found["answers"]] == ["essay", "essay"]
    assert found["answers"][0]["answer"] == ANSWERS["essay"]
    assert "Zimmer" not in str(found)
    by_hand = await room.queue(by_hand=True)
    assert [one["grade"]["item"] for one in by_hand["answers"]] == ["essay", "essay", "program", "program"]
    page = await room.queue(by_hand=True, limit=1, offset=2)
    assert [one["grade"]["item"] for one in page["answers"]] == ["program"]
    body = {"points": 4, "reason": "Would run."}
    path = f"/api/attempts/{page['answers'][0]['attempt_id']}/grades/program"
    (await room.instructor.client.put(path, json=body)).raise_for_status()
    assert (await room.queue(by_hand=True))["waiting"] == 3
    missing = await room.instructor.client.get("/api/grading-queue", params={"sitting": str(uuid4())})
    assert missing.status_code == 404


async def test_a_running_attempt_cannot_be_graded(hand_in: HandIn, room: Room, installation: Installation) -> None:
    script = await hand_in({})
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).status = "running"
    body = {"points": 1, "reason": "Too early."}
    assert (await room.instructor.client.put(f"{script.path}/grades/pick", json=body)).status_code == 409
    assert (await room.instructor.client.post(f"{script.path}/regrade")).status_code == 409
