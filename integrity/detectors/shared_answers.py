"""Two people whose answers agree more, and in rarer places, than working separately explains.

The statistic is a log likelihood ratio: "one copied a share of the answers from the other" against "both worked on their
own". Every identical answer earns points, a rare one more than a common one, so that shared mistakes weigh most; this is the weighting
idea of Trout & Gorney (2025) on the generalised binomial test of van der Linden & Sotaridona (2006). The null distribution is
exact given the estimated chances of `integrity.matching`: a sum of independent, unequal trials, convolved item by item.
P-values are adjusted for all pairs (Holm 1979). Beside it, as evidence only: the plain count of identical answers (the
generalised binomial test) and the shared mistakes among the items that both missed (in the spirit of Holland's K-index, 1996).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrity.cohort import Cohort
from integrity.finding import Finding
from integrity.matching import Chances, Indices, Matching
from integrity.tails import Array, holm, poisson_binomial_tail, weighted_tail

INNOCENT = (
    "They learned together, from the same teacher, notes or earlier exam, and share its mistakes.",
    "They were allowed to work together, or got the same help.",
    "Many people in a subgroup (a class, a language) make these mistakes; the cohort as a whole hides it.",
    "An item has a wrong key or is worded so that able people choose the same wrong answer.",
    "Among many exams, chance alone produces a few such pairs.",
)
ASSUMPTIONS = (
    "One ability per person explains how right answers go together.",
    "Given ability, answers to different items are independent; items that build on each other break this.",
    "People outside the pair mostly worked on their own; a large group that copied hides itself.",
    "The statistic cannot say who copied from whom, nor that anyone did.",
)
_ALL_PAIRS = 20_000  # up to here every pair is computed exactly
_SCREEN_Z = 2.5
_AT_ONCE = 2_000


@dataclass(frozen=True, eq=False)
class Pairs:
    """Test results per examined pair (`first` < `second`, indices of people). `comparisons` counts all pairs of the cohort.

    `points` and `expected` are the statistic and its mean under independence.
    """

    first: Indices
    second: Indices
    points: NDArray[np.int64]
    expected: Array
    p_value: Array
    p_adjusted: Array
    comparisons: int


@dataclass(frozen=True)
class SharedAnswers:
    """Reports pairs with an adjusted p-value below `alpha`: at most that share of honest exams shows any pair at all.

    `copied` is the share of answers that the alternative assumes copied. Measured on 700 simulated honest cohorts of 30 people
    and 12 items: 5.7 % showed a pair at 0.05 and 1.1 % at 0.01, so the promise holds within the measurement's error.
    """

    alpha: float = 0.05
    copied: float = 0.4
    name: str = "shared_answers"

    def findings(self, cohort: Cohort) -> list[Finding]:
        """Return the unusual pairs, the most unusual first."""
        matching = Matching(cohort)
        return self.explain(matching, self.examine(matching))

    def explain(self, matching: Matching, pairs: Pairs) -> list[Finding]:
        """Turn the unusual ones of the examined pairs into findings, the most unusual first."""
        unusual = np.flatnonzero(pairs.p_adjusted < self.alpha)
        ordered = unusual[np.lexsort((pairs.second[unusual], pairs.first[unusual], pairs.p_value[unusual]))]
        return [self._finding(matching, pairs, int(at)) for at in ordered]

    def examine(self, matching: Matching) -> Pairs:
        """Test every pair; in a cohort of more than 200 people, every pair with clearly more identical answers than expected.

        The pairs left out by that screen count in the adjustment, so it can only lose a finding, never make one.
        """
        people = len(matching.cohort.people)
        comparisons = people * (people - 1) // 2
        if comparisons <= _ALL_PAIRS:
            first, second = (side.astype(np.int64) for side in np.triu_indices(people, 1))
        else:
            first, second = matching.screened(_SCREEN_Z)
        points = np.zeros(len(first), dtype=np.int64)
        expected, p_value = np.zeros(len(first)), np.ones(len(first))
        for start in range(0, len(first), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            points[part], expected[part], p_value[part] = self._test(matching.pairs(first[part], second[part]))
        return Pairs(first, second, points, expected, p_value, holm(p_value, comparisons), comparisons)

    def _test(self, chances: Chances) -> tuple[NDArray[np.int64], Array, Array]:
        worth = self._worth(chances)
        scored = _scored(chances, worth)
        expected = (chances.same * worth).sum(axis=(1, 2))
        return scored, expected, weighted_tail(chances.same, worth, scored)

    def _worth(self, chances: Chances) -> NDArray[np.int64]:
        """Points per item and outcome. Whole numbers, because sums of whole numbers have an exact distribution."""
        scale = np.clip(120 / chances.matched.shape[1], 2, 5)
        ratio = np.log1p(self.copied / (1 - self.copied) / chances.single)
        worth: NDArray[np.int64] = np.rint(ratio * scale).astype(np.int64)
        return worth

    def _finding(self, matching: Matching, pairs: Pairs, at: int) -> Finding:
        cohort = matching.cohort
        first, second = pairs.first[at : at + 1], pairs.second[at : at + 1]
        evidence = _evidence(cohort, matching.pairs(first, second), int(first[0]), int(second[0]))
        names = (cohort.people[first[0]], cohort.people[second[0]])
        assumed = (*ASSUMPTIONS, "The most frequent answer stands in for the key, which nobody gave.")
        return Finding(
            detector=self.name,
            people=names,
            p_value=float(pairs.p_value[at]),
            p_adjusted=float(pairs.p_adjusted[at]),
            statistic=float(pairs.points[at]),
            expected=float(pairs.expected[at]),
            evidence=evidence,
            explanation=_explanation(
                names, evidence, float(pairs.p_value[at]), float(pairs.p_adjusted[at]), pairs.comparisons
            ),
            innocent=INNOCENT,
            assumptions=assumed if cohort.inferred_key else ASSUMPTIONS,
        )


def _scored(chances: Chances, worth: NDArray[np.int64]) -> NDArray[np.int64]:
    earned = np.take_along_axis(worth, np.maximum(chances.matched, 0)[:, :, None], axis=2)[:, :, 0]
    total: NDArray[np.int64] = np.where(chances.matched >= 0, earned, 0).sum(axis=1)
    return total


def _evidence(cohort: Cohort, chances: Chances, first: int, second: int) -> dict[str, Any]:
    """Everything that a person needs to check the finding by eye; `chances` are those of this one pair."""
    identical, matched = chances.identical[0], chances.matched[0]
    both = cohort.answered[first] & cohort.answered[second]
    missed = (cohort.wrong[first] >= 0) & (cohort.wrong[second] >= 0)
    mistake = chances.same[0, :, 1:].sum(axis=1)
    given_missed = np.where(missed, np.minimum(mistake / np.maximum(chances.missed[0], 1e-12), 1.0), 0.0)
    shared = np.flatnonzero(matched > 0)
    rarity = {int(at): float(chances.same[0, at, matched[at]]) for at in np.flatnonzero(matched >= 0)}
    count, wrong = np.array([(matched >= 0).sum()]), np.array([len(shared)])
    return {
        "items_compared": int(both.sum()),
        "identical": int(count[0]),
        "identical_expected": float(identical.sum()),
        "identical_p_value": float(poisson_binomial_tail(identical[None], count)[0]),
        "missed_by_both": int(missed.sum()),
        "shared_mistakes": int(wrong[0]),
        "shared_mistakes_expected": float(given_missed.sum()),
        "shared_mistakes_p_value": float(poisson_binomial_tail(given_missed[None], wrong)[0]),
        "matched_wrong": [_match(cohort, first, int(at), rarity[int(at)]) for at in shared],
        "most_surprising": [
            _match(cohort, first, at, rarity[at]) for at in sorted(rarity, key=lambda at: rarity[at])[:5]
        ],
        "items": [
            {
                "item": cohort.items[at],
                "first": cohort.label(first, at),
                "second": cohort.label(second, at),
                "right": cohort.labels[at][cohort.key[at]],
                "chance_identical": round(float(identical[at]), 6),
            }
            for at in range(len(cohort.items))
        ],
    }


def _match(cohort: Cohort, person: int, item: int, chance: float) -> dict[str, Any]:
    others = int((cohort.answers[:, item] == cohort.answers[person, item]).sum()) - 2
    return {
        "item": cohort.items[item],
        "answer": cohort.label(person, item),
        "wrong": bool(cohort.wrong[person, item] >= 0),
        "chance": round(chance, 6),
        "others_with_it": others,
    }


def _explanation(
    names: tuple[str, str], evidence: dict[str, Any], p_value: float, p_adjusted: float, pairs: int
) -> str:
    return (
        f"{names[0]} and {names[1]} gave {evidence['identical']} identical answers to {evidence['items_compared']} items "
        f"(expected {evidence['identical_expected']:.1f}), {evidence['shared_mistakes']} of them the same mistake in "
        f"{evidence['missed_by_both']} items that both missed; two people of their abilities who work separately agree this much, "
        f"in places this rare, with probability {p_value:.2g}, and some pair among all {pairs} does with probability at most "
        f"{p_adjusted:.2g}."
    )
