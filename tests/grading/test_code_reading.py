"""What an author may write about a code item, and how each mistake is said."""

from __future__ import annotations

from typing import Any

import pytest

from grading import read_item
from grading.errors import ItemError
from grading.item import check_response, public, to_data
from grading.kinds.code import Code
from tests.grading.samples import CODE, made

PROGRAM = {"language": "python", "source": "print(1)"}
CALL = {"name": "one", "args": [1], "returns": 2}
FUNCTION: dict[str, Any] = {**CODE, "mode": "function", "function": "twice", "tests": [CALL]}
C: dict[str, Any] = {**FUNCTION, "language": "c", "types": {"arguments": ["int"], "returns": "int"}}
UNIT: dict[str, Any] = {
    **CODE,
    "mode": "unit",
    "unit_tests": "def test_one():\n    pass\n",
    "tests": [{"name": "one", "run": "test_one"}],
}


def code(**changes: Any) -> Code:
    item = made(CODE, **changes)
    assert isinstance(item, Code)
    return item


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({**CODE, "languages": ["python", "cobol"]}, "languages", "not one of"),
    ({**CODE, "languages": ["python", "python"]}, "languages", "twice"),
    ({**CODE, "language": "c", "languages": ["python"]}, "language", "must be one of"),
    ({**CODE, "starters": {"c": "int"}}, "starters", "not a language of this item"),
    ({**CODE, "language_limits": [{"language": "c", "factor": 2}]}, "language_limits", "not a language of this"),
    ({**CODE, "limits": {"memory_mib": 4}}, "limits", "starts with less than"),
    ({**CODE, "limits": {"cpu_seconds": float("nan")}}, "limits.cpu_seconds", "finite"),
    ({**CODE, "limits": {"cpu_seconds": 0}}, "limits.cpu_seconds", "from 0.01"),
    ({**CODE, "limits": {"memory_mib": -1}}, "limits.memory_mib", "from 4"),
    ({**CODE, "checker": PROGRAM, "interactor": PROGRAM}, "interactor", "not both"),
    ({**CODE, "compare": "checker"}, "compare", "goes with a checker"),
    ({**CODE, "compare": "exact", "checker": PROGRAM}, "compare", "goes with a checker"),
    ({**CODE, "compare": "exact", "interactor": PROGRAM}, "compare", "nothing is compared"),
    ({**CODE, "checker": {"language": "python"}}, "checker.source", "one of both"),
    ({**CODE, "checker": {**PROGRAM, "protocol": "x"}}, "checker.protocol", "must be one of"),
    ({**CODE, "checker": {"language": "c", "files": {"a.c": ""}}}, "checker.files", "'main.c'"),
    ({**CODE, "reference": {"language": "c", "source": "x"}}, "reference", "does not take"),
    ({**CODE, "given": {"../x": "y"}}, "given", "starts with a dot"),
    ({**CODE, "given": {"a": "y", "a/b": "z"}}, "given", "both a file and a folder"),
    ({**CODE, "given": {"a\u202eb": "y"}}, "given", "not allowed"),
    ({**CODE, "given": {"x" * 300: "y"}}, "given", "too long"),
    ({**CODE, "function": "f"}, "function", "mode: function"),
    ({**CODE, "unit_tests": "def t(): pass"}, "unit_tests", "mode: unit"),
    ({**CODE, "types": {"returns": "int"}}, "types", "mode: function"),
    ({**FUNCTION, "language": "go"}, "mode", "not in go"),
    ({**FUNCTION, "function": "a b"}, "function", "no name"),
    ({**FUNCTION, "compare": "exact"}, "compare", "without it"),
    ({**FUNCTION, "tests": [{**CALL, "returns": float("inf")}]}, "tests.0.returns", "not finite"),
    ({**FUNCTION, "tests": [{**CALL, "returns": {1: 2}}]}, "tests.0.returns", "no text"),
    ({**FUNCTION, "tests": [{**CALL, "raises": "ValueError"}]}, "tests.0.raises", "not both"),
    ({**FUNCTION, "tests": [{**CALL, "call": "twice(1)"}]}, "tests.0.call", "a call of its own"),
    ({**FUNCTION, "tests": [{"name": "one", "stdin": "1"}]}, "tests.0.stdin", "unknown key"),
    ({**C, "types": None}, "types", "needs its name"),
    ({**C, "types": {"arguments": ["float"]}}, "types.arguments", "not one of: int"),
    ({**C, "tests": [{**CALL, "args": [2**31]}]}, "tests", "args that are not int"),
    ({**C, "tests": [{**CALL, "args": [1, 2]}]}, "tests", "args that are not int"),
    ({**C, "tests": [{**CALL, "args": [True]}]}, "tests", "args that are not int"),
    ({**C, "tests": [{**CALL, "returns": 0.5}]}, "tests", "no int"),
    ({**C, "tests": [{"name": "one", "args": [1], "raises": "x"}]}, "tests", "no call or exception"),
    ({**UNIT, "language": "c"}, "mode", "not c"),
    ({**UNIT, "checker": PROGRAM}, "checker", "without it"),
    ({**UNIT, "unit_tests": None}, "unit_tests", "is missing"),
    ({**UNIT, "tests": [{"name": "one"}]}, "tests.0.run", "is missing"),
    ({**UNIT, "tests": [{"name": "one", "run": "test_two"}]}, "tests", "no such function"),
    ({**UNIT, "tests": [{"name": "one", "run": "os.system"}]}, "tests", "name of its function"),
]


@pytest.mark.parametrize(("data", "place", "words"), MISTAKES)
def test_a_mistake_names_its_place(data: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ItemError) as refused:
        read_item({key: value for key, value in data.items() if value is not None})
    assert ".".join(map(str, refused.value.path)) == place
    assert words in str(refused.value)


GROUPS: dict[str, Any] = {
    **CODE,
    "points": 10,
    "tests": [{"name": name, "hidden": True} for name in "abc"],
    "groups": [{"name": "first", "points": 4, "tests": ["a", "b"]}, {"name": "second", "points": 6, "tests": ["c"]}],
}


MISTAKES_OF_GROUPS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"name": "first", "points": 9, "tests": ["a", "b", "c"]}], "add up to 9"),
    ([{"name": "first", "points": 10, "tests": ["a", "b", "x"]}], "not there"),
    ([{"name": "first", "points": 10, "tests": ["a", "a", "b", "c"]}], "in two groups"),
    ([{"name": "first", "points": 10, "tests": ["a", "b"]}], "in no group"),
    ([{"name": "first", "points": 10, "tests": ["a", "b", "c"], "needs": ["first"]}], "not a group before it"),
    ([{"name": "first", "points": 10, "tests": ["a", "b", "c"], "rule": "most"}], "must be one of"),
    ([{"name": "x", "points": 5, "tests": ["a", "b"]}, {"name": "x", "points": 5, "tests": ["c"]}], "used twice"),
]


@pytest.mark.parametrize(("groups", "words"), MISTAKES_OF_GROUPS)
def test_groups_must_fit_together(groups: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ItemError, match=words):
        read_item({**GROUPS, "groups": groups})
    assert read_item(GROUPS)


@pytest.mark.parametrize("data", [CODE, FUNCTION, C, UNIT, GROUPS])
def test_what_was_read_makes_the_round_trip(data: dict[str, Any]) -> None:
    item = read_item(data)
    assert read_item(to_data(item)) == item


def test_what_older_exams_say_reads_as_it_did() -> None:
    item = code(starter="x", compare="float", tolerance=0.1, limits={"cpu_seconds": 1})
    assert (item.language, item.allowed(), item.mode, item.feedback) == ("python", ("python",), "program", "samples")
    assert set(to_data(item)) == {
        *("id", "kind", "title", "prompt", "points", "language", "starter"),
        *("tests", "compare", "tolerance", "limits"),
    }


def test_limits_of_a_language() -> None:
    own = [{"language": "python", "factor": 3}, {"language": "c", "memory_mib": 64, "cpu_seconds": 0.5}]
    item = code(languages=["python", "c", "go"], language_limits=own)
    python, c, go = (item.limits_for(name) for name in item.allowed())
    assert (python.cpu_seconds, python.wall_seconds, python.memory_mib) == (6, 18, 256)
    assert (c.cpu_seconds, c.wall_seconds, c.memory_mib) == (0.5, 6, 64)
    assert go == item.limits


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ({"source": "x", "language": "c"}, "language that this item does not take"),
        ({"source": "x", "language": 3}, "language that this item does not take"),
        ({"source": "x", "files": {}}, "'source' or 'files'"),
        ({"files": {}}, "texts by their names"),
        ({"files": {"main.py": "", "a.py": "", "b.py": ""}}, "at most 2"),
        ({"files": {"a.py": ""}}, "needs a file 'main.py'"),
        ({"files": {"main.py": "", "../a": ""}}, "cannot be used"),
        ({"files": {"main.py": "", "a\0": ""}}, "cannot be used"),
        ({"files": {"main.py": "", "\u202ea": ""}}, "cannot be used"),
        ({"files": {"main.py": "", "x" * 256: ""}}, "cannot be used"),
        ({"files": {"main.py": "", "given.py": ""}}, "belongs to the exercise"),
        ({"files": {"main.py": "", "given.py/a": ""}}, "both a file and a folder"),
        ({"files": {"main.py": 3}}, "must be text"),
        ({"files": {"main.py": "x" * 64_001}}, "at most 64,000"),
        ({"files": {"main.py": "x" * 40_000, "a.py": "x" * 40_000}}, "64,000 characters together"),
    ],
)
def test_an_answer_that_does_not_fit(response: dict[str, Any], words: str) -> None:
    item = code(most_files=2, given={"given.py": "1"})
    check_response(item, {"files": {"main.py": "x", "own.py": "y"}})
    with pytest.raises(Exception, match=words):
        check_response(item, response)


def test_candidates_see_how_a_function_is_declared_in_c() -> None:
    assert public(read_item(C))["prototype"] == "int twice(int value1)"
    assert public(read_item(FUNCTION))["prototype"] == ""
