"""From where the eyes point to where on the screen that is: learnt from five points that the candidate looked at.

A webcam tells the line of sight to about 4°, a few centimetres on the screen: enough for "on the screen or beside it",
never for what somebody reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from proctor.errors import BadCalibration
from proctor.vision.reading import FrameReading

Floats = npt.NDArray[np.float64]
TARGETS = ((0.5, 0.5), (0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94))  # of the screen, in the order shown


@dataclass(frozen=True)
class Sight:
    """Line of sight in degrees, head and eyes together; signs as in `Pose` (left and up are positive)."""

    horizontal: float
    vertical: float


def sight_of(reading: FrameReading) -> Sight | None:
    """Head and eyes added; None where either could not be read or the eyes were closed."""
    if reading.pose is None or reading.gaze is None or (reading.eyes or 0) < 0.25:
        return None
    return Sight(reading.pose.yaw + reading.gaze.horizontal, reading.pose.pitch + reading.gaze.vertical)


@dataclass(frozen=True)
class CalibrationPoint:
    """Where on the screen the point was (0..1 from the left and from the top) and the line of sight seen then."""

    x: float
    y: float
    sight: Sight


@dataclass(frozen=True)
class Zone:
    """How far beside the screen still counts as inside, in screens; below is the keyboard and the paper on the desk."""

    beside: float = 0.45
    above: float = 0.5
    below: float = 1.0


@dataclass(frozen=True)
class Calibration:
    """`across`, `down`: a place on the screen is first + second · degrees. `error`: mean miss in screens.

    Each direction has its own line: with cross terms, five points could not tell one bad corner from the opposite one.
    """

    across: tuple[float, float]
    down: tuple[float, float]
    error: float
    left_out: int = 0

    def place(self, sight: Sight) -> tuple[float, float]:
        """Where on the screen that is: 0..1 from the left and the top, beyond outside of it."""
        return (
            self.across[0] + self.across[1] * sight.horizontal,
            self.down[0] + self.down[1] * sight.vertical,
        )

    def inside(self, sight: Sight, zone: Zone | None = None) -> bool:
        """On the screen or not far from it."""
        zone = zone or Zone()
        x, y = self.place(sight)
        return -zone.beside <= x <= 1 + zone.beside and -zone.above <= y <= 1 + zone.below

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `Calibration.of` reads them back."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The calibration that `plain()` described; raises `TypeError` or `KeyError` for anything else."""
        return cls(**{**plain, "across": tuple(plain["across"]), "down": tuple(plain["down"])})

    @classmethod
    def fit(cls, points: Sequence[CalibrationPoint], *, most_error: float = 0.25) -> Self:
        """Least squares, without the one point that fits the others worst if it is clearly wrong.

        Raises `BadCalibration` with what to do better: too few points, eyes that did not follow, or answers that do not fit.
        """
        if len(points) < 4:
            raise BadCalibration(f"Only {len(points)} of the points could be read; 4 are needed. {LIGHT}")
        chosen = _agreeing(points)
        _refuse_degenerate(chosen)
        (across, down), error = _lines(chosen)
        if error > most_error:
            raise BadCalibration(f"The eyes did not follow the points closely enough. {STILL}")
        if across[1] > 0 or down[1] > 0:
            raise BadCalibration("The eyes moved the other way than the points. Does a program mirror the picture?")
        return cls(across, down, round(error, 4), len(points) - len(chosen))


LIGHT = "Sit in good light, with both eyes visible."
STILL = "Keep the head still and look at each point until it goes."
Line = tuple[float, float]


def _agreeing(points: Sequence[CalibrationPoint]) -> list[CalibrationPoint]:
    """All points, or all but the one without which the others fit at least three times as well."""
    if len(points) < 5:
        return list(points)
    fits = [(_lines(kept)[1], list(kept)) for kept in combinations(points, len(points) - 1) if _is_wide(kept)]
    if not fits:
        return list(points)
    best, kept = min(fits, key=lambda fit: fit[0])
    return kept if 3 * best + 0.02 < _lines(points)[1] else list(points)


def _lines(points: Sequence[CalibrationPoint]) -> tuple[tuple[Line, Line], float]:
    """Both lines by least squares, and the mean distance by which they miss, in screens."""
    fitted: list[Line] = []
    misses: list[Floats] = []
    for seen, screen in _columns(points):
        numbers = np.stack((np.ones_like(seen), seen), axis=1)
        first, second = np.linalg.lstsq(numbers, screen, rcond=None)[0]
        fitted.append((round(float(first), 6), round(float(second), 6)))
        misses.append(first + second * seen - screen)
    return (fitted[0], fitted[1]), float(np.hypot(*misses).mean())


def _columns(points: Sequence[CalibrationPoint]) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """For each direction the degrees seen and the places on the screen."""
    return (
        (np.array([point.sight.horizontal for point in points]), np.array([point.x for point in points])),
        (np.array([point.sight.vertical for point in points]), np.array([point.y for point in points])),
    )


def _is_wide(points: Sequence[CalibrationPoint]) -> bool:
    return all(np.ptp(screen) > 0.3 for _, screen in _columns(points))


def _refuse_degenerate(points: Sequence[CalibrationPoint]) -> None:
    """The points must lie apart in both directions, and so must the lines of sight."""
    if not _is_wide(points):
        raise BadCalibration("The points that could be read lie on one line. Please try again.")
    (across, _), (down, _) = _columns(points)
    if np.ptp(across) < 4.0 or np.ptp(down) < 2.0:
        raise BadCalibration(f"The eyes hardly moved between the points. {STILL}")
