"""Match: what each row earns, and what is refused."""

from __future__ import annotations

from itertools import product

import pytest

from grading import Graded, grade, public
from grading.errors import ResponseError
from grading.item import check_response
from grading.kinds.match import Match
from tests.grading.samples import MATCH, made

ALL_RIGHT = {"fr": "Paris", "de": "Berlin", "it": "Rome", "va": "Rome"}


@pytest.mark.parametrize(
    ("picks", "expected", "said"),
    [
        (ALL_RIGHT, 4, "Correct."),
        ({**ALL_RIGHT, "va": "Paris"}, 3, "Partly correct."),
        ({"fr": "Paris"}, 1, "Partly correct."),
        ({"fr": "Lyon", "de": "Rome"}, 0, "Not correct."),
    ],
)
def test_each_right_row_earns_its_share(picks: dict[str, str], expected: float, said: str) -> None:
    got = grade(made(MATCH), {"match": picks})
    assert isinstance(got, Graded)
    assert (got.points, got.certain, got.feedback) == (expected, True, said)
    assert got.evidence["correct"] == ALL_RIGHT


def test_the_right_side_is_in_alphabetical_order_and_has_each_text_once() -> None:
    shown = public(made(MATCH))
    assert shown["right"] == ["Berlin", "Lyon", "Paris", "Rome"]
    assert shown["left"][0] == {"id": "fr", "text": "France"}


def test_the_public_part_does_not_depend_on_the_key() -> None:
    turned = [
        {**pair, "right": right}
        for pair, right in zip(MATCH["pairs"], ("Rome", "Paris", "Lyon", "Berlin"), strict=True)
    ]
    assert public(made(MATCH)) == public(made(MATCH, pairs=turned, distractors=None))


def test_what_guessing_earns_is_the_mean_over_all_guesses() -> None:
    item = made(MATCH)
    assert isinstance(item, Match)
    guesses = [dict(zip(ALL_RIGHT, each, strict=True)) for each in product(item.right(), repeat=4)]
    earned = [got.points for got in (grade(item, {"match": each}) for each in guesses) if isinstance(got, Graded)]
    assert item.guessed() * item.points == pytest.approx(sum(earned) / len(guesses))


@pytest.mark.parametrize(
    "response",
    [{"match": ["Paris"]}, {"match": {"es": "Paris"}}, {"match": {"fr": "Madrid"}}, {"match": {"fr": ["Paris"]}}, {"match": {"fr": ""}}, {}, [], "fr"],
)  # fmt: skip
def test_refused(response: object) -> None:
    check_response(made(MATCH), {"match": {"fr": "Lyon"}})
    with pytest.raises(ResponseError):
        check_response(made(MATCH), response)
