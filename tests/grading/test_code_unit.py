"""Mode: unit on the real engine: what an author's tests may do with what a program made, and what no number may break."""

from __future__ import annotations

import pytest

from tests.grading.samples import CODE, made
from tests.grading.test_code_attacks import Judge, docker_host, engine, judge

__all__ = ["docker_host", "engine", "judge"]
pytestmark = pytest.mark.docker

TESTS = """
import candidate

def stack():
    pile = candidate.Pile()
    assert not pile and pile == []
    pile.put(1)
    pile.put(2)
    assert pile == [1, 2] and [1, 2] == pile and pile != [1] and pile != [2, 1]
    assert pile and len(pile) == 2 and list(pile) == [1, 2]
    assert pile.take() == 2 and pile == [1]
    assert pile == pile and pile != candidate.Pile()

def large():
    assert candidate.power(7000) == 10 ** 7000
    assert candidate.power(6999) != 10 ** 7000

def refuses():
    try:
        candidate.endless()
    except ValueError:
        return
    raise AssertionError("it returned")
"""
NAMES = ("stack", "large", "refuses")

PYTHON = """
class Pile(list):
    put = list.append
    take = list.pop

def power(n):
    return 10 ** n

def endless():
    circle = []
    circle.append(circle)
    return circle
"""
JAVASCRIPT = """
class Pile extends Array {
  put(value) { this.push(value); }
  take() { return this.pop(); }
}
function power(n) { return 10n ** BigInt(n); }
function endless() { const circle = []; circle.push(circle); return circle; }
"""
LIAR = """
class Pile(list):
    def put(self, value): pass
    def take(self): return 2
    def __eq__(self, other): return True
    def __ne__(self, other): return True
    def __len__(self): return 2
    def __bool__(self): return False
    def __iter__(self): return iter([1, 2])

class Answer(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return True

def power(n): return Answer(5)
def endless(): return Answer(5)
"""


@pytest.mark.parametrize(
    ("language", "source", "passed"),
    [
        # A value without an end is no ValueError of the program's.
        ("python", PYTHON, [True, True, False]),
        ("javascript", JAVASCRIPT, [True, True, False]),
        ("python", LIAR, [False, False, False]),
    ],
)
def test_a_kind_of_list_keeps_its_methods_and_is_compared_outside(
    judge: Judge, language: str, source: str, passed: list[bool]
) -> None:
    tests = [{"name": name, "run": name} for name in NAMES]
    item = made({**CODE, "language": language, "mode": "unit", "unit_tests": TESTS, "tests": tests, "starter": ""})
    got, _ = judge(item, source)
    assert [test["passed"] for test in got.evidence["tests"]] == passed, got
