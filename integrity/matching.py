"""How likely is it that two people who work on their own give the same answer?

Both right: the product of their chances to be right (`integrity.ability`). Both wrong in the same way: wrong answers follow
their popularity among the cohort's other people, tilted by ability (the nested logit model of Suh & Bolt 2010). Three things
keep it honest for small cohorts:

- The pair is left out: its own answers are taken back from the popularities and from the item's easiness (one Newton step),
  so that two copiers do not make their shared mistake look common.
- Popularities are uncertain, so the chance of a shared mistake is the posterior predictive one under a Dirichlet prior,
  n_k (n_k + 1) / (n (n + 1)): two people agree more often than the squared estimate says.
- A wrong answer that nobody else gave keeps some chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from integrity.ability import Abilities, Array, estimate
from integrity.cohort import Cohort

Indices = NDArray[np.int64]

_PRIOR_EACH, _PRIOR_TOTAL = 0.5, 1.5
_TILT_SD, _EASINESS_PRECISION = 0.5, 0.25
_FLOOR = 1e-9


@dataclass(frozen=True, eq=False)
class Chances:
    """For some pairs: `same` (pairs x items x outcomes) is the chance that both give this answer, and `single` of one doing so.

    Outcomes: 0 right, 1 … one wrong answer each, last all wrong answers that nobody gave. `matched` (pairs x items) is the
    outcome that happened, -1 where the two differ or one left a blank. `missed` (pairs x items): the chance that both are wrong.
    """

    same: Array
    single: Array
    missed: Array
    matched: NDArray[np.int64]

    @property
    def identical(self) -> Array:
        """(pairs x items): the chance of the same answer, whichever."""
        total: Array = self.same.sum(axis=2)
        return total


class Matching:
    """The fitted cohort, ready to be asked about any pairs."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.abilities: Abilities = estimate(cohort.right, cohort.answered)
        wrong = cohort.wrong
        self.width = int(wrong.max(initial=-1)) + 1
        self.picks = (wrong[:, :, None] == np.arange(self.width)).astype(float)  # people x items x wrong answers
        self.counts = self.picks.sum(axis=0)
        distinct = np.maximum(cohort.options - 1, 1)
        seen = (self.counts > 0).sum(axis=1)
        self.prior = np.minimum(_PRIOR_EACH, _PRIOR_TOTAL / distinct)  # per wrong answer; many possible share one total
        self.unseen = np.maximum(distinct - seen, 0)
        self.possible = (self.counts > 0).astype(float)
        self.tilt = self._tilts()
        chance = self.abilities.chance
        self.information = (chance * (1 - chance) * cohort.answered).sum(axis=0) + _EASINESS_PRECISION

    def _tilts(self) -> Array:
        """(people x items x wrong answers + unseen): factor on a wrong answer's popularity at that person's ability."""
        ability = self.abilities.ability
        given = self.picks.sum(axis=2)  # people x items: answered wrongly
        number = np.maximum(given.sum(axis=0), 1)
        centred = ability[:, None] - (ability[:, None] * given).sum(axis=0) / number
        popularity = (self.counts + self.prior[:, None] * self.possible) / (
            number + self.prior * self.possible.sum(axis=1) + _FLOOR
        )[:, None]
        pull = np.einsum("pik,pi->ik", self.picks, centred) - popularity * (given * centred).sum(axis=0)[:, None]
        spread = (given * centred**2).sum(axis=0)[:, None] * popularity + 1 / _TILT_SD**2
        slopes = np.concatenate([pull / spread, np.zeros((len(number), 1))], axis=1)
        factor = np.exp(np.clip(centred[:, :, None] * slopes, -3, 3))
        weights = np.concatenate([popularity, (self.unseen * self.prior / (number + 1))[:, None]], axis=1)
        result: Array = factor / ((factor * weights).sum(axis=2, keepdims=True) + _FLOOR) * weights.sum(axis=1)[:, None]
        return result

    def pairs(self, first: Indices, second: Indices) -> Chances:
        """Return the chances for the pairs (first[n], second[n])."""
        cohort = self.cohort
        both = cohort.answered[first] & cohort.answered[second]
        right_a, right_b = self._right(first, second)
        kept = self.counts - self.picks[first] - self.picks[second]  # pairs x items x wrong answers
        mass = np.concatenate(
            [
                (kept + self.prior[:, None]) * self.possible,
                np.broadcast_to((self.unseen * self.prior)[:, None], (len(first), *self.prior.shape, 1)),
            ],
            axis=2,
        )
        total = mass.sum(axis=2, keepdims=True) + _FLOOR
        again = mass + 1
        again[:, :, -1] = self.prior + 1  # two unseen answers agree only if they are the same one of them
        tilt_a, tilt_b = self.tilt[first], self.tilt[second]
        share = mass / total * again / (total + 1) * tilt_a * tilt_b
        share /= np.maximum(share.sum(axis=2, keepdims=True), 1.0)
        missed = ((1 - right_a) * (1 - right_b))[:, :, None]
        same = np.concatenate([(right_a * right_b)[:, :, None], missed * share], axis=2) * both[:, :, None]
        one = mass / total * np.sqrt(tilt_a * tilt_b)
        one[:, :, -1] /= np.maximum(self.unseen, 1)
        single = np.concatenate([np.sqrt(right_a * right_b)[:, :, None], np.sqrt(missed) * one], axis=2)
        equal = both & (cohort.answers[first] == cohort.answers[second])
        matched = np.where(equal, cohort.wrong[first] + 1, -1)
        return Chances(same, np.clip(single, _FLOOR, 1.0), missed[:, :, 0], matched)

    def screened(self, z: float) -> tuple[Indices, Indices]:
        """Return the pairs whose number of identical answers lies more than about `z` deviations above the expected one.

        A coarse sieve for large cohorts, by matrix products: nobody is left out of the estimates, and the variance is
        its upper bound E (1 - E / items) (Hoeffding 1956).
        """
        cohort, chance = self.cohort, self.abilities.chance
        weights = self.counts + self.prior[:, None] * self.possible
        popularity = weights / np.maximum(weights.sum(axis=1, keepdims=True), _FLOOR)
        wrong = (1 - chance)[:, :, None] * popularity * self.tilt[:, :, :-1]
        each = np.concatenate([chance[:, :, None], wrong], axis=2) * cohort.answered[:, :, None]
        given = np.concatenate([cohort.right[:, :, None], self.picks], axis=2)
        people = len(cohort.people)
        each, given = (table.reshape(people, -1).astype(np.float32) for table in (each, given))
        seen = cohort.answered.astype(np.float32)
        expected, common = each @ each.T, np.maximum(seen @ seen.T, 1)
        deviation = np.sqrt(np.maximum(expected * (1 - expected / common), _FLOOR))
        first, second = np.nonzero(np.triu(given @ given.T - expected > z * deviation, 1))
        return first.astype(np.int64), second.astype(np.int64)

    def _right(self, first: Indices, second: Indices) -> tuple[Array, Array]:
        """P(right) of both (pairs x items), the items' easiness estimated without the two."""
        chance, answered, right = self.abilities.chance, self.cohort.answered, self.cohort.right
        surprise = (right - chance) * answered
        spread = chance * (1 - chance) * answered
        shift = (surprise[first] + surprise[second]) / (self.information - spread[first] - spread[second])
        logit = np.outer(self.abilities.ability, self.abilities.slope) + self.abilities.easiness
        return expit(logit[first] - shift), expit(logit[second] - shift)
