"""Essays always reach a person; results are complete only when nobody is waited for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import Graded, Ungraded, grade
from grading.kinds.essay import count_words
from grading.scale import result, total
from tests.grading.samples import ESSAY, made


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("One.", 1, "1 word, fewer than the 5"),
        ("a well-known fact – it's so", 5, "(5 words)"),
        ("go " * 11, 11, "more than the 10"),
    ],
)
def test_an_essay_waits_for_a_person_with_its_length(text: str, words: int, says: str) -> None:
    got = grade(made(ESSAY), {"text": text})
    assert isinstance(got, Ungraded)
    assert (got.cause, got.evidence["words"]) == ("person", words)
    assert says in got.reason


@pytest.mark.parametrize(("text", "words"), [("", 0), (" -- … !", 0), ("Größe 12 мир", 3), ("a\nb\tc", 3)])
def test_count_words(text: str, words: int) -> None:
    assert count_words(text) == words


SURE = Graded(3.0, 4.0, 1.0, certain=True, feedback="")
PROPOSED = Graded(4.0, 4.0, 0.6, certain=False, feedback="")
WAITING = Ungraded(2.0, "a person", "person")


def test_result_of_sure_grades() -> None:
    got = result([SURE, SURE], 75)
    assert (got.points, got.max_points, got.percent, got.passed, got.complete) == (6, 8, 75, True, True)
    assert not result([SURE, SURE], 75.1).passed


@pytest.mark.parametrize("open_grade", [PROPOSED, WAITING])
def test_whoever_waits_has_not_passed_yet(open_grade: Graded | Ungraded) -> None:
    got = result([SURE, open_grade], 10)
    assert not got.complete
    assert not got.passed
    assert got.max_points == 4 + open_grade.max_points


def test_ungraded_items_count_in_the_maximum_and_never_as_points() -> None:
    assert total([SURE, WAITING]) == 3
    assert result([SURE, WAITING], 50).percent == 50


def test_no_grades_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        result([], 50)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_full_points_are_a_hundred_percent(points: list[float]) -> None:
    got = result([Graded(value, value, 1.0, certain=True, feedback="") for value in points], 100)
    assert got.percent == 100
    assert got.passed


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=10), st.floats(0, 100), st.floats(0, 100))
@settings(max_examples=50)
def test_lateness_takes_a_share_of_the_points_and_never_more(points: list[float], off: float, more: float) -> None:
    grades = [Graded(value / 2, value, 1.0, certain=True, feedback="") for value in points]
    less, least = result(grades, 50, min(off, more)), result(grades, 50, max(off, more))
    assert 0 <= least.points <= less.points <= total(grades)
    assert less.max_points == least.max_points
    assert result(grades, 50, 100).points == 0


@pytest.mark.parametrize("off", [-1, 101])
def test_a_share_that_is_none_is_refused(off: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        result([Graded(1, 1, 1.0, certain=True, feedback="")], 50, off)
