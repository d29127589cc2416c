"""Kattis packages, legacy, DOMjudge's and 2023-07: what is read, what it is worth, what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grading.programs.compare import DEFAULT
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.kattis import read_kattis
from grading.programs.scoring import Result, score
from grading.programs.verdict import Judgement
from tests.grading.programs.packages import GUESS, NEAR, package, plain, scored

F = Fraction
AC, WA = Judgement.AC, Judgement.WA
OK, BAD = Result(AC), Result(WA)


def modern(**more: bytes | str) -> dict[str, bytes | str]:
    return {
        "problem.yaml": "problem_format_version: 2023-07\nname: {en: Sum, sv: Summa}\ntype: scoring\nlimits: {time_limit: 2}\n",
        "data/sample/1.in": "1 2", "data/sample/1.ans": "3",
        "data/secret/group1/a.in": "1 2", "data/secret/group1/a.ans": "3",
        "data/secret/group1/b.in": "1 2", "data/secret/group1/b.ans": "3",
        "data/secret/group1/test_group.yaml": "max_score: 30\n",
        "data/secret/group2/c.in": "1 2", "data/secret/group2/c.ans": "3",
        "data/secret/group2/d.in": "1 2", "data/secret/group2/d.ans": "3",
        "data/secret/group2/test_group.yaml": "max_score: 70\nscore_aggregation: sum\nrequire_pass: [sample, secret/group1]\n",
        **more,
    }  # fmt: skip


def test_a_plain_package() -> None:
    problem = read_kattis(package(plain()))
    assert (problem.name, problem.flavour, problem.scoring) == ("Sum", "domjudge", False)
    assert [test.name for test in problem.tests] == ["sample/1", "secret/a", "secret/b"]
    assert [test.sample for test in problem.tests] == [True, False, False]
    assert problem.tests[0].compare == DEFAULT
    assert problem.limits.seconds == 1
    assert problem.limits.limits("python", 9).memory_bytes == 256 * 1024 * 1024
    assert len(problem.submissions) == 6


def test_domjudge_groups_are_all_or_nothing() -> None:
    problem = read_kattis(package(scored()))
    results = {"sample/1": BAD, "secret/easy/1": OK, "secret/easy/2": OK, "secret/hard/1": BAD}
    assert score(problem.tree, results).score == 40
    assert score(problem.tree, results | {"secret/easy/2": BAD, "secret/hard/1": OK}).score == 60
    everything = score(problem.tree, dict.fromkeys(results, OK))
    assert (everything.score, everything.judgement) == (F(100), AC)


def test_the_same_package_by_the_rules_of_kattis() -> None:
    """There each accepted test is worth the accept_score, and the first that fails ends its group."""
    problem = read_kattis(package(scored()), "kattis")
    results = {"sample/1": OK, "secret/easy/1": OK, "secret/easy/2": OK, "secret/hard/1": OK}
    assert score(problem.tree, results).score == 1 + 80 + 60


def test_legacy_groups() -> None:
    files = plain() | {
        "problem.yaml": "name: Sum\ntype: scoring\n",
        "data/testdata.yaml": "grader_flags: ignore_sample\non_reject: continue\nrange: 0 100\n",
        "data/secret/testdata.yaml": "grader_flags: min first_error\non_reject: break\naccept_score: 12.5\n",
    }
    problem = read_kattis(package(files), "kattis")
    secret = score(problem.tree, {"sample/1": BAD, "secret/a": OK, "secret/b": OK})
    assert (secret.score, secret.judgement) == (F("12.5"), AC)
    assert score(problem.tree, {"sample/1": OK, "secret/a": BAD, "secret/b": OK}).score == 0


def test_modern_groups_and_what_they_require() -> None:
    problem = read_kattis(package(modern()))
    every = {test.name: OK for test in problem.tests}
    assert score(problem.tree, every).score == 100
    assert score(problem.tree, every | {"secret/group2/c": BAD}).score == 30 + 35
    assert score(problem.tree, every | {"secret/group1/b": BAD}).score == 0
    assert score(problem.tree, every | {"sample/1": BAD}).score == 30
    assert problem.name == "Sum"


def test_modern_scores_of_validators() -> None:
    files = modern() | {
        "output_validator/validate.py": NEAR,
        "data/secret/group1/test_group.yaml": "max_score: 30\nscore_aggregation: min\n",
        "data/secret/group2/test_group.yaml": "max_score: 70\nscore_aggregation: sum\n",
    }
    problem = read_kattis(package(files))
    every = {test.name: OK for test in problem.tests}
    some = every | {"secret/group1/a": Result(AC, share=F(1, 3)), "secret/group2/c": Result(AC, F("12.25"))}
    assert score(problem.tree, some).score == 10 + F("12.25") + 35
    assert score(problem.tree, every | {"secret/group2/c": Result(AC, F(36))}).judgement is Judgement.JE


def test_settings_of_a_test_go_before_those_of_its_group() -> None:
    files = modern() | {
        "data/secret/group1/test_group.yaml": "max_score: 30\nargs: [x]\noutput_validator_args: [float_tolerance, 1e-3]\n",
        "data/secret/group1/a.yaml": "args: [y, z]\n",
        "data/secret/group1/a.files/more/data.txt": "hello",
    }
    problem = read_kattis(package(files))
    a, b = problem.test("secret/group1/a"), problem.test("secret/group1/b")
    assert (a.args, b.args) == (("y", "z"), ("x",))
    assert a.files == {"more/data.txt": b"hello"}
    assert a.compare.accepts(b"3.0005", b"3")
    assert not problem.test("sample/1").compare.accepts(b"3.0005", b"3")


def test_constants_are_filled_in() -> None:
    files = modern() | {
        "problem.yaml": "problem_format_version: 2023-07\nname: x\nconstants: {limit: 5, name: a}\n",
        "submissions/accepted/a.py": "print({{limit}}, '{{other}}')",
        "data/secret/group1/test_group.yaml": "args: ['{{limit}}']\n",
        "data/secret/group2/test_group.yaml": "{}",
    }
    problem = read_kattis(package(files))
    assert problem.submissions[0].sources.files == {"a.py": b"print(5, '{{other}}')"}
    assert problem.test("secret/group1/a").args == ("5",)


def test_an_interactive_package_and_its_includes() -> None:
    files = plain(**{"include/python3/helper.py": "x = 1", "include/default/all.txt": "y"}) | {
        "problem.yaml": "name: Guess\nvalidation: custom interactive\n",
        "output_validators/talk/talk.py": GUESS,
    }
    problem = read_kattis(package(files))
    assert problem.interactive
    assert problem.author is not None
    assert (problem.author.program.language, problem.author.program.entry) == ("python", "talk.py")
    assert problem.include == {"python": {"helper.py": b"x = 1"}, "default": {"all.txt": b"y"}}


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("static_validator/a.py", "", "static_validator"),
        ("graders/a.py", "", "graders"),
        ("problem.yaml", "problem_format_version: 2031-01\nname: x\n", "2031-01"),
        ("problem.yaml", "name: x\ntype: submit-answer\n", "submitted instead"),
        ("problem.yaml", "name: x\ngrading: {objective: min}\n", "smaller"),
        ("domjudge-problem.ini", "special_compare = 'boolfind'\n", "special_compare"),
        ("data/testdata.yaml", "grading: custom\n", "grader"),
    ],
)
def test_what_is_right_and_not_done_is_refused(path: str, content: str, why: str) -> None:
    with pytest.raises(NotSupported, match=why):
        read_kattis(package(plain() | {path: content}), "kattis")


def test_validators_that_are_not_run_are_refused() -> None:
    files = plain() | {"problem.yaml": "name: x\nvalidation: custom\n"}
    with pytest.raises(ProblemError, match="there is none"):
        read_kattis(package(files))
    for more in ({"output_validators/a/build": "", "output_validators/a/x.hs": ""}, {"output_validators/a.hs": ""}):
        with pytest.raises(NotSupported, match="output_validators"):
            read_kattis(package(files | more))


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("problem.yaml", "name: [", "no readable YAML"),
        ("problem.yaml", "- a\n", "key: value"),
        ("problem.yaml", "[" * 5000, "problem.yaml"),
        ("problem.yaml", "name: x\nlimits: {memory: -1}\n", "memory"),
        ("problem.yaml", "name: x\nlimits: {memory: .nan}\n", "memory"),
        ("problem.yaml", "name: x\nlimits: {memory: 1.5}\n", "whole number"),
        ("problem.yaml", "name: x\nvalidator_flags: --fast\n", "no argument '--fast'"),
        ("problem.yaml", "name: x\nvalidator_flags: 'float_tolerance \"'\n", "split into words"),
        (".timelimit", "0", "seconds"),
        (".timelimit", "soon", "seconds"),
        ("data/secret/c.in", "1", "no answer"),
        ("data/secret/testdata.yaml", "accept_scores: 5\n", "accept_scores"),
        ("data/secret/testdata.yaml", "accept_score: many\n", "must be a number"),
        ("data/secret/testdata.yaml", "grader_flags: most\n", "most"),
        ("data/secret/testdata.yaml", "range: 5\n", "two numbers"),
        ("submissions.json", "{", "no readable JSON"),
    ],
)
def test_mistakes_name_their_place(path: str, content: str, why: str) -> None:
    files = plain() | {path: content, "problem.yaml": content if path == "problem.yaml" else "name: x\ntype: scoring\n"}
    with pytest.raises(ProblemError) as caught:
        read_kattis(package(files), "kattis")
    assert why in str(caught.value)


def test_a_package_without_tests_or_settings() -> None:
    with pytest.raises(ProblemError, match="no test"):
        read_kattis(package({"problem.yaml": "name: x"}))
    with pytest.raises(ProblemError, match="there is no problem"):
        read_kattis(package({"data/sample/1.in": "", "data/sample/1.ans": ""}))
    with pytest.raises(ProblemError, match="only a problem of the type scoring"):
        read_kattis(package(modern() | {"problem.yaml": "problem_format_version: 2023-07\nname: x\n"}))
