"""Judging in rounds, on scripted outcomes: what runs when, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from grading.programs.errors import NotSupported
from grading.programs.judge import Judged, jobs, program_of, start, step, verdict
from grading.programs.kattis import read_kattis
from grading.programs.problem import Problem, Submission
from grading.programs.program import Program, Sources
from grading.programs.verdict import Judgement
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
from tests.grading.programs.packages import GUESS, NEAR, TWICE, package, plain, scored

PROGRAM = Program("python", {"main.py": b"x"}, "main.py")
ENGINE = EngineInfo("image", "runc", "docker", "6.1")
AC, WA, NO, TLE, SK, CE, JE = (Judgement(name) for name in ("AC", "WA", "NO", "TLE", "SK", "CE", "JE"))
Answer = Callable[[Run], RunOutcome]


def said(text: str) -> Answer:
    return lambda run: RunOutcome(run.name, Verdict.OK, 0, stdout=text.encode())


def adds(run: Run) -> RunOutcome:
    return RunOutcome(run.name, Verdict.OK, 0, stdout=str(sum(map(int, run.stdin.split()))).encode(), cpu_seconds=0.5)


def ends(verdict: Verdict, code: int | None = None, **files: bytes) -> Answer:
    left = {f"feedback/{name.replace('_', '.')}": data for name, data in files.items()}
    return lambda run: RunOutcome(run.name, verdict, code, files=left)


def is_check(job: Job) -> bool:
    return job.entry != "main.py"


def judged(problem: Problem, program: Answer, checker: Answer | None = None, works: list[Work] | None = None) -> Judged:
    """Rounds until nothing is left, answered by two functions."""
    works = [] if works is None else works
    state = start(problem, PROGRAM)
    while new := jobs(state):
        works.extend(new)
        state = step(state, [answered(work, program, checker or program) for work in new])
    return verdict(state)


def answered(work: Work, program: Answer, checker: Answer) -> Result:
    if isinstance(work, Interaction):
        one, two = (answered(job, program, checker) for job in (work.program, work.interactor))
        assert isinstance(one, Outcome)
        assert isinstance(two, Outcome)
        return InteractionOutcome(one, two, tuple("interactor" for _ in one.runs))
    return Outcome(tuple((checker if is_check(work) else program)(run) for run in work.runs), ENGINE, "log")


def test_every_test_keeps_its_own_verdict() -> None:
    problem = read_kattis(package(plain()))
    problem = replace(problem, stop_early=False, tree=replace(problem.tree, stop=False))

    def second_is_slow(run: Run) -> RunOutcome:
        return RunOutcome(run.name, Verdict.TIME_LIMIT) if run.name == "secret/a" else adds(run)

    got = judged(problem, second_is_slow)
    assert [one.judgement for one in got.tests] == [AC, TLE, AC]
    assert (got.judgement, got.score) == (TLE, None)
    assert got.tests[0].cpu_seconds == 0.5


@pytest.mark.parametrize(
    ("answer", "judgement"),
    [
        (adds, AC), (said("7"), WA), (said(""), NO), (ends(Verdict.MEMORY_LIMIT), Judgement.MLE),
        (ends(Verdict.OUTPUT_LIMIT), Judgement.OLE), (ends(Verdict.BLOCKED), Judgement.RTE), (ends(Verdict.WALL_LIMIT), TLE),
        (ends(Verdict.COMPILE_ERROR), CE), (ends(Verdict.SKIPPED), JE),
    ],
)  # fmt: skip
def test_verdicts(answer: Answer, judgement: Judgement) -> None:
    got = judged(read_kattis(package(plain())), answer)
    assert got.judgement is judgement
    assert bool(got.problems) is (judgement is JE)


def test_neither_answers_nor_checkers_reach_the_program() -> None:
    works: list[Work] = []
    problem = read_kattis(
        package(
            scored()
            | {"output_validators/near.py": NEAR, "problem.yaml": "name: x\ntype: scoring\nvalidation: custom\n"}
        )
    )
    judged(problem, adds, ends(Verdict.RUNTIME_ERROR, 42), works)
    for work in works:
        assert isinstance(work, Job)
        if not is_check(work):
            assert set(work.files) == {"main.py"}
            assert all(run.files == {} for run in work.runs)
            assert work.collect == ()


def custom(*, scoring: bool = False, words: str = "custom", validator: bytes = NEAR) -> Problem:
    text = f"name: x\nvalidation: {words}\ntype: {'scoring' if scoring else 'pass-fail'}\nlimits: {{validation_passes: 3}}\n"
    base = scored() if scoring else plain()
    extra = (
        {"data/secret/easy/testdata.yaml": "{}", "data/secret/hard/testdata.yaml": "range: 0 100"} if scoring else {}
    )
    return read_kattis(package(base | {"problem.yaml": text, "output_validators/check.py": validator} | extra))


def test_a_checker_decides_and_scores() -> None:
    assert judged(custom(), said("x"), ends(Verdict.RUNTIME_ERROR, 42)).judgement is AC
    assert judged(custom(), said("x"), ends(Verdict.RUNTIME_ERROR, 43)).judgement is WA
    assert judged(custom(), said(""), ends(Verdict.RUNTIME_ERROR, 43)).judgement is NO
    got = judged(custom(scoring=True), said("x"), ends(Verdict.RUNTIME_ERROR, 42, score_txt=b"12.5"))
    assert (got.judgement, got.score) == (AC, Fraction("37.5"))
    none = judged(custom(scoring=True), said("x"), ends(Verdict.RUNTIME_ERROR, 42))
    assert none.judgement is JE
    assert "gave no score" in none.problems[0]


@pytest.mark.parametrize(
    "checker", [ends(Verdict.OK, 0), ends(Verdict.TIME_LIMIT), ends(Verdict.COMPILE_ERROR), ends(Verdict.SKIPPED)]
)
def test_a_broken_checker_is_nobodys_wrong_answer(checker: Answer) -> None:
    got = judged(custom(), said("x"), checker)
    assert got.judgement is JE
    assert "the checker broke" in got.problems[0]


def test_a_program_that_crashed_is_not_checked() -> None:
    works: list[Work] = []
    judged(custom(), ends(Verdict.RUNTIME_ERROR, 1), ends(Verdict.RUNTIME_ERROR, 42), works)
    assert not any(is_check(work) for work in works if isinstance(work, Job))


def test_passes_go_on_until_the_checker_has_enough() -> None:
    problem = replace(custom(words="custom multi-pass", validator=TWICE), stop_early=False)
    inputs: list[bytes] = []
    checks: list[Run] = []

    def program(run: Run) -> RunOutcome:
        inputs.append(run.stdin)
        return RunOutcome(run.name, Verdict.OK, 0, stdout=b"2")

    def checker(run: Run) -> RunOutcome:
        checks.append(run)
        more = len(checks) <= 3
        files = {"feedback/judgemessage.txt": b"so far"} | ({"feedback/nextpass.in": b"again"} if more else {})
        return RunOutcome(run.name, Verdict.RUNTIME_ERROR, 42, files=files)

    got = judged(problem, program, checker)
    assert got.judgement is AC
    assert [one.passes for one in got.tests] == [2, 2, 2]
    assert inputs.count(b"again") == 3
    assert checks[-1].files["feedback/judgemessage.txt"] == b"so far"
    assert checks[-1].files["test.in"] == b"again"


def test_passes_without_end_are_the_packages_fault() -> None:
    problem = custom(words="custom multi-pass", validator=TWICE)
    got = judged(problem, said("2"), ends(Verdict.RUNTIME_ERROR, 42, nextpass_in=b"x"))
    assert got.judgement is JE
    assert "more than 3 passes" in got.problems[0]


def test_an_interactive_problem() -> None:
    problem = custom(words="custom interactive", validator=GUESS)
    works: list[Work] = []
    assert judged(problem, said(""), ends(Verdict.RUNTIME_ERROR, 42), works).judgement is AC
    assert all(isinstance(work, Interaction) for work in works)
    assert judged(problem, ends(Verdict.TIME_LIMIT), ends(Verdict.RUNTIME_ERROR, 43)).judgement is WA
    assert judged(problem, ends(Verdict.COMPILE_ERROR), ends(Verdict.SKIPPED)).judgement in (CE, JE)


def test_tests_that_no_longer_matter_do_not_run() -> None:
    """With a limit of 30 s one piece of work holds one test, so the rest can be spared after the first that fails."""
    files = plain() | {".timelimit": "30", "data/testdata.yaml": "on_reject: break\n"}
    works: list[Work] = []
    problem = read_kattis(package(files), "kattis")
    got = judged(problem, said("wrong"), works=works)
    assert [one.judgement for one in got.tests] == [WA, SK, SK]
    assert len(works) == 1


def test_large_tests_go_in_pieces() -> None:
    files = plain() | {
        f"data/secret/x{number}.{end}": bytes(10 * 1024 * 1024) for number in range(4) for end in ("in", "ans")
    }
    problem = replace(read_kattis(package(files)), stop_early=False)
    works = jobs(start(problem, PROGRAM))
    assert len(works) >= 3
    assert [run.name for work in works if isinstance(work, Job) for run in work.runs] == [
        test.name for test in problem.tests
    ]


@pytest.mark.parametrize(
    ("submission", "why"),
    [
        (Submission("a", Sources({"a.adb": b""})), "tells a language"),
        (Submission("a", Sources({"a.py": b""}, "cobol")), "no cobol"),
        (Submission("a", Sources({"a.py": b""}), refused="it has two annotations"), "two annotations"),
        (Submission("a", Sources({"a.c": b""})), "does not allow c"),
    ],
)
def test_what_cannot_be_judged_is_said(submission: Submission, why: str) -> None:
    problem = replace(read_kattis(package(plain())), languages=("python",))
    found = program_of(problem, submission)
    assert isinstance(found, str)
    assert why in found


def test_included_files_take_the_place_of_the_submissions() -> None:
    problem = replace(
        read_kattis(package(plain())), include={"python": {"main.py": b"driver"}, "default": {"data.txt": b"x"}}
    )
    program = program_of(problem, Submission("a", Sources({"answer.py": b"", "main.py": b"mine"})))
    assert isinstance(program, Program)
    assert program.entry == "main.py"
    assert program.files == {"answer.py": b"", "main.py": b"driver", "data.txt": b"x"}


def test_a_checker_in_a_language_that_is_lacking() -> None:
    problem = custom()
    assert problem.author is not None
    lacking = replace(problem, author=replace(problem.author, program=Program("cobol", {"a": b""}, "a")))
    with pytest.raises(NotSupported, match="no cobol"):
        start(lacking, PROGRAM)
