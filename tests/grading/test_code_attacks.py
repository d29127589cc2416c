"""Nothing that a candidate's program does earns points for what it has not found out; on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grading import Graded, Item, grade, plan
from sandbox.engines.docker import DockerEngine
from sandbox.job import InteractionOutcome, Result
from sandbox.run import run
from tests.grading import attacks
from tests.grading.programs.conftest import docker_host, engine
from tests.grading.samples import CODE, SECRET, made

__all__ = ["docker_host", "engine"]
pytestmark = pytest.mark.docker

RIGHT = {
    "python": "def RIGHT(n): return n * n * 31 + 977 * n + 12345678901\n",
    "javascript": "function RIGHT(n) { return n * n * 31 + 977 * n + 12345678901; }\n",
    "c": "static long RIGHT(long n) { return n * n * 31 + 977 * n + 12345678901L; }\n",
}
TRIES = (3, 11)


def right(n: int) -> int:
    return n * n * 31 + 977 * n + 12345678901


def function_item(language: str, **changes: Any) -> Item:
    changes |= {"types": {"arguments": ["int"], "returns": "long"}} if language == "c" else {}
    tests = [{"name": f"{SECRET}-{n}", "args": [n], "returns": right(n), "hidden": True} for n in TRIES]
    data = {**CODE, "language": language, "mode": "function", "function": "answer", "tests": tests, "starter": ""}
    limits = {"cpu_seconds": 1, "wall_seconds": 3, "memory_mib": 128}
    return made(data, limits=limits, **changes)


Went = tuple[Graded, tuple[Result, ...]]
Judge = Callable[[Item, str], Went]


@pytest.fixture(scope="module")
def judge(engine: DockerEngine) -> Judge:
    """Grade as the worker does, round by round."""

    def go(item: Item, source: str) -> Went:
        results: list[Result] = []
        while works := plan(item, {"source": source}, results):
            results += [run(work, engine) for work in works]
        got = grade(item, {"source": source}, results)
        assert isinstance(got, Graded), got
        return got, tuple(results)

    return go


def printed(results: Sequence[Result]) -> str:
    """All that a candidate's program gave away."""
    outcomes = [one.program if isinstance(one, InteractionOutcome) else one for one in results]
    return "\n".join(
        (each.stdout + each.stderr).decode(errors="replace") for outcome in outcomes[:1] for each in outcome.runs
    )


def reveals(text: str) -> list[str]:
    secrets = [SECRET, *(form for n in TRIES for form in (str(right(n)), hex(right(n))))]
    return [each for each in secrets if each in text]


ALL_ATTACKS = [
    *(("python", name, source) for name, source in attacks.PYTHON.items()),
    *(("javascript", name, source) for name, source in attacks.JAVASCRIPT.items()),
    *(("c", name, source) for name, source in attacks.C.items()),
]
HONEST = [
    *(("python", name, source) for name, source in attacks.HONEST_PYTHON.items()),
    *(("javascript", name, source) for name, source in attacks.HONEST_JAVASCRIPT.items()),
    *(("c", name, source) for name, source in attacks.HONEST_C.items()),
]


def named(cases: Sequence[tuple[str, str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("language", "source"), [(one, two) for one, _, two in cases], ids=[f"{one}-{name}" for one, name, _ in cases]
    )


@named(ALL_ATTACKS)
def test_an_attack_earns_nothing_and_finds_nothing(judge: Judge, language: str, source: str) -> None:
    got, results = judge(function_item(language), source)
    assert got.points == 0
    assert not reveals(printed(results))
    assert not reveals(got.feedback)


@named(HONEST)
def test_whoever_computes_it_gets_the_points_whatever_else_is_printed(judge: Judge, language: str, source: str) -> None:
    got, _ = judge(function_item(language), RIGHT[language] + source)
    assert got.points == got.max_points, got


# --- an author's program judges ---

CHECKER = f"""
import sys
# {SECRET}
want = int(open(sys.argv[2]).read())
got = sys.stdin.read().split()
sys.exit(42 if got == [str(want)] else 43)
"""
INTERACTOR = f"""
import sys
# {SECRET}
want = int(open(sys.argv[2]).read())
print(open(sys.argv[1]).read().strip(), flush=True)
line = sys.stdin.readline(1000)
sys.exit(42 if line.strip() == str(want) else 43)
"""
UNIT = f"""
import candidate
# {SECRET}
""" + "".join(f"def test_{n}():\n    assert candidate.answer({n}) == {right(n)}\n" for n in TRIES)


def unit_item(language: str) -> Item:
    tests = [{"name": f"{SECRET}-{n}", "run": f"test_{n}", "hidden": True} for n in TRIES]
    data = {**CODE, "language": language, "mode": "unit", "unit_tests": UNIT, "tests": tests, "starter": ""}
    return made(data, limits={"cpu_seconds": 1, "wall_seconds": 3, "memory_mib": 128})


def program_item(role: str, source: str) -> Item:
    tests = [{"name": f"{SECRET}-{n}", "stdin": f"{n}\n", "expect": str(right(n)), "hidden": True} for n in TRIES]
    author = {"language": "python", "source": source}
    limits = {"cpu_seconds": 1, "wall_seconds": 3, "memory_mib": 128}
    return made({**CODE, "tests": tests, "starter": ""}, limits=limits, **{role: author})


@pytest.mark.parametrize("source", attacks.OUTPUTS.values(), ids=attacks.OUTPUTS)
def test_an_output_that_is_wrong_is_not_made_right_by_anything_beside_it(judge: Judge, source: str) -> None:
    got, results = judge(program_item("checker", CHECKER), source)
    assert got.points == 0
    assert not reveals(printed(results))


@pytest.mark.parametrize("source", attacks.TALKS.values(), ids=attacks.TALKS)
def test_a_talk_that_goes_wrong_earns_nothing(judge: Judge, source: str) -> None:
    got, results = judge(program_item("interactor", INTERACTOR), source)
    assert got.points == 0
    assert not reveals(printed(results))


@pytest.mark.parametrize(("role", "source"), [("checker", CHECKER), ("interactor", INTERACTOR)])
def test_the_right_output_is_accepted(judge: Judge, role: str, source: str) -> None:
    got, _ = judge(program_item(role, source), RIGHT["python"] + "print(RIGHT(int(input())))")
    assert got.points == got.max_points


# --- unit: the author's tests call ---

UNIT_ATTACKS = [
    *(("python", name, source) for name, source in attacks.UNIT.items()),
    *(("javascript", name, source) for name, source in attacks.JAVASCRIPT.items()),
]


@named(UNIT_ATTACKS)
def test_the_authors_tests_are_not_talked_round(judge: Judge, language: str, source: str) -> None:
    got, results = judge(unit_item(language), source)
    assert got.points == 0
    assert not reveals(printed(results))
    assert not reveals(got.feedback)


@named([each for each in HONEST if each[0] != "c"])
def test_the_authors_tests_pass_what_is_right(judge: Judge, language: str, source: str) -> None:
    got, _ = judge(unit_item(language), RIGHT[language] + source)
    assert got.points == got.max_points, got
