"""Exact upper tails, computed by adding positive numbers only, so that 1e-12 is really 1e-12."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_ROWS_AT_ONCE = 256


def poisson_binomial_tail(chances: Array, successes: Whole, *, mid: bool = False) -> Array:
    """Return P(X >= successes) per row, X the number of successes in independent trials with `chances` (rows x trials).

    `mid` counts the observed value half (the mid-p, Lancaster 1961): nearer to the nominal size, no longer a strict bound.
    A trial that did not take place has chance 0. Method: the direct convolution (Hong 2013, section 2.5).
    """
    rows, trials = chances.shape
    mass = np.zeros((rows, trials + 1))
    mass[:, 0] = 1.0
    for trial in range(trials):
        chance = chances[:, trial, None]
        mass[:, 1:] = mass[:, 1:] * (1 - chance) + mass[:, :-1] * chance
        mass[:, :1] *= 1 - chance
    count = np.arange(trials + 1)
    tail: Array = np.where(count >= successes[:, None], mass, 0.0).sum(axis=1)
    if mid:
        tail -= 0.5 * np.where(count == successes[:, None], mass, 0.0).sum(axis=1)
    return np.minimum(tail, 1.0)


def weighted_tail(chances: Array, points: Whole, scored: Whole) -> Array:
    """Return P(S >= scored) per row: trial i gives `points` o (rows x trials x outcomes, >= 0) with chance o, otherwise 0.

    All trials are independent; the chances of one trial add up to at most 1.
    """
    tails = np.empty(len(scored))
    order = np.argsort(scored, kind="stable")  # rows of similar score together: their tables are equally wide
    for start in range(0, len(order), _ROWS_AT_ONCE):
        rows = order[start : start + _ROWS_AT_ONCE]
        tails[rows] = _tail(chances[rows], points[rows], scored[rows])
    return tails


def _tail(chances: Array, points: Whole, scored: Whole) -> Array:
    """Follow only the mass that is still below `scored`; what steps over it goes to the tail and never comes back."""
    below = np.zeros((len(scored), max(int(scored.max()), 1)))
    below[:, 0] = scored > 0
    tail = np.where(scored > 0, 0.0, 1.0)
    score = np.arange(below.shape[1])[None, :]
    for trial in range(chances.shape[1]):
        added = below * np.clip(1 - chances[:, trial].sum(axis=1, keepdims=True), 0, 1)
        at_least = np.concatenate([below[:, ::-1].cumsum(axis=1)[:, ::-1], np.zeros((len(scored), 1))], axis=1)
        for outcome in range(chances.shape[2]):
            chance, step = chances[:, trial, outcome], points[:, trial, outcome]
            if not chance.any():
                continue
            origin = score - step[:, None]
            moved = np.take_along_axis(below, np.maximum(origin, 0), axis=1)
            added += np.where((origin >= 0) & (score < scored[:, None]), moved, 0.0) * chance[:, None]
            edge = np.clip(scored - step, 0, below.shape[1])
            tail += chance * np.take_along_axis(at_least, edge[:, None], axis=1)[:, 0]
        below = added
    return np.minimum(tail, 1.0)


def holm(p_values: Array, comparisons: int | None = None) -> Array:
    """Return p-values adjusted for all comparisons made (Holm 1979): valid whatever the dependence between them.

    `comparisons` may be larger than the number of `p_values` when the others were larger than all of these.
    """
    total = len(p_values) if comparisons is None else comparisons
    order = np.argsort(p_values, kind="stable")
    factors = total - np.arange(len(p_values))
    stepped = np.maximum.accumulate(p_values[order] * factors)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
