"""Several attempts of one person: which result counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from grading.scale import Result


class Rule(StrEnum):
    """Which of several attempts counts."""

    best = "best"
    last = "last"
    average = "average"
    first = "first"


@dataclass(frozen=True)
class Standing:
    """What counts of several results, and the place in their order of the attempt that stands for it.

    Of an average that is the last attempt, because with it the average is complete.
    """

    result: Result
    at: int


def standing(results: Sequence[Result], rule: Rule, pass_percent: float) -> Standing | None:
    """The result that counts; None where there is none yet.

    `results` are those of the attempts that were handed in, by the person or by the clock, in their order. An attempt that
    is still open has no result and does not count yet; one that a person voided counts as if it had not been. Neither
    belongs into `results`. Of equal results the earlier one is the best.

    Best and average are complete when all results are: a grade that is missing can still change which one counts.
    """
    if not results:
        return None
    if rule in {Rule.first, Rule.last}:
        at = 0 if rule is Rule.first else len(results) - 1
        return Standing(results[at], at)
    complete = all(each.complete for each in results)
    if rule is Rule.best:
        at = max(range(len(results)), key=lambda place: (results[place].percent, -place))
        best = results[at]
        passed = complete and best.percent >= pass_percent
        return Standing(replace(best, passed=passed, complete=complete), at)
    percent = _mean([each.percent for each in results])
    mean = Result(
        points=_mean([each.points for each in results]),
        max_points=_mean([each.max_points for each in results]),
        percent=percent,
        passed=complete and percent >= pass_percent,
        complete=complete,
        off_percent=_mean([each.off_percent for each in results]),
    )
    return Standing(mean, len(results) - 1)


def _mean(values: Sequence[float]) -> float:
    """To a millionth, as everything about points."""
    return round(math.fsum(values) / len(values), 6)
