"""The probability that a person would accept a short answer, from how close it is to the model answers.

A logistic curve. Its coefficients come from `python -m grading.calibrate`, which fits them to the labelled
answers in grading/calibration/; a test repeats the fit and compares.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Closeness:
    """`right`, `wrong`: cosine with the nearest model answer and known wrong answer (0: there is none).

    `covered`: how much (0 to 1) of what a model answer adds to the question is named.
    """

    right: float
    wrong: float
    covered: float

    def features(self) -> tuple[float, ...]:
        """What the curve is fitted on. A wrong answer counts only as far as it comes near the right one's closeness."""
        return (self.right, self.covered, max(0.0, self.wrong - self.right + 0.2))

    def rounded(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


INTERCEPT = -5.5
WEIGHTS = (7.0, 2.5, -6.0)


def likelihood(closeness: Closeness) -> float:
    """Strictly between 0 and 1."""
    weighted = math.fsum(w * x for w, x in zip(WEIGHTS, closeness.features(), strict=True))
    return 1 / (1 + math.exp(-(INTERCEPT + weighted)))
