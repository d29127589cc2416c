"""How able is each person, and how hard each item: a two-parameter logistic model that also works for 30 people.

P(right) = 1 / (1 + exp(-(slope x ability + easiness))), abilities ~ N(0, 1). Marginal maximum a posteriori by EM (Bock &
Aitkin 1981, with priors as in Mislevy 1986): every slope is drawn towards the cohort's mean slope, so that a small class gives
almost a Rasch model and a large one its own slopes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

Array = NDArray[np.float64]

_NODES: Array = np.linspace(-4.5, 4.5, 37)
_LOG_PRIOR: Array = -0.5 * _NODES**2 - logsumexp(-0.5 * _NODES**2)
_SLOPE_SD, _SLOPE_CENTRE_WEIGHT, _EASINESS_SD = 0.3, 4.0, 2.0
_ROUNDS, _CLOSE_ENOUGH = 200, 1e-6


@dataclass(frozen=True, eq=False)
class Abilities:
    """`ability` (people), `slope` and `easiness` (items), `chance` = P(right) (people x items)."""

    ability: Array
    slope: Array
    easiness: Array
    chance: Array


def estimate(right: NDArray[np.bool_], answered: NDArray[np.bool_]) -> Abilities:
    """Fit both (people x items) tables. Blanks are ignored. Always finite: nobody answering, everybody right, one option."""
    slope, easiness = np.ones(right.shape[1]), np.zeros(right.shape[1])
    hit, seen = (right & answered).astype(float), answered.astype(float)
    for _ in range(_ROUNDS):
        posterior = _posterior(hit, seen, slope, easiness)
        new_slope, new_easiness = _improve(hit.T @ posterior, seen.T @ posterior, slope, easiness)
        moved = max(np.abs(new_slope - slope).max(), np.abs(new_easiness - easiness).max())
        slope, easiness = new_slope, new_easiness
        if moved < _CLOSE_ENOUGH:
            break
    ability: Array = _posterior(hit, seen, slope, easiness) @ _NODES
    return Abilities(ability, slope, easiness, expit(np.outer(ability, slope) + easiness))


def _posterior(hit: Array, seen: Array, slope: Array, easiness: Array) -> Array:
    """(people x nodes): how likely each ability is for each person."""
    logit = np.outer(slope, _NODES) + easiness[:, None]
    log_joint = hit @ logit - seen @ np.logaddexp(0, logit) + _LOG_PRIOR
    result: Array = np.exp(log_joint - logsumexp(log_joint, axis=1, keepdims=True))
    return result


def _improve(hits: Array, seen: Array, slope: Array, easiness: Array) -> tuple[Array, Array]:
    """One Newton step per item on the expected (items x nodes) counts, steps limited so that it cannot run away."""
    centre = (slope.sum() + _SLOPE_CENTRE_WEIGHT) / (len(slope) + _SLOPE_CENTRE_WEIGHT)
    chance = expit(np.outer(slope, _NODES) + easiness[:, None])
    residual, spread = hits - seen * chance, seen * chance * (1 - chance)
    g_slope = residual @ _NODES - (slope - centre) / _SLOPE_SD**2
    g_easiness = residual.sum(axis=1) - easiness / _EASINESS_SD**2
    h_slope = spread @ _NODES**2 + 1 / _SLOPE_SD**2
    h_both = spread @ _NODES
    h_easiness = spread.sum(axis=1) + 1 / _EASINESS_SD**2
    determinant = h_slope * h_easiness - h_both**2
    step_slope = (h_easiness * g_slope - h_both * g_easiness) / determinant
    step_easiness = (h_slope * g_easiness - h_both * g_slope) / determinant
    new_slope: Array = np.maximum(slope + np.clip(step_slope, -0.5, 0.5), 0.05)
    new_easiness: Array = easiness + np.clip(step_easiness, -1, 1)
    return new_slope, new_easiness
