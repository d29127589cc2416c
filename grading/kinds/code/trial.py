"""A candidate's own "Run": on the sample tests, or on an input of their own. Never anything of a hidden test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grading.errors import ResponseError
from grading.kinds.code import function, rounds
from grading.kinds.code.forbid import remarks
from grading.kinds.code.submission import program_of, read_submission
from grading.kinds.code.texts import end_of, start_of
from grading.kinds.code.values import MAX_CHARS
from grading.kinds.code.words import ENDINGS, OTHER_OUTPUT, ending_of_call, words_of_talk
from grading.programs.checker import Checked, read_check
from grading.programs.interactive import read_interaction
from grading.programs.verdict import Judgement
from grading.reading import storable
from sandbox.job import InteractionOutcome, Outcome, Result, Run, RunOutcome, Verdict, Work

if TYPE_CHECKING:
    from grading.kinds.base import Response
    from grading.kinds.code.item import Code
    from grading.kinds.code.values import Test

OWN = "own"
SHOWN = 8_000
OWN_ENDINGS = {**ENDINGS, Verdict.SET_UP_FAILED: "the input could not set the database up"}
LATER = "the output is judged after the exam has been handed in"


@dataclass(frozen=True)
class TrialTest:
    """One run. `name` is "" for an input of the candidate's own.

    `passed` is None where nothing is known: an own input, or an output that a checker will judge. `said` tells in words
    what went wrong, "" where nothing did. `cpu_seconds`, `wall_seconds` and `peak_bytes` are what the run used.
    """

    name: str
    passed: bool | None
    said: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    stdin: str
    expected: str
    printed: str
    stderr: str


@dataclass(frozen=True)
class Trial:
    """What a "Run" has shown; `dataclasses.asdict` makes it JSON. All texts are cleaned and cut."""

    compiled: bool
    compile_log: str
    tests: tuple[TrialTest, ...]


def trial(item: Code, response: Response, stdin: str | None) -> Work:
    """What to run: the sample tests (`stdin` None), or one run on an input of the candidate's own.

    Raises `ResponseError` where the answer cannot run, there are no sample tests, or the input does not fit.
    """
    submission = read_submission(item, response)
    if stdin is None:
        samples = samples_of(item)
        if not samples:
            raise ResponseError("this item has no sample tests; run the program on an input of your own")
        # Everything fits one piece of work: samples are few, and 100 runs at most.
        return _bare(rounds.replay(item, submission, (), samples).works)
    if item.mode == "unit":
        raise ResponseError("this program is called by the tests, so it takes no input of your own")
    if item.interactor:
        raise ResponseError("this program talks to another one, so it takes no input of your own")
    if len(stdin) > MAX_CHARS or not storable(stdin):
        raise ResponseError(f"an input has at most {MAX_CHARS:,} characters, and no NUL")
    given = function.own_stdin(item, stdin) if item.mode == "function" else stdin.encode()
    limits = item.limits_for(submission.language).limits()
    return program_of(item, submission).job([Run(OWN, given)], limits)


def _bare(works: tuple[Work, ...]) -> Work:
    """The first piece: very large samples are more than one, and the rest is left to the grading."""
    return works[0]


def samples_of(item: Code) -> tuple[Test, ...]:
    return tuple(test for test in item.tests if not test.hidden)


def remarks_on(item: Code, response: Response) -> tuple[str, ...]:
    """What the answer uses although the exercise asks not to, in words. Raises `ResponseError`."""
    return tuple(remark.text() for remark in remarks(item.forbid, read_submission(item, response)))


def check_trial(item: Code, response: Response, result: Result) -> Work | None:
    """What the author's checker has to judge of `trial`'s result, in a jail of its own; None where there is nothing."""
    if item.checker is None or not isinstance(result, Outcome) or any(run.name == OWN for run in result.runs):
        return None
    ran = rounds.replay(item, read_submission(item, response), (result,), samples_of(item))
    judged_next = ran.works and not any(one.phase == "run" for one in ran.state.tests)
    return ran.works[0] if judged_next else None


def read_trial(item: Code, result: Result, checked: Result | None = None) -> Trial:
    """What to tell the candidate about the result of `trial`'s work, and of `check_trial`'s where there was any."""
    outcome = result.program if isinstance(result, InteractionOutcome) else result
    compiled = not any(run.verdict is Verdict.COMPILE_ERROR for run in outcome.runs)
    said = {run.name: run for run in checked.runs} if isinstance(checked, Outcome) else {}
    tests = tuple(_tests(item, result, said)) if compiled else ()
    return Trial(compiled, end_of(outcome.compile_log, SHOWN), tests)


def _tests(item: Code, result: Result, checked: Mapping[str, RunOutcome]) -> Iterator[TrialTest]:
    if isinstance(result, InteractionOutcome):
        protocol = item.interactor.protocol if item.interactor else "kattis"
        talks = read_interaction(result, protocol)
        for run, talk in zip(result.program.runs, talks, strict=True):
            seen = _sample(item, run, None)
            passed = None if talk.judgement is Judgement.JE else talk.judgement is Judgement.AC
            no = words_of_talk(item)
            bad = no if talk.judgement is Judgement.WA else ENDINGS.get(run.verdict, no)
            called = start_of(talk.check.told, SHOWN) if item.mode == "unit" and isinstance(talk.check, Checked) else ""
            yield replace(seen, passed=passed, said="" if passed else bad, printed=called or seen.printed)
        return
    for run in result.runs:
        yield _own(item, run) if run.name == OWN else _sample(item, run, checked.get(run.name))


def _own(item: Code, run: RunOutcome) -> TrialTest:
    said = OWN_ENDINGS.get(run.verdict, "")
    if item.mode == "function" and not said and function.came(run.stdout).ending != "value":
        said = ending_of_call(run)
    return _seen(item, run, None, said)


def _sample(item: Code, run: RunOutcome, checked: RunOutcome | None) -> TrialTest:
    # Never trusted to be a sample only because it came back: a hidden test is not looked up at all.
    test = next(test for test in samples_of(item) if rounds.number_of(item, test) == run.name)
    if run.verdict is not Verdict.OK:
        return _seen(item, run, test, ENDINGS[run.verdict], passed=False)
    if item.checker:
        return _checked(item, _seen(item, run, test, LATER), checked)
    asked = rounds.problem_of(item, [test]).tests[0]
    passed = asked.compare.accepts(run.stdout, asked.answer)
    wrong = ending_of_call(run) if item.mode == "function" else OTHER_OUTPUT
    return _seen(item, run, test, "" if passed else wrong, passed=passed)


def _checked(item: Code, seen: TrialTest, run: RunOutcome | None) -> TrialTest:
    """With what the checker said, unless it broke: then the output is judged later, by somebody."""
    check = read_check(run, item.checker.protocol) if item.checker and run else None
    if not isinstance(check, Checked):
        return seen
    told = "\n".join(filter(None, ["" if check.accepted else OTHER_OUTPUT, start_of(check.told, SHOWN)]))
    return replace(seen, passed=check.accepted, said=told)


def _seen(item: Code, run: RunOutcome, test: Test | None, said: str, *, passed: bool | None = None) -> TrialTest:
    called = item.mode == "function"
    printed = start_of(function.came(run.stdout).text() if called else run.stdout, SHOWN)
    stdin = expected = ""
    if test is not None:
        stdin = function.call_text(item, test) if called else test.stdin
        expected = function.wanted_text(test) if called else test.expect
    return TrialTest(
        name=test.name if test else "",
        passed=None if run.verdict in (Verdict.SKIPPED, Verdict.SET_UP_FAILED) else passed,
        said=said,
        cpu_seconds=run.cpu_seconds,
        wall_seconds=run.wall_seconds,
        peak_bytes=run.peak_bytes,
        stdin=start_of(stdin, SHOWN),
        expected=start_of(expected, SHOWN),
        printed=printed,
        stderr=end_of(run.stderr, SHOWN),
    )
