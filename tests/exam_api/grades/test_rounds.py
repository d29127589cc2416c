"""The worker grades round by round: the candidate's program first, the author's checker on what it printed."""

from __future__ import annotations

from datetime import UTC, datetime
from os import urandom
from typing import Any, cast

import pytest

from exam_api.grades import tasks
from exam_api.installation import Workshop
from grading import Graded, Ungraded
from sandbox.errors import SandboxFailure
from sandbox.job import Job, Result, Work
from tests.grading.coded import CHECKER, Answer, code, coded, ended, rows, said

ITEM = code(tests=rows("a", stdin="1"), checker=CHECKER)


async def marked(judge: Answer | SandboxFailure) -> tuple[Any, list[Work]]:
    asked: list[Work] = []

    def run_job(work: Work) -> Result:
        asked.append(work)
        assert isinstance(work, Job)
        if len(asked) == 1:
            return ended(work, said("5"))
        if isinstance(judge, SandboxFailure):
            raise judge
        return ended(work, judge)

    nowhere = cast("Any", None)
    workshop = Workshop(nowhere, lambda: datetime.now(UTC), urandom, run_job=run_job, embed=None, analyser=None)
    return await tasks._mark(workshop, ITEM, {"source": "print(5)"}), asked


@pytest.mark.parametrize(("exit_code", "points"), [(42, 12), (43, 0)])
async def test_the_checker_runs_second_on_what_was_printed(exit_code: int, points: float) -> None:
    got, asked = await marked(coded(exit_code))
    assert isinstance(got, Graded)
    assert got.points == points
    program, checker = asked
    assert isinstance(program, Job)
    assert isinstance(checker, Job)
    assert program.files == {"main.py": b"print(5)"}
    assert b"print(5)" not in checker.files.values()
    assert checker.runs[0].stdin == b"5"


async def test_a_checker_that_breaks_is_for_a_person() -> None:
    got, _ = await marked(coded(3))
    assert isinstance(got, Ungraded)
    assert got.cause == "person"


async def test_a_sandbox_that_fails_half_way_is_ours_to_repeat() -> None:
    got, _ = await marked(SandboxFailure("gone"))
    assert isinstance(got, Ungraded)
    assert got.cause == "failure"
