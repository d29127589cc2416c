"""Answers become numbers without losing who said what."""

import numpy as np
import pytest

from integrity.cohort import Cohort
from integrity.errors import TooSmall, UnreadableAnswers

KEY = {f"q{at}": "a" for at in range(5)}


def rows(people: int) -> dict[str, dict[str, str | None]]:
    return {f"p{one}": {item: "ab"[(one + at) % 2] for at, item in enumerate(KEY)} for one in range(people)}


def test_right_wrong_and_blank() -> None:
    answers = rows(10)
    answers["p0"] = {"q0": "a", "q1": "c", "q2": None, "q3": ""}
    cohort = Cohort.of(answers, KEY)
    assert cohort.right[0].tolist() == [True, False, False, False, False]
    assert cohort.answered[0].tolist() == [True, True, False, False, False]
    assert cohort.wrong[0].tolist() == [-1, 1, -1, -1, -1]
    assert [cohort.label(0, at) for at in range(5)] == ["a", "c", "", "", ""]


def test_options_are_what_was_seen_unless_said() -> None:
    assert Cohort.of(rows(10), KEY).options.tolist() == [2] * 5
    assert Cohort.of(rows(10), KEY, options={"q0": 4, "q1": 1}).options.tolist() == [4, 2, 2, 2, 2]


def test_without_a_key_the_most_frequent_answer_stands_in() -> None:
    answers = rows(11)
    cohort = Cohort.of(answers)
    assert cohort.inferred_key
    assert cohort.labels[0][cohort.key[0]] == "a"
    assert cohort.labels[1][cohort.key[1]] == "b"


def test_times_that_are_no_times_are_unknown() -> None:
    cohort = Cohort.of(rows(10), KEY, seconds={"p0": {"q0": 12.5, "q1": 0, "q2": None}})
    assert cohort.seconds is not None
    assert cohort.seconds[0, 0] == 12.5
    assert np.isnan(cohort.seconds).sum() == 49


@pytest.mark.parametrize("people", [0, 1, 9])
def test_too_few_people_are_refused(people: int) -> None:
    with pytest.raises(TooSmall, match="10 people"):
        Cohort.of(rows(people), KEY)


def test_too_few_items_are_refused() -> None:
    with pytest.raises(TooSmall, match="5 items"):
        Cohort.of(rows(10), {"q0": "a", "q1": "a"})


def test_an_item_about_which_nothing_is_known_is_refused() -> None:
    answers = {person: {**row, "q9": None} for person, row in rows(10).items()}
    with pytest.raises(UnreadableAnswers, match="q9"):
        Cohort.of(answers)
