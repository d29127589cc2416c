"""The tails are exact, down to where floating point ends."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from integrity.tails import holm, poisson_binomial_tail, weighted_tail

chance = st.floats(0, 1)


def brute_force(chances: list[list[float]], points: list[list[int]], scored: int) -> float:
    total = 0.0
    for picks in product(*[range(-1, len(row)) for row in chances]):
        probability, score = 1.0, 0
        for row, worth, pick in zip(chances, points, picks, strict=True):
            probability *= 1 - sum(row) if pick < 0 else row[pick]
            score += 0 if pick < 0 else worth[pick]
        total += probability * (score >= scored)
    return total


@given(st.lists(chance, min_size=1, max_size=8), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_poisson_binomial_equals_brute_force(chances: list[float], successes: int) -> None:
    expected = brute_force([[one] for one in chances], [[1]] * len(chances), successes)
    found = poisson_binomial_tail(np.array([chances]), np.array([successes]))
    assert found[0] == pytest.approx(expected, abs=1e-12)


@given(
    st.lists(st.tuples(chance, chance, st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=5),
    st.integers(0, 20),
)
@settings(max_examples=50, deadline=None)
def test_weighted_tail_equals_brute_force(trials: list[tuple[float, float, int, int]], scored: int) -> None:
    chances = [[a / 2, b / 2] for a, b, _, _ in trials]
    points = [[x, y] for _, _, x, y in trials]
    found = weighted_tail(np.array([chances]), np.array([points]), np.array([scored]))
    assert found[0] == pytest.approx(brute_force(chances, points, scored), abs=1e-12)


def test_rows_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(3)
    chances, points = rng.random((600, 6, 2)) / 2, rng.integers(0, 5, (600, 6, 2))
    scored = rng.integers(0, 25, 600)
    together = weighted_tail(chances, points, scored)
    for row in (0, 17, 599):
        assert weighted_tail(chances[row : row + 1], points[row : row + 1], scored[row : row + 1])[0] == together[row]


def test_equal_chances_are_binomial_also_far_out() -> None:
    chances, successes = np.full((1, 60), 0.1), np.array([50])
    assert poisson_binomial_tail(chances, successes)[0] == pytest.approx(binom.sf(49, 60, 0.1), rel=1e-9)
    ones = np.ones((1, 60, 1), dtype=np.int64)
    assert weighted_tail(chances[:, :, None], ones, successes)[0] == pytest.approx(binom.sf(49, 60, 0.1), rel=1e-9)


def test_mid_p_counts_the_observed_half() -> None:
    assert poisson_binomial_tail(np.array([[0.5]]), np.array([1]), mid=True)[0] == pytest.approx(0.25)


def test_holm_worked_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.01, 0.02]), comparisons=10).tolist() == pytest.approx([0.1, 0.18])
    assert holm(np.array([])).tolist() == []


@given(st.lists(chance, min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_holm_lies_between_raw_and_bonferroni(p_values: list[float]) -> None:
    raw = np.array(p_values)
    adjusted = holm(raw)
    assert (adjusted >= raw).all()
    assert (adjusted <= np.minimum(raw * len(raw), 1) + 1e-15).all()
    assert (np.diff(adjusted[np.argsort(raw, kind="stable")]) >= 0).all()
