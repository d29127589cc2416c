"""What a candidate sees of a "Run" during the exam, and whether a reference solution lets an item be published."""

from __future__ import annotations

import pytest

from grading.kinds.code import Code
from grading.kinds.code.reference import check_reference, read_reference
from grading.kinds.code.trial import check_trial, read_trial, trial
from sandbox.job import Job, Outcome, Result, RunOutcome, Verdict
from tests.grading.coded import CHECKER, ENGINE, Answer, answered, code, coded, ended, rows, said

# --- a "Run" during the exam ---

BOTH = [{"name": "a", "stdin": "2", "expect": "4"}, {"name": "b", "stdin": "99", "expect": "198", "hidden": True}]


ANSWER = {"source": "print(1)"}


def work_of(item: Code, stdin: str | None) -> Job:
    work = trial(item, ANSWER, stdin)
    assert isinstance(work, Job)
    return work


def test_a_run_on_the_samples_leaves_hidden_tests_out() -> None:
    item = code(tests=BOTH)
    work = trial(item, {"source": "print(1)"}, None)
    assert isinstance(work, Job)
    assert [(run.name, run.stdin) for run in work.runs] == [("1", b"2")]
    for printed, passed in (("4", True), ("5", False)):
        found = read_trial(item, ended(work, said(printed)))
        assert [(one.name, one.passed, one.printed, one.expected) for one in found.tests] == [
            ("a", passed, printed, "4")
        ]


def test_a_run_on_an_input_of_ones_own() -> None:
    item = code(tests=BOTH)
    work = trial(item, {"source": "print(1)"}, "7")
    assert isinstance(work, Job)
    assert [run.stdin for run in work.runs] == [b"7"]
    (one,) = read_trial(item, ended(work, said("14"))).tests
    assert (one.name, one.passed, one.printed, one.expected) == ("", None, "14", "")


@pytest.mark.parametrize(
    ("judge", "passed", "words"),
    [
        (coded(42), True, ""),
        (coded(43, feedback__teammessage_txt=b"too large"), False, "too large"),
        (coded(1), None, "judged after the exam"),
    ],
)
def test_the_checker_judges_the_samples_in_a_jail_of_its_own(judge: Answer, passed: bool | None, words: str) -> None:
    item = code(tests=BOTH, checker=CHECKER)
    result = ended(work_of(item, None), said("4"))
    checking = check_trial(item, ANSWER, result)
    assert isinstance(checking, Job)
    assert [run.name for run in checking.runs] == ["1"]
    assert b"print(1)" not in checking.files.values()
    (one,) = read_trial(item, result, ended(checking, judge)).tests
    assert one.passed is passed
    assert words in one.said
    assert [each.passed for each in read_trial(item, result).tests] == [None]


def test_a_checker_is_asked_for_nothing_that_it_cannot_judge() -> None:
    item = code(tests=BOTH, checker=CHECKER)
    for answer in (
        said(verdict=Verdict.TIME_LIMIT),
        said(verdict=Verdict.COMPILE_ERROR),
        said(verdict=Verdict.SKIPPED),
    ):
        assert check_trial(item, ANSWER, ended(work_of(item, None), answer)) is None
    assert check_trial(item, ANSWER, ended(work_of(item, "7"), said("4"))) is None
    assert check_trial(code(tests=BOTH), ANSWER, ended(work_of(item, None), said("4"))) is None


def test_a_hidden_test_is_not_read_even_where_a_result_has_its_number() -> None:
    item = code(tests=BOTH)
    with pytest.raises(RuntimeError):  # our own mistake, and said so
        read_trial(item, Outcome((RunOutcome("2", Verdict.OK, 0, stdout=b"198"),), ENGINE))


def test_a_set_up_that_fails_is_told_and_is_no_failed_test() -> None:
    item = code(tests=BOTH)
    broken = said(verdict=Verdict.SET_UP_FAILED, exit_code=3)
    (sample,) = read_trial(item, ended(work_of(item, None), broken)).tests
    assert (sample.passed, "no fault of the program" in sample.said) == (None, True)
    (own,) = read_trial(item, ended(work_of(item, "create table ("), broken)).tests
    assert (own.passed, own.said) == (None, "the input could not set the database up")


# --- the reference ---


def reference(item: Code, answer: Answer) -> tuple[str, ...]:
    results: list[Result] = []
    while works := check_reference(item, results):
        results += [answered(work, answer, coded(42)) for work in works]
    return read_reference(item, results)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said("1"), ()),
        (said("2"), ("fails the test 'a'",)),
        (said(verdict=Verdict.MEMORY_LIMIT), ("more memory",)),
        (said(verdict=Verdict.COMPILE_ERROR), ("does not compile",)),
        (said(verdict=Verdict.SKIPPED), ("must run again",)),
        (said(verdict=Verdict.SET_UP_FAILED, exit_code=3, stderr=b"no such table: t"), ("no such table: t",)),
        (said("1", cpu_seconds=0.66, wall_seconds=1.9, peak_bytes=85 << 20), ()),
        (said("1", cpu_seconds=0.7), ("0.70 s of computing time", "cpu_seconds of 2", "2.1 would")),
        (said("1", wall_seconds=2.5), ("2.50 s by the clock", "wall_seconds of 6", "7.5 would")),
        (said("1", peak_bytes=100 << 20), ("100.0 MiB", "memory_mib of 256", "304 would")),
    ],
)
def test_a_reference_passes_with_room_or_says_what_is_wrong(answer: Answer, words: tuple[str, ...]) -> None:
    item = code(tests=rows("a"), reference={"language": "python", "source": "print(1)"})
    problems = reference(item, answer)
    assert bool(problems) == bool(words)
    assert [each for each in words if each not in " ".join(problems)] == []


def test_the_limit_that_is_proposed_is_enough() -> None:
    for seconds in (0.001, 0.7, 1.23456, 9.99, 33.3):
        item = code(tests=rows("a"), reference={"language": "python", "source": "x"}, limits={"cpu_seconds": 0.01})
        answer = said("1", cpu_seconds=seconds)
        (problem,) = reference(item, answer) or ("; 0.01 would",)
        proposed = float(problem.rsplit("; ", 1)[1].removesuffix(" would.").removesuffix(" would"))
        better = code(
            tests=rows("a"), reference={"language": "python", "source": "x"}, limits={"cpu_seconds": proposed}
        )
        assert reference(better, answer) == ()


def test_an_item_without_a_reference_has_nothing_to_run() -> None:
    item = code(tests=rows("a"))
    assert check_reference(item) == ()
    assert read_reference(item, ()) == ()
