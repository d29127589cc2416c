"""Code items, and answers in the place of a sandbox, for the tests of what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grading import Graded, grade, plan, read_item
from grading.kinds.code import Code
from grading.mark import Grade
from sandbox.job import (
    EngineInfo,
    Interaction,
    InteractionOutcome,
    Job,
    Outcome,
    Result,
    Run,
    RunOutcome,
    Verdict,
    Work,
)
from tests.grading.samples import CODE

ENGINE = EngineInfo("image", "runc", "docker", "6.1")
MULTIPLIER = "feedback/score_multiplier.txt"
Answer = Callable[[Run], RunOutcome]
CHECKER = {"language": "python", "source": "# checker"}


def said(text: str = "", **changes: Any) -> Answer:
    changes = {"verdict": Verdict.OK, "exit_code": 0, **changes}
    return lambda run: RunOutcome(run.name, stdout=text.encode(), **changes)


def coded(code: int, **files: bytes) -> Answer:
    left = {name.replace("__", "/").replace("_txt", ".txt"): data for name, data in files.items()}
    return lambda run: RunOutcome(run.name, Verdict.RUNTIME_ERROR if code else Verdict.OK, code, files=left)


def each(answers: Mapping[str, Answer]) -> Answer:
    return lambda run: answers[run.name](run)


YES = coded(42)


def went(item: Code, program: Answer, judge: Answer = YES, response: Any = None) -> tuple[Grade, list[Result]]:
    """Grade round by round, with these answers in the place of a sandbox."""
    response = response or {"source": "print(1)"}
    results: list[Result] = []
    while works := plan(item, response, results):
        results += [answered(work, program, judge) for work in works]
    return grade(item, response, results), results


def answered(work: Work, program: Answer, judge: Answer) -> Result:
    if isinstance(work, Interaction):
        sides = ended(work.program, program), ended(work.interactor, judge)
        return InteractionOutcome(*sides, tuple("interactor" for _ in work.program.runs))
    is_judge = any(data == b"# checker" for data in work.files.values())
    return ended(work, judge if is_judge else program)


def ended(job: Job, answer: Answer) -> Outcome:
    return Outcome(tuple(map(answer, job.runs)), ENGINE)


def code(**changes: Any) -> Code:
    item = read_item({**CODE, "points": 12, "starter": "", **changes})
    assert isinstance(item, Code)
    return item


def rows(*names: str, **each: Any) -> list[dict[str, Any]]:
    return [{"name": name, "expect": "1", "hidden": True, **each} for name in names]


def graded(item: Code, *rest: Any) -> Graded:
    got, _ = went(item, *rest)
    assert isinstance(got, Graded), got
    return got
