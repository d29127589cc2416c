"""The probability that a person would accept a short answer, from how close it is to the model answers.

A logistic curve. Its coefficients come from `python -m grading calibrate`, which fits them to the labelled
answers in grading/calibration/; a test repeats the fit and compares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from grading.mark import Embed
from grading.wording import covered


@dataclass(frozen=True)
class Closeness:
    """`right`, `wrong`, `asked`: cosine with the nearest model answer, the nearest known wrong answer (0: there is
    none) and the question. `covered`: how much (0 to 1) of what a model answer adds to the question is named.
    """

    right: float
    wrong: float
    asked: float
    covered: float

    def features(self) -> tuple[float, float, float, float]:
        """What the curve is fitted on. A known wrong answer counts only where it is about as close as the right one."""
        return (self.right, self.covered, max(0.0, self.wrong - self.right + 0.2), self.asked)

    def rounded(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


INTERCEPT = -1.464
WEIGHTS = (6.228, 1.184, -3.108, -5.010)


def likelihood(closeness: Closeness) -> float:
    """Strictly between 0 and 1."""
    weighted = math.fsum(w * x for w, x in zip(WEIGHTS, closeness.features(), strict=True))
    return 1 / (1 + math.exp(-(INTERCEPT + weighted)))


def measure(
    answer: str, question: str, models: Sequence[str], reject: Sequence[str], embed: Embed
) -> tuple[Closeness, str]:
    """How close an answer is, and the model answer nearest to it. `models` has at least one."""
    rows = embed([answer, question, *models, *reject])
    asked, *cosines = (float(row @ rows[0]) for row in rows[1:])
    right, wrong = cosines[: len(models)], cosines[len(models) :]
    near = max(range(len(models)), key=right.__getitem__)
    named = max(covered(answer, model, question) for model in models)
    return Closeness(right[near], max(wrong, default=0.0), asked, named), models[near]
