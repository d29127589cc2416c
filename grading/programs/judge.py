"""Judge a submission in rounds: what must run now, and what its results lead to. Pure; running is somebody else's line.

    state = start(problem, program, seconds)
    while works := jobs(state):
        state = step(state, [run(work) for work in works])
    judged = verdict(state)

Round by round, because a checker needs the output, another pass needs the checker, and tests that no longer matter
are not run at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from grading.programs.checker import SHOWN, Check, CheckerBroke, ToCheck, check_job, read_check
from grading.programs.errors import NotSupported
from grading.programs.interactive import Talk, interaction, read_interaction
from grading.programs.problem import Problem, Submission, Test
from grading.programs.program import Program, is_known
from grading.programs.scoring import Result, Scored, decided, score
from grading.programs.verdict import ENDINGS, Judgement
from sandbox.job import BOUNDS, Interaction, InteractionOutcome, Job, Limits, Outcome, Run, RunOutcome, Verdict, Work
from sandbox.job import Result as Ran

MIB = 1024 * 1024
CHUNK_RUNS, CHUNK_BYTES, CHUNK_FILES = 100, 24 * MIB, 400
CHUNK_SECONDS = 30.0  # that one piece of work may take when every run in it needs all its time
DEFAULT_SECONDS = 10.0
TALK_EXTRA = 5.0  # seconds that an interactor may go on when the program's time is over


@dataclass(frozen=True)
class Progress:
    """One test on its way: what happens next to it, in which pass, on which input, with what the checker left."""

    test: Test
    phase: Literal["run", "check", "done"] = "run"
    input: bytes = b""
    output: bytes = b""
    passes: int = 1
    feedback: Mapping[str, bytes] = field(default_factory=dict)
    judgement: Judgement = Judgement.SK
    points: Fraction | None = None
    share: Fraction | None = None
    message: str = ""
    told: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True)
class State:
    """How far the judging is. `seconds` is the time limit where the problem has none of its own."""

    problem: Problem
    program: Program
    limits: Limits
    tests: tuple[Progress, ...]
    compile_log: str = ""
    stopped: bool = False


@dataclass(frozen=True)
class Judged:
    """The end: the whole verdict, the points (None in a problem without), and every test by itself.

    JE: the judge broke, see `problems`; that is for a person to look at and never counts as wrong. A test that ran
    and, by the problem's rules, should not have is SK.
    """

    judgement: Judgement
    score: Fraction | None
    tests: tuple[Progress, ...]
    scored: Scored
    compile_log: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """One piece of work, and the tests whose runs it holds, in order."""

    work: Work
    names: tuple[str, ...]
    kind: Literal["run", "talk", "check"]


def program_of(problem: Problem, submission: Submission) -> Program | str:
    """What a submission runs as, with the files that the problem gives to each; or why it cannot be judged here."""
    if submission.refused:
        return submission.refused
    found = submission.sources.found()
    if found is None:
        return "none of its files tells a language that is known here"
    given = {**problem.include.get("default", {}), **problem.include.get(found.language, {})}
    if given:
        found = replace(submission.sources, files={**found.files, **given}, language=found.language).found() or found
    if not is_known(found.language):
        return f"the sandbox has no {found.language}"
    if problem.languages and found.language not in problem.languages:
        return f"the problem does not allow {found.language}"
    return found


def start(problem: Problem, program: Program, seconds: float = DEFAULT_SECONDS) -> State:
    """Raises `NotSupported` where the problem's own program needs a language that the sandbox lacks."""
    if problem.author and not is_known(problem.author.program.language):
        raise NotSupported(problem.author.role, f"the sandbox has no {problem.author.program.language}")
    tests = tuple(Progress(test, input=test.input) for test in problem.tests)
    return State(problem, program, problem.limits.limits(program.language, seconds), tests)


def jobs(state: State) -> tuple[Work, ...]:
    """What must run now; nothing when all is known. Raises `InvalidJob` where a single test is too large."""
    return tuple(batch.work for batch in _batches(state))


def step(state: State, results: Sequence[Ran]) -> State:
    """The state after the results of `jobs(state)`, in order."""
    changed: dict[str, Progress] = {}
    tests = {one.test.name: one for one in state.tests}
    log = state.compile_log
    failed = False
    for batch, result in zip(_batches(state), results, strict=True):
        ours = [tests[name] for name in batch.names]
        if batch.kind == "talk" and isinstance(result, InteractionOutcome):
            changed.update(_after_talk(state.problem, ours, result))
            log, failed = result.program.compile_log or log, failed or _not_compiled(result.program)
        elif isinstance(result, Outcome) and batch.kind == "run":
            changed.update(_after_run(state.problem, ours, result))
            log, failed = result.compile_log or log, failed or _not_compiled(result)
        elif isinstance(result, Outcome):
            changed.update(_after_check(state.problem, ours, result))
    now = tuple(changed.get(one.test.name, one) for one in state.tests)
    if failed:
        now = tuple(replace(one, phase="done", judgement=Judgement.CE) for one in now)
    return replace(state, tests=now, compile_log=log, stopped=failed)


def verdict(state: State) -> Judged:
    """What has come of it."""
    results = _results(state)
    scored = score(state.problem.tree, results)
    judgement = Judgement.CE if state.stopped else scored.judgement
    counted = {one.name for one in scored.flat() if one.judgement is not Judgement.SK}
    tests = (
        state.tests
        if state.stopped
        else tuple(one if one.test.name in counted else replace(one, judgement=Judgement.SK) for one in state.tests)
    )
    problems = [f"{one.test.name}: {one.message}" for one in tests if one.judgement is Judgement.JE]
    if judgement is Judgement.SK:  # a group was left out because of tests that do not count themselves
        bad = (one.judgement for one in state.tests if one.judgement not in (Judgement.AC, Judgement.SK))
        judgement = next(bad, Judgement.SK)
    points = scored.score if state.problem.scoring else None
    return Judged(judgement, points, tests, scored, state.compile_log, (*problems, *scored.problems()))


# --- what runs ------------------------------------------------------------------------------------------------------


def _batches(state: State) -> Iterator[Batch]:
    idle = decided(state.problem.tree, _results(state)) if state.problem.stop_early else frozenset[str]()
    open_tests = [one for one in state.tests if one.phase != "done" and one.test.name not in idle]
    to_run = [one for one in open_tests if one.phase == "run"]
    to_check = [one for one in open_tests if one.phase == "check"]
    yield from _chunks(state, to_check, "check")
    # What is being checked may make the rest superfluous, so no new runs before that is known.
    if to_run and not (to_check and state.problem.stop_early):
        chunks = _chunks(state, to_run, "talk" if state.problem.interactive else "run")
        if state.problem.stop_early:
            yield next(chunks)
        else:
            yield from chunks


def _chunks(state: State, tests: Sequence[Progress], kind: Literal["run", "talk", "check"]) -> Iterator[Batch]:
    most = (
        max(1, int(CHUNK_SECONDS / state.limits.wall_seconds))
        if kind != "check" and state.problem.stop_early
        else CHUNK_RUNS
    )
    builders: dict[str, Callable[[State, Sequence[Progress]], Work]] = {
        "run": _run_job,
        "talk": _talks,
        "check": _check_job,
    }
    build = builders[kind]
    chunk: list[Progress] = []
    size = files = 0
    for one in tests:
        weight = len(one.input) + len(one.test.answer) + len(one.output) + sum(map(len, one.test.files.values()))
        count = 12 + len(one.test.files)  # files of one run at most: input, answer, output, the feedback folder
        if chunk and (
            len(chunk) >= min(most, CHUNK_RUNS) or size + weight > CHUNK_BYTES or files + count > CHUNK_FILES
        ):
            yield Batch(build(state, chunk), _names(chunk), kind)
            chunk, size, files = [], 0, 0
        chunk.append(one)
        size, files = size + weight, files + count
    if chunk:
        yield Batch(build(state, chunk), _names(chunk), kind)


def _names(tests: Sequence[Progress]) -> tuple[str, ...]:
    return tuple(one.test.name for one in tests)


def _run_job(state: State, tests: Sequence[Progress]) -> Job:
    return state.program.job(
        [Run(one.test.name, one.input, one.test.args, one.test.files) for one in tests], state.limits
    )


def _check_job(state: State, tests: Sequence[Progress]) -> Job:
    author = state.problem.author
    assert author is not None
    cases = [
        ToCheck(one.test.name, one.input, one.test.answer, one.output, one.test.checker_args, one.feedback)
        for one in tests
    ]
    return check_job(author.program, cases, state.problem.limits.check_limits(), author.protocol)


def _talks(state: State, tests: Sequence[Progress]) -> Interaction:
    author = state.problem.author
    assert author is not None
    talks = [
        Talk(one.test.name, one.input, one.test.answer, one.test.checker_args, one.test.args, one.feedback)
        for one in tests
    ]
    ours = state.problem.limits.check_limits()
    # The interactor waits while the program computes. What it still says long after the program has ended is late.
    # What it says is the program's input, which may be as large as any.
    wall = min(900.0, state.limits.wall_seconds + TALK_EXTRA)
    ours = replace(ours, wall_seconds=wall, output_bytes=int(BOUNDS["output_bytes"][1]))
    return interaction(state.program, author.program, talks, state.limits, ours, author.protocol)


# --- what the results say -------------------------------------------------------------------------------------------


def _results(state: State) -> dict[str, Result]:
    done = (one for one in state.tests if one.phase == "done")
    return {one.test.name: Result(one.judgement, one.points, one.share) for one in done}


def _not_compiled(outcome: Outcome) -> bool:
    return any(run.verdict is Verdict.COMPILE_ERROR for run in outcome.runs)


def _used(test: Progress, run: RunOutcome) -> Progress:
    """The most of any pass."""
    return replace(
        test,
        cpu_seconds=max(test.cpu_seconds, run.cpu_seconds),
        wall_seconds=max(test.wall_seconds, run.wall_seconds),
        peak_bytes=max(test.peak_bytes, run.peak_bytes),
    )


def _after_run(problem: Problem, tests: Sequence[Progress], outcome: Outcome) -> Iterator[tuple[str, Progress]]:
    for one, run in zip(tests, outcome.runs, strict=True):
        now = _used(one, run)
        if run.verdict is not Verdict.OK:
            now = replace(now, phase="done", judgement=ENDINGS[run.verdict], message=_whose_fault(run))
        elif problem.author is not None:
            now = replace(now, phase="check", output=run.stdout)
        else:
            accepted = one.test.compare.accepts(run.stdout, one.test.answer)
            now = replace(now, phase="done", judgement=Judgement.AC if accepted else _wrong(run.stdout))
        yield one.test.name, now


def _whose_fault(run: RunOutcome) -> str:
    """What to tell a person about an ending that is not the program's; "" where it is."""
    if run.verdict is Verdict.SET_UP_FAILED:
        return run.stderr[:SHOWN].decode(errors="replace").strip() or "the test's own set-up failed"
    return "the sandbox stopped before this test had run" if run.verdict is Verdict.SKIPPED else ""


def _wrong(output: bytes) -> Judgement:
    return Judgement.WA if output else Judgement.NO


def _after_check(problem: Problem, tests: Sequence[Progress], outcome: Outcome) -> Iterator[tuple[str, Progress]]:
    protocol = problem.author.protocol if problem.author else "kattis"
    for one, run in zip(tests, outcome.runs, strict=True):
        yield one.test.name, _checked(problem, one, read_check(run, protocol), _wrong(one.output))


def _after_talk(
    problem: Problem, tests: Sequence[Progress], outcome: InteractionOutcome
) -> Iterator[tuple[str, Progress]]:
    protocol = problem.author.protocol if problem.author else "kattis"
    talked = read_interaction(outcome, protocol)
    for one, run, talk in zip(tests, outcome.program.runs, talked, strict=True):
        now = _used(one, run)
        if talk.judgement in (Judgement.AC, Judgement.WA, Judgement.JE):
            yield one.test.name, _checked(problem, now, talk.check, Judgement.WA)
        else:
            yield one.test.name, replace(now, phase="done", judgement=talk.judgement)


def _checked(problem: Problem, test: Progress, check: Check, wrong: Judgement) -> Progress:
    """What the checker said ends the test, or asks for another pass."""
    if isinstance(check, CheckerBroke):
        who = problem.author.role if problem.author else "checker"
        said = f" ({check.message})" if check.message else ""
        return replace(test, phase="done", judgement=Judgement.JE, message=f"the {who} broke: {check.reason}{said}")
    test = replace(test, message=check.message, told=check.told, output=b"")
    if check.next_input is not None and problem.multi_pass:
        if test.passes >= problem.limits.passes:
            said = (
                f"the {problem.author.role if problem.author else ''} asks for more than {problem.limits.passes} passes"
            )
            return replace(test, phase="done", judgement=Judgement.JE, message=said)
        return replace(test, phase="run", input=check.next_input, passes=test.passes + 1, feedback=check.feedback)
    given = problem.scoring and (check.accepted or problem.flavour == "domjudge")
    return replace(
        test,
        phase="done",
        judgement=Judgement.AC if check.accepted else wrong,
        points=check.score if given else None,
        share=check.share if given else None,
    )
