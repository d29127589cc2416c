"""People who went through the items much faster, or much more slowly, than everybody else.

Per person the mean over items of log(seconds / the item's typical seconds), typical meaning the median of the other people.
Log times are close to normal (van der Linden 2006), so a person is compared with all others by a two-sample t statistic in which one
sample has a single member; only the fast side is reported. P-values are adjusted for all people (Holm 1979).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr

from integrity.cohort import LEAST_ITEMS, LEAST_PEOPLE, Cohort
from integrity.finding import Finding
from integrity.tails import Array, holm

INNOCENT = (
    "They know the subject very well, or read fast.",
    "They gave up and guessed, perhaps ill, out of time or taking the exam without need.",
    "The recorded time is wrong: several devices, a lost connection, or answers prepared on paper and entered at the end.",
)
ASSUMPTIONS = (
    "The logarithms of people's speeds follow a normal distribution.",
    "The clock shows time spent on the item and nothing else.",
)


@dataclass(frozen=True)
class FastAnswers:
    """Reports people with an adjusted p-value below `alpha`. Says nothing (no findings) where no times were recorded."""

    alpha: float = 0.01
    name: str = "fast_answers"

    def findings(self, cohort: Cohort) -> list[Finding]:
        """Return unusually fast people, the fastest first."""
        if cohort.seconds is None:
            return []
        relative = _relative(cohort.seconds)
        known = np.flatnonzero((~np.isnan(relative)).sum(axis=1) >= LEAST_ITEMS)
        if len(known) < LEAST_PEOPLE:
            return []
        pace = np.nanmean(relative[known], axis=1)
        p_value = _left_tails(pace)
        p_adjusted = holm(p_value)
        return [
            self._finding(cohort, relative, int(known[at]), float(pace[at]), float(p_value[at]), float(p_adjusted[at]))
            for at in np.argsort(p_value, kind="stable")
            if p_adjusted[at] < self.alpha
        ]

    def _finding(
        self, cohort: Cohort, relative: Array, person: int, pace: float, p_value: float, p_adjusted: float
    ) -> Finding:
        share = float(np.exp(pace))
        timed = ~np.isnan(relative[person])
        return Finding(
            detector=self.name,
            people=(cohort.people[person],),
            p_value=p_value,
            p_adjusted=p_adjusted,
            statistic=share,
            expected=1.0,
            evidence=_evidence(cohort, relative[person], person),
            explanation=(
                f"{cohort.people[person]} took {share:.0%} of the typical time over {int(timed.sum())} items; somebody of this "
                f"cohort is that fast with probability {p_value:.2g}, and the fastest of all {len(cohort.people)} with probability "
                f"at most {p_adjusted:.2g}."
            ),
            innocent=INNOCENT,
            assumptions=ASSUMPTIONS,
        )


def _relative(seconds: Array) -> Array:
    """(people x items): log of the time in units of the item's median, NaN where unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        log = np.log(np.where(seconds > 0, seconds, np.nan))
    known = ~np.isnan(log).all(axis=0)
    typical = np.zeros(log.shape[1])
    typical[known] = np.nanmedian(log[:, known], axis=0)
    relative: Array = log - typical
    return relative


def _left_tails(values: Array) -> Array:
    """P(a new member of the other values' normal population lies this low), each value against all the others."""
    others = len(values) - 1
    mean = (values.sum() - values) / others
    spread = np.maximum(((values**2).sum() - values**2) / others - mean**2, 0) * others / (others - 1)
    spread = np.maximum(spread, 1e-12)  # everybody else equally fast: finite, and still in the right order
    tails: Array = stdtr(others - 1, (values - mean) / np.sqrt(spread * (1 + 1 / others)))
    return tails


def _evidence(cohort: Cohort, relative: Array, person: int) -> dict[str, Any]:
    assert cohort.seconds is not None
    timed = np.flatnonzero(~np.isnan(relative))
    fast = [
        int(at) for at in timed if relative[at] < np.log(0.1)
    ]  # a tenth of the typical time: hardly read (Wise & Ma 2012)
    return {
        "items_timed": len(timed),
        "under_a_tenth": len(fast),
        "right_of_those": int(cohort.right[person, fast].sum()),
        "items": [
            {
                "item": cohort.items[at],
                "seconds": float(cohort.seconds[person, at]),
                "typical": float(cohort.seconds[person, at] / np.exp(relative[at])),
            }
            for at in timed
        ],
    }
