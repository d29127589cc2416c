"""From a submitted answer to a grade, as the worker does it."""

import asyncio
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.grades import Grade
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.events import AttemptGraded, AttemptSubmitted, RegradeAsked
from exam_api.grades import queries, tasks
from exam_api.installation import Installation, Workshop
from exam_api.worker import AFTER
from sandbox.engines.docker import DockerEngine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import EngineUnavailable, SandboxFailure, SupervisorBroken
from sandbox.job import Job, Result, Work
from sandbox.run import run
from tests.exam_api.grades.conftest import ANSWERS, GOOD, HandIn, Room, Script, grade


async def grades_of(installation: Installation, script: Script) -> dict[str, Grade]:
    async with transaction(installation.sessions) as session:
        return await queries.current_grades(session, UUID(script.attempt))


async def count(installation: Installation) -> int:
    async with transaction(installation.sessions) as session:
        return await session.scalar(select(func.count()).select_from(Grade)) or 0


async def waiting_said(installation: Installation) -> list[int]:
    """What each AttemptGraded event said."""
    async with transaction(installation.sessions) as session:
        rows = await session.scalars(
            select(LedgerLine.data).where(LedgerLine.tag == AttemptGraded.tag).order_by(LedgerLine.id)
        )
        return [row["waiting"] for row in rows]


async def test_every_answer_goes_through_its_grader(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    found = await grades_of(installation, script)
    assert {name: (row.state, row.points) for name, row in found.items()} == {
        "pick": ("final", 1.0),
        "number": ("final", 2.0),
        "why": ("final", 2.0),
        "essay": ("ungraded", None),
        "program": ("final", 4.0),
    }
    assert found["essay"].cause == "person"
    assert await waiting_said(installation) == [1]


async def test_grading_twice_writes_once(hand_in: HandIn, workshop: Workshop, installation: Installation) -> None:
    script = await hand_in()
    await grade(workshop, script)
    await grade(workshop, script)
    assert await count(installation) == 5
    assert len(await waiting_said(installation)) == 1


async def test_the_newest_answer_counts_and_no_answer_is_blank(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in({"pick": {"choice": ["b"]}})
    await grade(workshop, script)
    found = await grades_of(installation, script)
    assert found["pick"].points == 0
    assert found["essay"].points == 0
    assert found["essay"].evidence == {"blank": True}
    assert all(row.state == "final" for row in found.values())


async def test_without_an_engine_code_waits_and_is_graded_when_one_appears(
    hand_in: HandIn, bare: Workshop, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(bare, script)
    program = (await grades_of(installation, script))["program"]
    assert (program.state, program.points, program.cause) == ("ungraded", None, "failure")
    assert "waits for a sandbox" in program.feedback
    await tasks.grade_waiting(bare, {})
    assert await count(installation) == 5, "nothing new was said"
    await tasks.grade_waiting(workshop, {})
    assert (await grades_of(installation, script))["program"].points == 4
    assert await waiting_said(installation) == [2, 1]


@pytest.mark.parametrize(
    ("failure", "said"),
    [(EngineUnavailable("unix:///nowhere"), "waits for a sandbox"), (SupervisorBroken("?"), "sandbox failed")],
)
async def test_a_failing_sandbox_is_never_a_zero(
    hand_in: HandIn, bare: Workshop, installation: Installation, failure: SandboxFailure, said: str
) -> None:
    script = await hand_in()
    await grade(replace(bare, run_job=partial(run, engine=ScriptedEngine(failure))), script)
    program = (await grades_of(installation, script))["program"]
    assert program.points is None
    assert said in program.feedback
    assert "nowhere" not in str(program.evidence)


async def test_a_bug_of_ours_spares_the_other_answers_and_quotes_no_answer(
    hand_in: HandIn, bare: Workshop, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(work: Work) -> Result:
        assert isinstance(work, Job)
        raise RuntimeError(f"cannot run {work.files}")

    script = await hand_in()
    with caplog.at_level(logging.ERROR, "exam_api.grades"):
        await grade(replace(bare, run_job=broken), script)
    found = await grades_of(installation, script)
    assert (found["program"].state, found["program"].cause) == ("ungraded", "failure")
    assert found["pick"].points == 1
    assert "RuntimeError" in caplog.text
    assert GOOD not in caplog.text


async def test_a_failure_never_takes_a_grade_away(
    hand_in: HandIn, workshop: Workshop, bare: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    await tasks.grade_again(bare, {"attempt_id": script.attempt})
    assert (await grades_of(installation, script))["program"].points == 4


async def test_a_regrade_is_a_new_entry_and_a_persons_grade_stays(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    body = {"points": 0.5, "reason": "Half of it was right."}
    (await room.instructor.client.put(f"{script.path}/grades/pick", json=body)).raise_for_status()
    before = await count(installation)
    (await room.instructor.client.post(f"{script.path}/regrade")).raise_for_status()
    await tasks.grade_again(workshop, {"attempt_id": script.attempt})
    found = await grades_of(installation, script)
    assert (found["pick"].points, found["pick"].grader) == (0.5, "person")
    assert await count(installation) == before + 4


async def test_a_person_who_grades_while_the_program_runs_wins(
    hand_in: HandIn, room: Room, bare: Workshop, engine: ScriptedEngine, installation: Installation
) -> None:
    """No transaction is open while a program runs, so nobody waits for it, and what it says then comes too late."""
    script = await hand_in()
    loop = asyncio.get_running_loop()

    async def grade_by_eye() -> None:
        body = {"points": 3, "reason": "Read by eye."}
        (await room.instructor.client.put(f"{script.path}/grades/program", json=body)).raise_for_status()

    def slow(work: Work) -> Result:
        asyncio.run_coroutine_threadsafe(grade_by_eye(), loop).result(timeout=20)
        return run(work, engine)

    await grade(replace(bare, run_job=slow), script)
    program = (await grades_of(installation, script))["program"]
    assert (program.points, program.grader) == (3, "person")
    await grade(replace(bare, run_job=slow), script)
    assert len(engine.jobs) == 1, "an answer that a person graded does not run again"


async def test_only_submitted_attempts_are_graded(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).status = "voided"
    await grade(workshop, script)
    await grade(workshop, Script(script.person, "00000000-0000-0000-0000-000000000000"))
    assert await count(installation) == 0


async def test_an_attempt_that_the_queue_lost_is_found(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    await hand_in()
    await tasks.grade_waiting(workshop, {})
    assert await count(installation) == 0, "its own job may still be on the way"
    later = replace(workshop, now=lambda: workshop.now() + timedelta(minutes=3))
    await tasks.grade_waiting(later, {})
    assert await count(installation) == 5


def test_what_a_program_printed_can_always_be_stored() -> None:
    assert queries.storable({"a\0": ["x\0\ud800", 1, None]}) == {"a\ufffd": ["x\ufffd?", 1, None]}


def test_the_worker_grades_what_was_submitted() -> None:
    assert tasks.grade_attempt in [follow.task for follow in AFTER[AttemptSubmitted]]
    assert [follow.task for follow in AFTER[RegradeAsked]] == [tasks.grade_again]


def docker_host() -> str | None:
    """Where a real engine may be."""
    told = os.environ.get("INVIGIL_DOCKER_HOST") or os.environ.get("DOCKER_HOST")
    socket = Path(__file__).parents[3] / "var" / "docker" / "docker.sock"
    return told or (f"unix://{socket}" if socket.exists() else None)


@pytest.fixture
def real(bare: Workshop) -> Iterator[Workshop]:
    """A machine with a real container engine and the runner image."""
    host = docker_host()
    if host is None:
        pytest.skip("no Docker engine here")
    with DockerEngine(host, owner="invigil-test-grades") as engine:
        try:
            assert engine.info("python")
        except SandboxFailure as error:
            pytest.skip(str(error))
        yield replace(bare, run_job=partial(run, engine=engine))


@pytest.mark.docker
@pytest.mark.parametrize(
    ("source", "points", "said"),
    [
        (GOOD, 4, "2 of 2 tests passed"),
        ("print(4)", 2, "1 of 2 tests passed"),
        ("while True: pass", 0, "0 of 2 tests passed"),
        ("print(open('/etc/shadow').read())", 0, "0 of 2 tests passed"),
    ],
)
async def test_a_real_container_judges_a_program(
    hand_in: HandIn,
    real: Workshop,
    installation: Installation,
    source: str,
    points: float,
    said: str,
) -> None:
    script = await hand_in({**ANSWERS, "program": {"source": source}})
    await grade(real, script)
    program = (await grades_of(installation, script))["program"]
    assert (program.state, program.points) == ("final", points)
    assert said in program.feedback
