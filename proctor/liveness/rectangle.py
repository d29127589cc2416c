"""A straight frame around the face: the edge of a phone, a tablet, a screen or a sheet of paper held before the camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.detector import FaceBox

WIDE = 240  # pixels the picture is scaled to: fine enough for an edge, too coarse for moire
LEAST_LINE = 0.16  # of the picture's width
CANDIDATES = 4  # lines kept per side, longest first
LEAN = math.radians(30)  # how far a frame may be turned
PARALLEL = math.radians(16)  # how far perspective may spread two opposite sides
LEAST_FACE = 0.09  # of the picture's width: a smaller face is not the candidate's
MOST_AREA = 30.0  # times the face's own: a frame much larger than that is a room's
REACH = 0.3  # of the face's width: a close-up is cut off by its own frame

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One straight edge: a point on it, its direction (radians, within ±90° of its axis) and its length in pixels."""

    x: float
    y: float
    angle: float
    length: float


def bezel_of(grey: npt.NDArray[np.uint8], face: FaceBox) -> float:
    """Least share of a side that lies on a real edge, for the best quadrilateral around the face: 0 (no frame) to 1.

    Four sides are asked for. A door, a window or a board behind a person never has its lower side across the chest.
    """
    if face.w < LEAST_FACE:
        return 0.0
    height = max(1, round(WIDE * grey.shape[0] / grey.shape[1]))
    small = cv2.GaussianBlur(cv2.resize(grey, (WIDE, height), interpolation=cv2.INTER_AREA), (0, 0), 1.3)
    lines = cv2.Canny(small, 25, 75)
    found = cv2.HoughLinesP(lines, 1, math.pi / 180, 22, minLineLength=LEAST_LINE * WIDE, maxLineGap=5)
    if found is None:
        return 0.0
    sides = _sides(np.asarray(found, np.int32).reshape(-1, 4), face, height)
    if not all(sides):
        return 0.0
    near = np.asarray(cv2.dilate(lines, np.ones((3, 3), np.uint8)), np.uint8)
    size = face.w * WIDE * face.h * height
    best = 0.0
    for top, right, bottom, left in product(*sides):
        if _spread(top, bottom) > PARALLEL or _spread(left, right) > PARALLEL:
            continue
        corners = [_cross(*pair) for pair in ((top, left), (top, right), (bottom, right), (bottom, left))]
        fits = size * 1.2 * (1 - 2 * REACH) <= _area(corners) <= size * MOST_AREA
        if fits and all(_within(corner, height) for corner in corners):
            best = max(best, _support(near, corners, best))
    return round(best, 4)


def _sides(found: npt.NDArray[np.int32], face: FaceBox, height: int) -> tuple[list[Line], ...]:
    """Lines above, right of, below and left of the middle of the face."""
    centre_x, centre_y = (face.x + face.w / 2) * WIDE, (face.y + face.h / 2) * height
    apart_x, apart_y = face.w * WIDE * (0.5 - REACH / 2), face.h * height * (0.5 - REACH / 2)
    sides: tuple[list[Line], ...] = ([], [], [], [])
    for x0, y0, x1, y1 in found.tolist():
        dx, dy = x1 - x0, y1 - y0
        length, middle_x, middle_y = math.hypot(dx, dy), (x0 + x1) / 2, (y0 + y1) / 2
        if abs(dx) >= abs(dy):
            angle = math.atan2(dy, dx) if dx > 0 else math.atan2(-dy, -dx)
            away = middle_y + (centre_x - middle_x) * math.tan(angle) - centre_y
            side = 0 if away < -apart_y else 2 if away > apart_y else -1
        else:
            angle = math.atan2(dx, dy) if dy > 0 else math.atan2(-dx, -dy)
            away = middle_x + (centre_y - middle_y) * math.tan(angle) - centre_x
            side = 3 if away < -apart_x else 1 if away > apart_x else -1
        if side >= 0 and abs(angle) <= LEAN:
            sides[side].append(Line(middle_x, middle_y, angle, length))
    return tuple(_distinct(side) for side in sides)


def _distinct(lines: list[Line]) -> list[Line]:
    """The longest few, each place once."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda each: (-each.length, each.x, each.y)):
        if all(abs(line.x - other.x) + abs(line.y - other.y) > 4 or _spread(line, other) > 0.03 for other in kept):
            kept.append(line)
        if len(kept) == CANDIDATES:
            break
    return kept


def _spread(a: Line, b: Line) -> float:
    return abs(a.angle - b.angle)


def _cross(flat: Line, upright: Line) -> Point:
    """Where a line near the horizontal meets one near the vertical."""
    slope, lean = math.tan(flat.angle), math.tan(upright.angle)
    y = (flat.y + slope * (upright.x - upright.y * lean - flat.x)) / (1 - slope * lean)
    return upright.x + (y - upright.y) * lean, y


def _within(corner: Point, height: int) -> bool:
    return -3 <= corner[0] <= WIDE + 3 and -3 <= corner[1] <= height + 3


def _area(corners: list[Point]) -> float:
    turned = [*corners[1:], corners[0]]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, turned, strict=True))) / 2


def _support(near: npt.NDArray[np.uint8], corners: list[Point], least: float) -> float:
    """The worst side's share of points on an edge; stops early below `least`."""
    worst = 1.0
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        steps = np.linspace(0.02, 0.98, max(8, int(math.dist(start, end))))
        x = np.clip(np.rint(start[0] + (end[0] - start[0]) * steps).astype(int), 0, near.shape[1] - 1)
        y = np.clip(np.rint(start[1] + (end[1] - start[1]) * steps).astype(int), 0, near.shape[0] - 1)
        worst = min(worst, float(np.mean(near[y, x] > 0)))
        if worst <= least:
            return 0.0
    return worst
