"""From grades to a result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grading.mark import Grade, Graded

Each = Literal["minute", "once"]
"""What is taken off for writing late: so much for each minute that was begun, or so much once."""


@dataclass(frozen=True)
class Result:
    """`points` counts proposals too, so it may move until `complete`; `passed` is true only when complete.

    Complete: every item was graded, and no grade waits for a person. `penalty` are points that were earned and taken off
    because somebody wrote late; `points` is what is left.
    """

    points: float
    max_points: float
    percent: float
    passed: bool
    complete: bool
    penalty: float = 0.0


def total(grades: Sequence[Grade]) -> float:
    """The points of all graded items, proposals included, to a millionth of a point."""
    return round(math.fsum(grade.points for grade in grades if isinstance(grade, Graded)), 6)


def result(grades: Sequence[Grade], pass_percent: float, late_percent: int = 0) -> Result:
    """The result of one attempt: one grade per item of the exam, blank ones included. Raises `ValueError` for none.

    `late_percent` of the points that were earned are taken off, at most all of them.
    """
    if not grades:
        raise ValueError("an exam has at least one item")
    earned = total(grades)
    penalty = round(earned * min(max(late_percent, 0), 100) / 100, 6)
    points = round(earned - penalty, 6)
    max_points = round(math.fsum(grade.max_points for grade in grades), 6)
    percent = round(100 * points / max_points, 6)
    complete = all(isinstance(grade, Graded) and grade.certain for grade in grades)
    return Result(points, max_points, percent, complete and percent >= pass_percent, complete, penalty)


def late_percent(seconds: int, percent: int, each: Each) -> int:
    """What writing for so long after the end costs, in percent of the points that were earned; never more than all."""
    if seconds <= 0:
        return 0
    return min(100, percent * -(-seconds // 60) if each == "minute" else percent)
