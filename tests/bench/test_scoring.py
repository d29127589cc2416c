"""Figures and their intervals: known values from the literature, and properties that no input may break."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring import Events, Rate, Share, Span, Target, covered, largest_gap, match, missed, verdict

SPANS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60)).map(lambda pair: Span(pair[0], pair[0] + pair[1])), max_size=8
)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)]
)
def test_wilson_gives_the_published_bounds(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_wilson_stays_inside_and_around(a: int, b: int) -> None:
    share = Share(min(a, b), max(a, b))
    low, high = share.interval
    assert 0 <= low <= high <= 1
    assert not share.of or low <= share.value <= high


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)])
def test_poisson_gives_the_published_bounds(count: int, low: float, high: float) -> None:
    assert Rate(count, 1.0).interval == pytest.approx((low, high), abs=1e-3)


def test_what_cannot_be_a_share_or_a_rate_is_refused() -> None:
    for hits, of in ((2, 1), (-1, 1)):
        with pytest.raises(ValueError, match="no share"):
            Share(hits, of)
    with pytest.raises(ValueError, match="negative"):
        Rate(-1, 1.0)


def test_nothing_tried_says_nothing() -> None:
    assert math.isnan(Share(0, 0).value)
    assert Share(0, 0).interval == (0.0, 1.0)
    assert str(Share(0, 0)) == "–"
    assert math.isnan(Rate(0, 0).value)
    assert Rate(0, 0).interval == (0.0, math.inf)
    assert str(Rate(0, 0)) == "–"


def test_a_flag_on_an_event_is_right_and_one_beside_it_is_false() -> None:
    events = match([Span(10, 20), Span(50, 60)], [Span(12, 19), Span(30, 40)], 3600)
    assert (events.found, events.missed, events.right, events.false, events.latest) == (1, 1, 1, 1, 2)
    assert events.f1 == pytest.approx(0.5)
    assert events.clean_hours == pytest.approx(3580 / 3600)


def test_a_flag_in_an_ignored_span_is_neither() -> None:
    events = match([], [Span(12, 19)], 100, ignored=[Span(10, 20)])
    assert (events.right, events.false) == (0, 0)
    assert events.clean_hours == pytest.approx(90 / 3600)


@given(SPANS, SPANS)
def test_every_event_and_every_flag_is_counted_once(truth: list[Span], flagged: list[Span]) -> None:
    events = match(truth, flagged, 1000)
    assert events.found + events.missed == len(truth)
    assert events.right + events.false == len(flagged)
    assert 0 <= events.clean_hours <= 1000 / 3600


@given(SPANS)
def test_covered_time_is_no_more_than_the_sum_and_no_less_than_the_longest(spans: list[Span]) -> None:
    lengths = [span.end - span.start for span in spans]
    assert max(lengths, default=0) <= covered(spans) <= sum(lengths)


@given(SPANS, SPANS)
def test_sums_add_up(one: list[Span], two: list[Span]) -> None:
    total = match(one, two, 1000) + match(two, one, 1000)
    assert total.found + total.missed == len(one) + len(two)
    assert Events() + total == total


def test_the_gap_leaves_small_groups_out() -> None:
    assert largest_gap([Share(98, 100), Share(100, 100), Share(0, 2)], least=10) == pytest.approx(2.0)
    assert largest_gap([Share(1, 1)]) == 0


def test_a_target_that_was_not_measured_is_not_missed() -> None:
    off = Target("phones", "≥ .80", "–", None, "the model yolox is absent")
    assert not missed([off])
    assert missed([off, Target("faces", "27", "26", False)])
    assert "not measured: the model yolox is absent" in verdict([off])
