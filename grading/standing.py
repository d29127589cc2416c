"""Several attempts of one person: which result counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grading.scale import Result

Rule = Literal["best", "last", "average", "first"]


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
    if rule in {"first", "last"}:
        at = 0 if rule == "first" else len(results) - 1
        return Standing(results[at], at)
    complete = all(each.complete for each in results)
    if rule == "best":
        at = max(range(len(results)), key=lambda place: (results[place].percent, -place))
        best = results[at]
        passed = complete and best.percent >= pass_percent
        return Standing(Result(best.points, best.max_points, best.percent, passed, complete, best.penalty), at)
    percent = _mean([each.percent for each in results])
    mean = Result(
        points=_mean([each.points for each in results]),
        max_points=_mean([each.max_points for each in results]),
        percent=percent,
        passed=complete and percent >= pass_percent,
        complete=complete,
        penalty=_mean([each.penalty for each in results]),
    )
    return Standing(mean, len(results) - 1)


def _mean(values: Sequence[float]) -> float:
    """To a millionth, as everything about points."""
    return round(math.fsum(values) / len(values), 6)
