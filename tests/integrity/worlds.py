"""Simulated cohorts with a known truth, for the integrity tests."""

import numpy as np
from numpy.typing import NDArray

from integrity.cohort import Cohort

OPTIONS = 4


def honest_answers(rng: np.random.Generator, people: int, items: int) -> NDArray[np.int64]:
    """Codes 0 (right) to 3 from a nested logit model: unequal items, uneven and ability-dependent wrong answers."""
    ability = rng.normal(size=people)
    slope, easiness = np.exp(rng.normal(0, 0.3, items)), rng.normal(0.6, 1, items)
    right = rng.random((people, items)) < 1 / (1 + np.exp(-(slope * ability[:, None] + easiness)))
    liking = rng.normal(0, 1, (items, OPTIONS - 1)) + rng.normal(0, 0.5, (items, OPTIONS - 1)) * ability[:, None, None]
    wrong = (liking + rng.gumbel(size=liking.shape)).argmax(axis=2)
    answers: NDArray[np.int64] = np.where(right, 0, wrong + 1)
    return answers


def cohort_of(answers: NDArray[np.int64], seconds: NDArray[np.float64] | None = None) -> Cohort:
    people, items = answers.shape
    return Cohort(
        items=tuple(f"q{at}" for at in range(items)),
        people=tuple(f"p{at}" for at in range(people)),
        answers=answers,
        key=np.zeros(items, dtype=np.int64),
        options=np.full(items, OPTIONS),
        labels=(("a", "b", "c", "d"),) * items,
        seconds=seconds,
    )


def with_copier(
    rng: np.random.Generator, people: int, items: int, own: int
) -> tuple[NDArray[np.int64], tuple[int, int]]:
    """An honest cohort in which one person took all but `own` answers, at least five wrong, from another."""
    answers = honest_answers(rng, people, items)
    source = int(np.flatnonzero((answers > 0).sum(axis=1) >= 5 + own)[0])
    copier = (source + 1) % people
    copied = rng.permutation(items)[own:]
    answers[copier, copied] = answers[source, copied]
    return answers, (min(source, copier), max(source, copier))
