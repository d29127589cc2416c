"""CodeRunner questions: plain types are read, programs that only Moodle can run are refused with a reason."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grading.programs.coderunner import read_coderunner
from grading.programs.compare import Lines
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.problem import Problem
from grading.programs.scoring import Result, score
from grading.programs.verdict import Judgement

CASE = """<testcase testtype="0" useasexample="{example}" mark="{mark}">
<testcode><text><![CDATA[{code}]]></text></testcode><stdin><text>{stdin}</text></stdin>
<expected><text>{expected}</text></expected><extra><text></text></extra><display><text>SHOW</text></display></testcase>"""


def case(expected: str, *, code: str = "", stdin: str = "", mark: str = "1.0000000", example: int = 0) -> str:
    return CASE.format(example=example, mark=mark, code=code, stdin=stdin, expected=expected)


def quiz(*cases: str, kind: str = "python3", **fields: str) -> bytes:
    values = {
        "coderunnertype": kind,
        "defaultgrade": "6.0000000",
        "allornothing": "0",
        "answer": "def sqr(n): return n * n",
        **fields,
    }
    own = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in values.items())
    text = f'<quiz><question type="category"/><question type="coderunner"><name><text>Squares</text></name>{own}<testcases>{"".join(cases)}</testcases></question></quiz>'
    return text.encode()


def read(*cases: str, kind: str = "python3", **fields: str) -> Problem:
    (problem,) = read_coderunner(quiz(*cases, kind=kind, **fields), "q.xml")
    if isinstance(problem, ProblemError):
        raise problem
    return problem


def test_a_function_and_its_test_code() -> None:
    problem = read(case("9", code="print(sqr(3))", example=1), case("1", code="print(sqr(1))", mark="2"))
    assert problem.languages == ("python",)
    assert problem.tests[0].files == {"test_code.py": b"print(sqr(3))"}
    assert [test.sample for test in problem.tests] == [True, False]
    assert set(problem.include["python"]) == {"__main__.py"}
    ok, bad = Result(Judgement.AC), Result(Judgement.WA)
    assert score(problem.tree, {"1": ok, "2": bad}).score == 2
    assert score(problem.tree, {"1": ok, "2": ok}).score == 6
    assert problem.submissions[0].sources.files == {"answer.py": b"def sqr(n): return n * n"}


def test_all_or_nothing_and_thirds() -> None:
    ok = Result(Judgement.AC)
    tests = [case("1"), case("2"), case("3")]
    parts = read(*tests, kind="c_program", defaultgrade="1")
    assert score(parts.tree, {"1": ok}).score == Fraction(1, 3)
    assert score(parts.tree, {"1": ok, "2": ok, "3": ok}).score == 1
    assert score(read(*tests, kind="c_program", allornothing="1").tree, {"1": ok}).score == 0


def test_graders_and_limits() -> None:
    problem = read(case("x"), kind="c_program", grader="NearEqualityGrader", cputimelimitsecs="2.5", memlimitmb="64")
    assert problem.tests[0].compare == Lines(by_words=True, case_sensitive=False)
    assert (problem.limits.seconds, problem.limits.memory_mib) == (2.5, 64)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"grader": "TemplateGrader"}, "grades the answer itself"),
        ({"grader": "RegexGrader"}, "patterns"),
        ({"template": "print({{ STUDENT_ANSWER | e('py') }})"}, "a program"),
        ({"kind": "directed_graph"}, "directed_graph"),
        ({"prototypetype": "2"}, "prototype"),
        ({"templateparams": '{"a": 1}'}, "filled into templates"),
    ],
)
def test_what_needs_moodle_is_refused(fields: dict[str, str], why: str) -> None:
    with pytest.raises(NotSupported, match=why):
        read(case("1"), **fields)
    with pytest.raises(NotSupported, match="code of its own"):
        read(case("1", code="print(1)"), kind="c_program")


@pytest.mark.parametrize(
    "data",
    [
        b"<quiz",
        b"<quiz></quiz>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><quiz><question type="coderunner">&a;</question></quiz>',
        '<!DOCTYPE x [<!ENTITY a "a">]><quiz/>'.encode("utf-16"),
        b"<quiz>" * 100_000,
    ],
)
def test_what_is_no_such_file(data: bytes) -> None:
    with pytest.raises(ProblemError):
        read_coderunner(data, "q.xml")


@pytest.mark.parametrize("fields", [{"defaultgrade": "lots"}, {"cputimelimitsecs": "-1"}, {"memlimitmb": "1e99"}])
def test_numbers_that_are_none(fields: dict[str, str]) -> None:
    with pytest.raises(ProblemError, match="must be a number"):
        read(case("1"), kind="c_program", **fields)
    with pytest.raises(ProblemError, match="marks"):
        read(case("1", mark="x"), kind="c_program")
    with pytest.raises(ProblemError, match="no test"):
        read(kind="c_program")
