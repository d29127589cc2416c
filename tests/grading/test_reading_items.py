"""Mistakes in an author's file: each is found, named by its path, and explained."""

from __future__ import annotations

from typing import Any

import pytest

from grading import read_item
from grading.errors import ItemError
from tests.grading.samples import (
    CHOICE,
    CODE,
    COMMON,
    DRAWING,
    ESSAY,
    FILE,
    MATCH,
    NUMERIC,
    RECORDING,
    SEVERAL,
    SHORT,
)

MISTAKES: list[tuple[dict[str, Any], dict[str, Any], tuple[str | int, ...], str]] = [
    (CHOICE, {"kind": "chioce"}, ("kind",), "did you mean 'choice'"),
    (CHOICE, {"kind": None}, ("kind",), "is missing"),
    (CHOICE, {"corect": "a"}, ("corect",), "did you mean 'correct'"),
    (CHOICE, {"colour": "red"}, ("colour",), "known keys"),
    (CHOICE, {"id": "Not a slug"}, ("id",), "small letters"),
    (CHOICE, {"title": 12}, ("title",), "in quotes"),
    (CHOICE, {"title": "  "}, ("title",), "must not be empty"),
    (CHOICE, {"prompt": "a\0b"}, ("prompt",), "cannot be stored"),
    (CHOICE, {"points": 0}, ("points",), "from 0.01"),
    (CHOICE, {"points": True}, ("points",), "must be a number"),
    (CHOICE, {"points": float("nan")}, ("points",), "finite"),
    (CHOICE, {"points": 10**400}, ("points",), "finite"),
    (CHOICE, {"correct": "z"}, ("correct",), "not an option"),
    (CHOICE, {"correct": ["a", "b"]}, ("correct",), "multiple: true"),
    (CHOICE, {"options": [{"id": "a", "text": "x"}]}, ("options",), "from 2 to 26"),
    (CHOICE, {"options": [{"id": "a", "text": "x"}] * 2}, ("options", 1, "id"), "used twice"),
    (CHOICE, {"options": [{"id": "a", "text": "x"}, {"id": False, "text": "y"}]}, ("options", 1, "id"), "must be text"),
    (CHOICE, {"options": ["a", "b"]}, ("options", 0), "key: value"),
    (CHOICE, {"shuffle": "yes"}, ("shuffle",), "true or false"),
    (SEVERAL, {"correct": ["a", "b", "c", "d"]}, ("correct",), "at least one option that is wrong"),
    (SEVERAL, {"credit": "all_or_nothin"}, ("credit",), "did you mean 'all_or_nothing'"),
    (MATCH, {"pairs": MATCH["pairs"][:1]}, ("pairs",), "from 2 to 26"),
    (MATCH, {"pairs": [*MATCH["pairs"], MATCH["pairs"][0]]}, ("pairs", 4, "id"), "used twice"),
    (MATCH, {"pairs": [MATCH["pairs"][0], {"id": "b", "left": "x"}]}, ("pairs", 1, "right"), "is missing"),
    (MATCH, {"pairs": [MATCH["pairs"][0], {"id": "b", "lef": "x"}]}, ("pairs", 1, "lef"), "did you mean 'left'"),
    (MATCH, {"pairs": MATCH["pairs"][2:], "distractors": None}, ("pairs",), "two different right sides"),
    (MATCH, {"distractors": ["Lyon", "Lyon"]}, ("distractors", 1), "used twice"),
    (MATCH, {"distractors": ["Lyon", " Rome\n"]}, ("distractors", 1), "used twice"),
    (NUMERIC, {"value": "9.81"}, ("value",), "must be a number"),
    (NUMERIC, {"tolerance": {"absolut": 1}}, ("tolerance", "absolut"), "did you mean 'absolute'"),
    (NUMERIC, {"tolerance": {"relative": -1}}, ("tolerance", "relative"), "from 0 to 1"),
    (NUMERIC, {"unit": "furlongz"}, ("unit",), "not a unit"),
    (NUMERIC, {"unit_points": 1}, ("unit_points",), "needs a unit"),
    (SHORT, {"answers": []}, ("answers",), "from 1"),
    (SHORT, {"answers": ["a", 2]}, ("answers", 1), "must be text"),
    (
        SHORT,
        {"reject": ["no current can flow, because the gap interrupts the closed path to the battery"]},
        ("reject",),
        "also a model",
    ),
    (SHORT, {"confidence": 85}, ("confidence",), "from 0.5 to 1"),
    (ESSAY, {"points": 5}, ("rubric",), "add up to 4"),
    (ESSAY, {"max_words": 2}, ("max_words",), "at least min_words"),
    (ESSAY, {"min_words": 2.5}, ("min_words",), "whole number"),
    (DRAWING, {"height": 13}, ("height",), "three times as high"),
    (DRAWING, {"points": 5}, ("rubric",), "add up to 4"),
    (FILE, {"types": []}, ("types",), "from 1"),
    (FILE, {"types": ["pfd"]}, ("types", 0), "did you mean 'pdf'"),
    (FILE, {"types": ["pdf", "exe"]}, ("types", 1), "must be one of"),
    (FILE, {"types": ["pdf", "pdf"]}, ("types", 1), "used twice"),
    (FILE, {"most_mib": 101}, ("most_mib",), "from 1 to 100"),
    (RECORDING, {"media": "vidoe"}, ("media",), "did you mean 'video'"),
    (RECORDING, {"media": "video", "most_seconds": 901}, ("most_seconds",), "from 5 to 900"),
    (CODE, {"language": "pyton"}, ("language",), "did you mean 'python'"),
    (CODE, {"limits": {"memory_mb": 64}}, ("limits", "memory_mb"), "did you mean 'memory_mib'"),
    (CODE, {"limits": {"cpu_seconds": 0}}, ("limits", "cpu_seconds"), "from 0.01"),
    (CODE, {"tests": [{"name": "a", "expect": "1"}] * 2}, ("tests", 1, "name"), "used twice"),
    (CODE, {"tests": [{"name": "a", "expect": "1", "points": 3}]}, ("tests",), "add up to 3"),
    (CODE, {"tests": [{"name": "a", "points": 4}, {"name": "b"}]}, ("tests",), "either all tests"),
]


@pytest.mark.parametrize(("data", "change", "path", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_each_mistake_is_named(
    data: dict[str, Any], change: dict[str, Any], path: tuple[str | int, ...], words: str
) -> None:
    read_item(data)
    with pytest.raises(ItemError) as caught:
        read_item({**data, **change})
    assert caught.value.path == path
    assert words in caught.value.message


@pytest.mark.parametrize("data", [None, [], "choice", 3])
def test_an_item_that_is_no_mapping_is_named_by_its_place(data: object) -> None:
    with pytest.raises(ItemError) as caught:
        read_item(data, ("items", 3))
    assert caught.value.path == ("items", 3)
    assert str(caught.value).startswith("items[3]: ")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ItemError, match=r"^options: is missing$"):
        read_item({**COMMON, "id": "a", "kind": "choice", "correct": "a"})
