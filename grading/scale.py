"""From grades to a result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grading.mark import Grade, Graded


@dataclass(frozen=True)
class Result:
    """`points` counts proposals too, so it may move until `complete`; `passed` is true only when complete.

    Complete: every item was graded, and no grade waits for a person. `points` are those that are left after `off_percent`
    was taken off for lateness.
    """

    points: float
    max_points: float
    percent: float
    passed: bool
    complete: bool
    off_percent: float = 0.0


def total(grades: Sequence[Grade]) -> float:
    """The points of all graded items, proposals included, to a millionth of a point."""
    return round(math.fsum(grade.points for grade in grades if isinstance(grade, Graded)), 6)


def result(grades: Sequence[Grade], pass_percent: float, off_percent: float = 0.0) -> Result:
    """The result of one attempt: one grade per item of the exam, blank ones included. Raises `ValueError` for none, and
    for a share that is none.
    """
    if not grades:
        raise ValueError("an exam has at least one item")
    if not 0 <= off_percent <= 100:
        raise ValueError("what is taken off is between 0 and 100 percent")
    points = round(total(grades) * (1 - off_percent / 100), 6)
    max_points = round(math.fsum(grade.max_points for grade in grades), 6)
    percent = round(100 * points / max_points, 6)
    complete = all(isinstance(grade, Graded) and grade.certain for grade in grades)
    return Result(points, max_points, percent, complete and percent >= pass_percent, complete, off_percent)
