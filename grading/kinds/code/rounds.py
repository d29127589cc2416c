"""What runs for an answer, round by round, and how far it has come. Pure: replaying the results leads to the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from grading.kinds.code import function, unit
from grading.kinds.code.groups import tree
from grading.kinds.code.submission import Submission, program_of
from grading.programs import judge
from grading.programs.compare import Comparison, Exact, Tokens
from grading.programs.problem import Author, Problem, ProblemLimits
from grading.programs.problem import Test as ProblemTest
from grading.programs.scoring import Case
from sandbox.job import EngineInfo, InteractionOutcome, Job, Outcome, Result, RunOutcome, Verdict, Work

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from grading.kinds.code.values import Test

ASIDE = ProblemLimits(check_seconds=10, check_memory_mib=512)
"""What a checker or an interactor may use for one test."""


@dataclass(frozen=True)
class Ran:
    """How far an answer is: the `works` that must run next (none: all has run), and the program's `runs` by number.

    `lost`: the sandbox stopped before all had run, or its results are not those of this answer's work. `engine` is what
    ran the program.
    """

    state: judge.State
    works: tuple[Work, ...]
    runs: Mapping[str, RunOutcome]
    lost: bool = False
    engine: EngineInfo | None = None


def replay(item: Code, submission: Submission, results: Sequence[Result], only: Sequence[Test] = ()) -> Ran:
    """Where the results so far lead; `only` these tests (none given: all)."""
    limits = item.limits_for(submission.language).limits()
    begun = judge.start(problem_of(item, only), program_of(item, submission))
    state = replace(begun, limits=limits)
    runs: dict[str, RunOutcome] = {}
    left = list(results)
    while works := judge.jobs(state):
        here, left = left[: len(works)], left[len(works) :]
        if not all(_answers(result, work) for result, work in zip(here, works, strict=False)):
            return Ran(state, works, runs, lost=True)
        runs.update(_program_runs(state, here))
        if len(here) < len(works):
            return Ran(state, works[len(here) :], runs)
        state = judge.step(state, here)
    return Ran(state, (), runs, _stopped(results), _engine(results))


def _engine(results: Sequence[Result]) -> EngineInfo | None:
    for first in results:
        return first.program.engine if isinstance(first, InteractionOutcome) else first.engine
    return None


def number_of(item: Code, test: Test) -> str:
    """What a test is called where the candidate's program runs: its own name may give something away."""
    return str(item.tests.index(test) + 1)


def problem_of(item: Code, only: Sequence[Test] = ()) -> Problem:
    chosen = only or item.tests
    tests = tuple(_test(item, number_of(item, test), test) for test in chosen)
    whole = tree(item)
    if only:
        whole = replace(whole, members=tuple(Case(test.name) for test in tests))
    return Problem(item.id, tests, whole, _author(item), scoring=True, limits=ASIDE, stop_early=False)


def _test(item: Code, number: str, test: Test) -> ProblemTest:
    if item.mode == "function":
        returned = function.Returned(item.tolerance)
        # Not one of the comparisons of outputs, but asked in the same way.
        compare = cast("Comparison", returned)
        return ProblemTest(number, function.stdin(item, test), function.wanted(test), compare=compare)
    if item.mode == "unit":
        return ProblemTest(number, b"", b"", not test.hidden, checker_args=(test.run,))
    files = {name: text.encode() for name, text in (test.files or {}).items()}
    stdin, expect = test.stdin.encode(), test.expect.encode()
    return ProblemTest(number, stdin, expect, not test.hidden, files=files, compare=_comparison(item))


def _comparison(item: Code) -> Comparison:
    if item.compare == "exact":
        return Exact()
    near = Decimal(repr(item.tolerance)) if item.compare == "float" else None
    return Tokens(absolute=near, relative=near)


def _author(item: Code) -> Author | None:
    if item.mode == "unit":
        return unit.author(item.unit_tests)
    if item.interactor:
        return Author(item.interactor.program(), "interactor", item.interactor.protocol)
    return Author(item.checker.program(), "checker", item.checker.protocol) if item.checker else None


def _answers(result: Result, work: Work) -> bool:
    if isinstance(work, Job):
        return isinstance(result, Outcome) and [run.name for run in result.runs] == [run.name for run in work.runs]
    # Where a side does not compile, or its container went, nobody ended first in the runs that never began.
    if not isinstance(result, InteractionOutcome) or len(result.first) > len(work.program.runs):
        return False
    return _answers(result.program, work.program) and _answers(result.interactor, work.interactor)


def _program_runs(state: judge.State, results: Sequence[Result]) -> Iterator[tuple[str, RunOutcome]]:
    waiting = {one.test.name for one in state.tests if one.phase == "run"}
    for result in results:
        outcome = result.program if isinstance(result, InteractionOutcome) else result
        yield from ((run.name, run) for run in outcome.runs if run.name in waiting)


def _stopped(results: Sequence[Result]) -> bool:
    """Whether a container went before its time. A side that does not compile leaves the other's runs skipped, too."""
    for result in results:
        sides = (result.program, result.interactor) if isinstance(result, InteractionOutcome) else (result,)
        if not any(_has(side, Verdict.COMPILE_ERROR) for side in sides) and any(
            _has(side, Verdict.SKIPPED) for side in sides
        ):
            return True
    return False


def _has(outcome: Outcome, verdict: Verdict) -> bool:
    return any(run.verdict is verdict for run in outcome.runs)
