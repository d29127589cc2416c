"""What a submission should end in, wherever its author wrote it, and whether it did."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grading.programs.errors import ProblemError
from grading.programs.expectations import our_language, read_submissions
from grading.programs.judge import Judged, Progress, State, verdict
from grading.programs.kattis import read_kattis
from grading.programs.matching import agrees
from grading.programs.problem import Expected
from grading.programs.program import Program
from grading.programs.verdict import Judgement
from sandbox.job import Limits
from tests.grading.programs.packages import package, plain, scored

AC, WA, NO, TLE, RTE, MLE, CE = (Judgement(name) for name in ("AC", "WA", "NO", "TLE", "RTE", "MLE", "CE"))


def only(path: str, source: str, *, modern: bool = False, **more: str) -> Expected:
    (one,) = read_submissions(package({f"submissions/{path}": source, **more}), modern=modern)
    (expected,) = one.expected
    return expected


@pytest.mark.parametrize(
    ("path", "source", "results"),
    [
        ("accepted/a.py", "", {AC}),
        ("wrong_answer/a.py", "", {WA, NO}),
        ("accepted/a.py", "# @EXPECTED_RESULTS@: WRONG-ANSWER", {WA}),
        ("mixed/a.c", "/* @expected_results@: correct, NO_OUTPUT */", {AC, NO}),
        ("mixed/a.py", "# @EXPECTED_SCORE@: NO-OUTPUT", {NO}),
        ("mixed/a.c", "/*\n * @EXPECTED_RESULTS@:   RUN_TIME_ERROR , ACCEPTED   \n */", {RTE, AC}),
    ],
)
def test_verdicts(path: str, source: str, results: set[Judgement]) -> None:
    assert only(path, source).results == results


def test_scores_grades_and_special_words() -> None:
    assert only("partial/a.py", "# @EXPECTED_SCORE@: 74.42").score == (Fraction("74.42"), Fraction("74.42"))
    assert only("partial/a.py", "# @EXPECTED_GRADES@ AC WA TLE\nx").grades == (AC, WA, TLE)
    assert only("x/a.py", "# @EXPECTED_RESULTS@: CHECK-MANUALLY").manual
    assert only("x/a.py", "# @EXPECTED_RESULTS@: NONE-SUBMIT-FAILS").refused


@pytest.mark.parametrize(
    "source",
    [
        "# @EXPECTED_RESULTS@: CORRECT\n# @EXPECTED_RESULTS@: CORRECT",
        "# @EXPECTED_RESULTS@: PERHAPS",
        "# @EXPECTED_GRADES@ AC FOO",
    ],
)
def test_annotations_that_cannot_be_read_are_said(source: str) -> None:
    (one,) = read_submissions(package({"submissions/accepted/a.py": source}), modern=False)
    assert "annotation" in one.refused


def test_folders_entries_and_languages() -> None:
    files = {
        "submissions/accepted/many/b.py": "", "submissions/accepted/many/a.py": "",
        "submissions.json": '{"submissions/accepted/many/": {"entry_point": "b.py"}}',
    }  # fmt: skip
    (one,) = read_submissions(package(files), modern=False)
    program = one.sources.found()
    assert program is not None
    assert program.entry == "b.py"
    assert [our_language(code) for code in ("python3", "cpp17", "js", "haskell", "python2")] == [
        "python",
        "cpp",
        "javascript",
        "",
        "",
    ]


def test_submissions_yaml() -> None:
    settings = """
accepted: {permitted: [AC, TLE]}
"{mixed,other}/*.py": {required: [WA], score: [10, 20], secret/easy: {permitted: [AC]}}
mixed/a.py: {language: python3, entrypoint: a.py, message: near}
"""
    files = {"submissions/submissions.yaml": settings, "submissions/accepted/a.py": "", "submissions/mixed/a.py": ""}
    accepted, mixed = read_submissions(package(files), modern=True)
    assert [one.permitted for one in accepted.expected] == [{AC, TLE}]
    first, second = mixed.expected
    assert first.required == {WA, NO}
    assert first.score == (Fraction(10), Fraction(20))
    assert first.groups["secret/easy"].permitted == {AC}
    assert second.message == "near"
    with pytest.raises(ProblemError, match="OK"):
        read_submissions(package(files | {"submissions/submissions.yaml": "accepted: {permitted: [OK]}"}), modern=True)


def ended(files: dict[str, bytes | str], **results: Judgement) -> Judged:
    problem = read_kattis(package(files))
    tests = tuple(
        Progress(test, phase="done", judgement=results.get(test.name.replace("/", "_"), AC), message=test.name)
        for test in problem.tests
    )
    return verdict(State(problem, Program("python", {"a.py": b""}, "a.py"), Limits(), tests))


@pytest.mark.parametrize(
    ("expected", "fine"),
    [
        (Expected(frozenset({WA})), True),
        (Expected(frozenset({AC})), False),
        (Expected(permitted=frozenset({AC, WA})), True),
        (Expected(permitted=frozenset({AC})), False),
        (Expected(required=frozenset({TLE})), False),
        (Expected(score=(Fraction(40), Fraction(40))), True),
        (Expected(score=(Fraction("39.99"), Fraction("39.99"))), False),
        (Expected(score=(Fraction("39.998"), Fraction("39.998"))), True),
        (Expected(grades=(AC, WA)), True),
        (Expected(grades=(AC, AC)), False),
        (Expected(grades=(AC,)), False),
        (Expected(message="secret/hard"), True),
        (Expected(message="elsewhere"), False),
        (Expected(groups={"secret/easy": Expected(permitted=frozenset({AC}))}), True),
        (Expected(groups={"secret/hard": Expected(permitted=frozenset({AC}))}), False),
        (Expected(groups={"secret/*": Expected(required=frozenset({WA}), score=(Fraction(40), Fraction(60)))}), False),
        (Expected(groups={"secret/none": Expected(permitted=frozenset({AC}))}), False),
        (Expected(cases=(AC, AC, AC, WA)), True),
        (Expected(cases=(AC, AC, AC)), False),
        (Expected(partial=True), True),
    ],
)  # fmt: skip
def test_differences_are_found(expected: Expected, fine: bool) -> None:
    judged = ended(scored(), secret_hard_1=WA)
    problem = read_kattis(package(scored()))
    assert (agrees([expected], problem, judged) == []) is fine


def test_too_much_memory_is_a_crash_to_packages() -> None:
    problem = read_kattis(package(plain()))
    judged = ended(plain(), secret_a=MLE)
    assert agrees([Expected(frozenset({RTE}))], problem, judged) == []
    assert agrees([Expected(frozenset({MLE}))], problem, judged) == []
    assert agrees([Expected(frozenset({TLE}))], problem, judged) != []
