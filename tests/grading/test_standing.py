"""Several attempts: which result counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.scale import Result
from grading.standing import Rule, standing


@st.composite
def results(draw: st.DrawFn) -> Result:
    share = draw(st.integers(0, 100))
    complete = draw(st.booleans())
    return Result(share / 10, 10.0, float(share), complete and share >= 50, complete)


many = st.lists(results(), min_size=1, max_size=6)
rules = st.sampled_from(Rule)


def done(percent: float, *, complete: bool = True) -> Result:
    return Result(percent / 10, 10, percent, complete and percent >= 50, complete)


def test_without_an_attempt_nothing_counts() -> None:
    assert all(standing([], rule, 50) is None for rule in Rule)


@pytest.mark.parametrize(
    ("rule", "percent", "at", "passed"),
    [(Rule.first, 40, 0, False), (Rule.last, 50, 2, True), (Rule.best, 80, 1, True), (Rule.average, 170 / 3, 2, True)],
)
def test_each_rule_counts_what_it_says(rule: Rule, percent: float, at: int, passed: bool) -> None:
    got = standing([done(40), done(80), done(50)], rule, 50)
    assert got is not None
    assert got.result.percent == pytest.approx(percent, abs=1e-6)
    assert (got.at, got.result.passed) == (at, passed)


def test_of_two_equal_results_the_earlier_is_the_best() -> None:
    got = standing([done(70), done(70)], Rule.best, 50)
    assert got is not None
    assert got.at == 0


def test_a_missing_grade_keeps_best_and_average_open_but_not_the_first() -> None:
    both = [done(90), done(10, complete=False)]
    for rule, complete in ((Rule.best, False), (Rule.average, False), (Rule.last, False), (Rule.first, True)):
        got = standing(both, rule, 50)
        assert got is not None
        assert got.result.complete == complete, rule
        assert got.result.passed == (complete and got.result.percent >= 50)


@given(many, rules)
def test_one_attempt_counts_the_same_by_every_rule(found: list[Result], rule: Rule) -> None:
    only = found[:1]
    got = standing(only, rule, 50)
    assert got is not None
    assert (got.result, got.at) == (only[0], 0)


@given(many)
def test_the_best_is_never_less_than_the_average_nor_the_average_than_the_worst(found: list[Result]) -> None:
    best, mean = standing(found, Rule.best, 50), standing(found, Rule.average, 50)
    assert best is not None
    assert mean is not None
    assert best.result.percent + 1e-6 >= mean.result.percent >= min(each.percent for each in found) - 1e-6


@given(many, results(), rules)
def test_a_further_attempt_lowers_neither_the_best_nor_the_first(found: list[Result], new: Result, rule: Rule) -> None:
    before, after = standing(found, rule, 50), standing([*found, new], rule, 50)
    assert before is not None
    assert after is not None
    if rule in {Rule.best, Rule.first}:
        assert after.result.percent >= before.result.percent
    if rule is Rule.last:
        assert after.result == new
