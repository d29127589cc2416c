"""Mode: unit on the real engine: what an author's tests may do with what a program made, and what no number may break."""

from __future__ import annotations

import pytest

from tests.grading.samples import CODE, made
from tests.grading.test_code_attacks import Judge, docker_host, engine, judge

__all__ = ["docker_host", "engine", "judge"]
pytestmark = pytest.mark.docker

SYNTAX = {"python": "def (\n", "javascript": "function (\n"}
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


TRICKS = """
import candidate

def maps():
    assert all(map(candidate.is_even, [2, 4, 6]))

def loops():
    for n in (each for each in [1, 2] if candidate.is_even(each)):
        assert n == 2
    assert [n for n in [1, 2, 3] if candidate.is_even(n)] == [2]

def refuses():
    try:
        candidate.is_even("two")
    except Exception:
        return
    raise AssertionError("it returned")

def refuses_anything():
    try:
        candidate.is_even("two")
    except:
        return
    raise AssertionError("it returned")

def colours():
    assert candidate.Colour.RED == candidate.Colour.RED and candidate.Colour.RED != candidate.Colour.BLUE
    assert candidate.mix() == [candidate.Colour.RED]
"""
TRICK_NAMES = ("maps", "loops", "refuses", "refuses_anything", "colours")
HONEST = """
import enum

class Colour(enum.Enum):
    RED = 1
    BLUE = 2

def mix(): return [Colour.RED]

def is_even(n):
    if not isinstance(n, int): raise TypeError("no number")
    return n % 2 == 0
"""


@pytest.mark.parametrize(
    ("source", "passed"),
    [
        (HONEST, "maps loops refuses refuses_anything colours"),
        (HONEST + "def is_even(n): raise StopIteration\n", "refuses refuses_anything colours"),
        (HONEST + "def is_even(n): raise StopAsyncIteration\n", "refuses refuses_anything colours"),
        (HONEST + "def is_even(n): raise GeneratorExit\n", "refuses refuses_anything colours"),
        (HONEST + "def is_even(n): raise ExceptionGroup('x', [ValueError()])\n", "refuses refuses_anything colours"),
        (HONEST + "def is_even(n): raise type('a\\0b', (Exception,), {})\n", "refuses refuses_anything colours"),
        (HONEST + "import os\ndef is_even(n): os._exit(0)\n", "colours"),
        (HONEST + "import os\ndef is_even(n): os.write(3, b'42\\n'); return True\n", "colours"),
        (HONEST + "import os\ndef is_even(n): os.close(3); return True\n", "colours"),
        (HONEST + "import sys\ndef is_even(n): sys.exit(0)\n", "refuses refuses_anything colours"),
        (HONEST + "import os\ndef is_even(n): os.fork(); return n % 2 == 0\n", ""),
    ],
)
def test_how_a_call_ends_cannot_be_mistaken(judge: Judge, source: str, passed: str) -> None:
    tests = [{"name": name, "run": name} for name in TRICK_NAMES]
    item = made({**CODE, "language": "python", "mode": "unit", "unit_tests": TRICKS, "tests": tests, "starter": ""})
    got, _ = judge(item, source)
    found = " ".join(test["name"] for test in got.evidence["tests"] if test["passed"])
    assert passed in ("", found), got.evidence


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_syntax_error_is_said_once(judge: Judge, language: str) -> None:
    tests = [{"name": name, "run": name} for name in TRICK_NAMES]
    unit = made({**CODE, "language": language, "mode": "unit", "unit_tests": TRICKS, "tests": tests, "starter": ""})
    calls = [{"name": each, "args": [], "returns": 1} for each in "ab"]
    function = made({**CODE, "language": language, "mode": "function", "function": "f", "tests": calls, "starter": ""})
    for item in (unit, function):
        got, _ = judge(item, SYNTAX[language])
        assert got.points == 0
        assert got.feedback.startswith("The program does not compile.")
        assert got.feedback.count("SyntaxError") == 1
        assert "main." in got.feedback


NAMES_OF_OURS = ("calls", "connect", "json", "builtins", "gone", "Gone", "Elsewhere", "LONGEST")


def test_every_name_but_one_is_the_candidates(judge: Judge) -> None:
    source = "".join(f"def {name}(): return {at}\n" for at, name in enumerate(NAMES_OF_OURS))
    lines = "".join(f"    assert candidate.{name}() == {at}\n" for at, name in enumerate(NAMES_OF_OURS))
    tests = [{"name": "names", "run": "names"}]
    unit_tests = f"import candidate\n\ndef names():\n{lines}"
    item = made({**CODE, "language": "python", "mode": "unit", "unit_tests": unit_tests, "tests": tests, "starter": ""})
    got, _ = judge(item, source)
    assert got.points == item.points, got.feedback
