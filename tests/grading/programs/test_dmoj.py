"""DMOJ folders: cases, batches, gates and dependencies, checkers by name, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grading.programs.compare import Comparison, Exact, Lines, Tokens, Unordered
from grading.programs.dmoj import dmoj_language, read_dmoj
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.export import zipped
from grading.programs.scoring import Result, score
from grading.programs.verdict import Judgement
from tests.grading.programs.packages import package

AC, WA, SK = Judgement.AC, Judgement.WA, Judgement.SK
OK, BAD = Result(AC), Result(WA)
CASES = {f"{n}.{end}": str(n) for n in range(1, 6) for end in ("in", "out")}


def init(text: str, **more: str) -> dict[str, str]:
    return {"init.yml": text, **CASES, **more}


TREE = """
test_cases:
- {in: 1.in, out: 1.out, points: 0}
- {in: 2.in, out: 2.out, points: 10}
- points: 20
  batched:
  - {in: 3.in, out: 3.out}
  - {in: 4.in, out: 4.out}
- points: 30
  batched:
  - {in: 5.in, out: 5.out}
  dependencies: [1]
"""


def test_batches_gates_and_dependencies() -> None:
    problem = read_dmoj(package(init(TREE)))
    assert [test.name for test in problem.tests] == ["1", "2", "3/1", "3/2", "4/1"]
    every = {test.name: OK for test in problem.tests}
    assert score(problem.tree, every).score == 60
    assert score(problem.tree, every | {"3/2": BAD}).score == 10
    assert score(problem.tree, every | {"2": BAD}).score == 50
    gated = score(problem.tree, every | {"1": BAD})
    assert (gated.score, gated.judgement) == (Fraction(0), WA)
    half = score(problem.tree, every | {"3/1": Result(AC, share=Fraction(1, 2))})
    assert half.score == 10 + 10 + 30
    stopped = {one.name: one.judgement for one in score(problem.tree, every | {"3/1": BAD}).flat()}
    assert (stopped["3/2"], stopped["4/1"]) == (SK, SK)


def test_files_come_from_the_archive() -> None:
    for inner in ({"a.in": b"x", "a.out": b"y"}, {"folder/a.in": b"x", "folder/a.out": b"y"}):
        name = next(iter(inner))
        text = f"archive: data.zip\ntest_cases: [{{in: {name}, out: {name.replace('.in', '.out')}, points: 1}}]\n"
        problem = read_dmoj(package({"init.yml": text.encode(), "data.zip": zipped(inner)}))
        assert (problem.tests[0].input, problem.tests[0].answer) == (b"x", b"y")
    with pytest.raises(ProblemError, match="no 'gone"):
        read_dmoj(package({"init.yml": "archive: gone.zip\ntest_cases: []\n"}))


def test_cases_are_found_by_their_numbers() -> None:
    data = {
        "p.1.in": b"",
        "p.1.out": b"",
        "p.2.1.in": b"",
        "p.2.1.out": b"",
        "p.2.2.in": b"",
        "p.2.2.out": b"",
        "p.10.in": b"",
        "p.10.out": b"",
    }
    problem = read_dmoj(package({"init.yml": b"archive: data.zip\ntest_cases: {}\n", "data.zip": zipped(data)}))
    assert [test.name for test in problem.tests] == ["1", "2/1", "2/2", "3"]


@pytest.mark.parametrize(
    ("checker", "compare"),
    [
        ("standard", Lines(by_words=True)),
        ("identical", Exact(strict=True)),
        ("easy", Unordered("letters")),
        ("{name: sorted, args: {split_on: whitespace}}", Unordered("words")),
        ("{name: floats, args: {precision: 2}}", Tokens(absolute=Tokens().absolute, relative=None)),
        ("floatsabs", Tokens()),
    ],
)
def test_checkers_by_name(checker: str, compare: Comparison) -> None:
    problem = read_dmoj(package(init(f"checker: {checker}\ntest_cases: [{{in: 1.in, out: 1.out, points: 1}}]\n")))
    found = problem.tests[0].compare
    if isinstance(compare, Tokens):
        assert isinstance(found, Tokens)
        assert found.accepts(b"1.0000001", b"1")
        assert found.accepts(b"1.009", b"1") is ("precision" in checker)
    else:
        assert found == compare


@pytest.mark.parametrize(("type_", "protocol"), [("", "plain"), ("type: testlib", "testlib"), ("type: coci", "coci")])
def test_bridged_checkers_and_interactors(type_: str, protocol: str) -> None:
    more = {"check.c": "int main(void) { return 0; }", "head.h": ""}
    args = f"{{files: [check.c, head.h], lang: C, {type_}}}"
    checked = read_dmoj(
        package(init(f"checker: {{name: bridged, args: {args}}}\ntest_cases: [{{points: 1}}]\n", **more))
    )
    talking = read_dmoj(package(init(f"unbuffered: true\ninteractive: {args}\ntest_cases: [{{points: 1}}]\n", **more)))
    for problem, role in ((checked, "checker"), (talking, "interactor")):
        assert problem.author is not None
        assert (problem.author.role, problem.author.protocol) == (role, protocol)
        assert (problem.author.program.language, problem.author.program.entry) == ("c", "check.c")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("generator: gen.cpp\ntest_cases: [{points: 1}]", "generates"),
        ("custom_judge: a.py\ntest_cases: [{points: 1}]", "custom_judge"),
        ("signature_grader: {entry: a.c}\ntest_cases: [{points: 1}]", "signature_grader"),
        ("test_cases++: '[{} for i in range(10**9)]'", "++"),
        ("checker: check.py\ntest_cases: [{points: 1}]", "own interpreter"),
        ("checker: linecount\ntest_cases: [{points: 1}]", "linecount"),
        ("checker: {name: bridged, args: {files: 1.in, type: peg}}\ntest_cases: [{points: 1}]", "peg"),
        ("checker: {name: bridged, args: {files: 1.in, flags: [-DX]}}\ntest_cases: [{points: 1}]", "flags"),
        ("test_cases: {input_format: '(a+)+$'}", "pattern"),
    ],
)
def test_what_is_not_done_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotSupported) as caught:
        read_dmoj(package(init(text)))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("test_cases: []", "there is none"),
        ("test_cases: [{in: gone, points: 1}]", "no file 'gone'"),
        ("test_cases: [{points: many}]", "must be a number"),
        ("test_cases: [{points: 1, batched: 5}]", "list of cases"),
        ("test_cases: [{points: 1, worth: 5}]", "worth"),
        ("test_cases: [{points: 1, batched: [{}], dependencies: [1]}]", "no earlier batch"),
        ("- 1", "key: value"),
        ("points: 1\nfoo: 2\ntest_cases: [{}]", "foo"),
    ],
)
def test_mistakes_name_their_place(text: str, why: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_dmoj(package(init(text)))
    assert why in str(caught.value)


def test_submissions_of_its_suite() -> None:
    files = init(
        "test_cases: [{in: 1.in, out: 1.out, points: 1}, {in: 2.in, out: 2.out, points: 1}]",
        **{
            "tests/py/test.yml": "language: PY3\ntime: 3\nmemory: 65536\nsource: a.py\ncases: [AC, SC]\npoints: 1\n",
            "tests/py/a.py": "print(1)",
        },
        **{"tests/old/test.yml": "language: PY2\nsource: a.py\nexpect: WA\n", "tests/old/a.py": "print 1"},
    )
    old, new = read_dmoj(package(files)).submissions
    assert "no PY2" in old.refused
    assert new.expected[0].cases == (AC, SK)
    assert new.expected[0].score == (Fraction(1), Fraction(1))
    assert new.limits is not None
    assert (new.limits.seconds, new.limits.memory_mib) == (3, 64)
    assert [dmoj_language(code) for code in ("CPP17", "JAVA8", "PYPY3", "TUR")] == ["cpp", "java", "python", ""]
