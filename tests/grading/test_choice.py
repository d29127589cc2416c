"""Choice: what each pick earns, and what is refused."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import pytest

from grading import Graded, grade, public
from grading.errors import ResponseError
from grading.item import check_response
from grading.kinds.choice import Choice
from tests.grading.samples import CHOICE, SEVERAL, made


def points(data: dict[str, Any], picks: str, **changes: Any) -> float:
    got = grade(made(data, **changes), {"choice": list(picks)})
    assert isinstance(got, Graded)
    assert got.certain
    return got.points


@pytest.mark.parametrize(("picks", "expected"), [("b", 4), ("a", 0), ("d", 0)])
def test_one(picks: str, expected: float) -> None:
    assert points(CHOICE, picks) == expected


@pytest.mark.parametrize(
    ("picks", "expected"),
    [("ab", 4), ("a", 2), ("abc", 2), ("ac", 0), ("abcd", 0), ("c", 0), ("cd", 0), ("acd", 0)],
)
def test_several_pay_for_right_picks_less_wrong_ones(picks: str, expected: float) -> None:
    assert points(SEVERAL, picks) == expected


@pytest.mark.parametrize(("picks", "expected"), [("ab", 4), ("ba", 4), ("a", 0), ("abc", 0)])
def test_all_or_nothing(picks: str, expected: float) -> None:
    assert points(SEVERAL, picks, credit="all_or_nothing") == expected


@pytest.mark.parametrize("key", ["a", "ab", "abc"])
def test_picking_everything_earns_nothing_and_only_the_key_earns_all(key: str) -> None:
    every = ["".join(picks) for picks in chain.from_iterable(combinations("abcd", size) for size in range(1, 5))]
    earned = {picks: points(SEVERAL, picks, correct=list(key)) for picks in every}
    assert earned["abcd"] == 0
    assert [picks for picks, value in earned.items() if value == 4] == [key]


@pytest.mark.parametrize(
    "changes", [{}, {"credit": "all_or_nothing"}, {"correct": ["a"]}, {"correct": ["a", "b", "c"]}]
)
def test_what_guessing_earns_is_the_mean_over_all_guesses(changes: dict[str, Any]) -> None:
    item = made(SEVERAL, **changes)
    assert isinstance(item, Choice)
    every = [set(picks) for size in range(1, 5) for picks in combinations("abcd", size)]
    assert item.guessed() == pytest.approx(sum(item.share(picks) for picks in every) / len(every))


def test_guessing_one_of_four() -> None:
    item = made(CHOICE)
    assert isinstance(item, Choice)
    assert item.guessed() == 0.25


def test_the_public_part_does_not_depend_on_the_key() -> None:
    assert public(made(SEVERAL)) == public(made(SEVERAL, correct=["c"], credit="all_or_nothing"))


@pytest.mark.parametrize(
    "response", [{"choice": "b"}, {"choice": ["b", "b"]}, {"choice": ["a", "b"]}, {"choice": ["z"]}, {"choice": [1]}, {}, [], "b"],
)  # fmt: skip
def test_refused(response: object) -> None:
    check_response(made(CHOICE), {"choice": ["b"]})
    with pytest.raises(ResponseError):
        check_response(made(CHOICE), response)
