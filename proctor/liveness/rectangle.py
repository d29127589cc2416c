"""A straight frame around the face: the edge of a phone, a tablet, a screen or a sheet of paper held before the camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox

WIDE = 240  # pixels the picture is scaled to: fine enough for an edge, too coarse for moire
EDGES = (28, 72)  # Canny's thresholds
FAINT = 20  # Sobel's sum of both directions, below which there is no edge at all
ACROSS = math.cos(math.radians(25))  # an edge of a side runs along it, within so much
TURN = math.radians(
    1.5
)  # between angles that are tried; 578 looks at drawn films score the same with 1.0, which costs a fifth more
LEAST_LINE = 0.16  # of the picture's width
CANDIDATES = 4  # lines kept per side, longest first
LEAN = math.radians(30)  # how far a frame may be turned
PARALLEL = math.radians(16)  # how far perspective may spread two opposite sides
LEAST_FACE = 0.09  # of the picture's width: a smaller face is not the candidate's
MOST_AREA = 30.0  # times the face's own: a frame much larger than that is a room's
REACH = 0.3  # of the face's width: a close-up is cut off by its own frame
OUTSIDE = 24  # pixels by which a corner may lie outside the picture
SEEN = 0.6  # of each side must be inside
GAP, BEYOND = 3, 10  # pixels after a corner that are left out, and looked at
CHANCE = 0.3  # of what follows a corner is an edge in any busy room
PRICE = 0.5  # for lines that go on beyond the corners, as those of bricks and shelves do

Point = tuple[float, float]
Gradient = npt.NDArray[np.int16]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """One straight edge: a point on it, its direction (radians, within ±90° of its axis) and its length in pixels."""

    x: float
    y: float
    angle: float
    length: float


@dataclass(frozen=True)
class Side:
    """A line across the whole picture: `counts[i]` of its first `i` columns (of an upright line: rows) lie on an edge along it."""

    line: Line
    counts: Counts

    def share(self, start: float, end: float) -> float:
        """Of the part inside the picture; 0 where nothing is inside."""
        first, last = max(0, round(start)), min(len(self.counts) - 1, round(end) + 1)
        return float(self.counts[last] - self.counts[first]) / (last - first) if last > first else 0.0


def bezel_of(pixels: Pixels, face: FaceBox) -> float:
    """Least share of a side that lies on a real edge, for the best quadrilateral around the face: 0 (no frame) to 1.

    `pixels`: RGB, 240 wide or more. Four sides are asked for. A door, a window or a board behind a person never has its lower
    side across the chest. Edges are taken of the colour in which they are strongest, and count only where they run along
    the side: in a room full of things something lies on every line, but not along it.
    """
    if face.w < LEAST_FACE:
        return 0.0
    across, down = _gradients(pixels)
    height = len(across)
    # The transform walks along a line pixel by pixel: an edge of one pixel that leans a little would end at its first step.
    edges = cv2.dilate(cv2.Canny(across, down, *EDGES), np.ones((2, 2), np.uint8))
    found = cv2.HoughLinesP(edges, 1, TURN, 30, minLineLength=LEAST_LINE * WIDE, maxLineGap=4)
    if found is None:
        return 0.0
    lines = _lines(np.asarray(found, np.int32).reshape(-1, 4), face, height)
    if not all(lines):
        return 0.0
    size = face.w * WIDE * face.h * height
    best, known = 0.0, dict[Line, Side]()  # many lines are no side of anything that fits: their edges are never counted
    for top, right, bottom, left in product(*lines):
        if _spread(top, bottom) > PARALLEL or _spread(left, right) > PARALLEL:
            continue
        corners = [_cross(*pair) for pair in ((top, left), (top, right), (bottom, right), (bottom, left))]
        fits = size * 1.2 * (1 - 2 * REACH) <= _area(corners) <= size * MOST_AREA
        if fits and all(_near(corner, height) for corner in corners):
            for line, flat in ((top, True), (right, False), (bottom, True), (left, False)):
                if line not in known:
                    known[line] = Side(line, _counts(across, down, line, flat=flat))
            sides = known[top], known[right], known[bottom], known[left]
            best = max(best, _support(sides, corners, height, best))
    return round(best, 4)


def _gradients(pixels: Pixels) -> tuple[Gradient, Gradient]:
    """Sobel's across and down, at each place of the channel in which they are largest."""
    height = max(1, round(WIDE * pixels.shape[0] / pixels.shape[1]))
    small = cv2.GaussianBlur(cv2.resize(pixels, (WIDE, height)), (5, 5), 1.0)
    across = down = most = None
    for dx, dy in zip(
        cv2.split(cv2.Sobel(small, cv2.CV_16S, 1, 0)), cv2.split(cv2.Sobel(small, cv2.CV_16S, 0, 1)), strict=True
    ):
        size = np.abs(dx) + np.abs(dy)
        if across is None or down is None or most is None:
            across, down, most = dx, dy, size
            continue
        larger = cv2.compare(size, most, cv2.CMP_GT)
        cv2.copyTo(dx, larger, across)
        cv2.copyTo(dy, larger, down)
        most = cv2.max(most, size)
    return np.asarray(across, np.int16), np.asarray(down, np.int16)


def _lines(found: npt.NDArray[np.int32], face: FaceBox, height: int) -> tuple[list[Line], ...]:
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


def _counts(across: Gradient, down: Gradient, line: Line, *, flat: bool) -> Counts:
    """How many points of the line, up to each column or row, lie within a pixel of an edge that runs along it."""
    if not flat:  # the same, with the picture's axes changed
        across, down, line = down.T, across.T, Line(line.y, line.x, line.angle, line.length)
    height, width = across.shape
    along = np.arange(width)
    middle = np.rint(line.y + (along - line.x) * math.tan(line.angle)).astype(np.intp)
    rows = np.clip(middle + np.array(((-1,), (0,), (1,))), 0, height - 1)
    dx, dy = across[rows, along].astype(np.float32), down[rows, along].astype(np.float32)
    normal = np.abs(dy * math.cos(line.angle) - dx * math.sin(line.angle))
    hit = np.any((normal > FAINT) & (normal > ACROSS * np.hypot(dx, dy)), axis=0) & (middle >= 0) & (middle < height)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(hit, dtype=np.int64)))


def _spread(a: Line, b: Line) -> float:
    return abs(a.angle - b.angle)


def _cross(flat: Line, upright: Line) -> Point:
    """Where a line near the horizontal meets one near the vertical."""
    slope, lean = math.tan(flat.angle), math.tan(upright.angle)
    y = (flat.y + slope * (upright.x - upright.y * lean - flat.x)) / (1 - slope * lean)
    return upright.x + (y - upright.y) * lean, y


def _near(corner: Point, height: int) -> bool:
    return -OUTSIDE <= corner[0] <= WIDE + OUTSIDE and -OUTSIDE <= corner[1] <= height + OUTSIDE


def _area(corners: list[Point]) -> float:
    turned = [*corners[1:], corners[0]]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, turned, strict=True))) / 2


def _support(sides: tuple[Side, ...], corners: list[Point], height: int, least: float) -> float:
    """The worst side's share of points on an edge, less the price of lines that go on; stops early below `least`."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    worst, beyond = 1.0, list[float]()
    for side, start, end, size in zip(
        sides, (ax, by, dx, ay), (bx, cy, cx, dy), (WIDE, height, WIDE, height), strict=True
    ):
        if min(end, size) - max(start, 0) < SEEN * (end - start):
            return 0.0
        worst = min(worst, side.share(start, end))
        if worst <= least:
            return 0.0
        if start - GAP - BEYOND > 0:
            beyond.append(side.share(start - GAP - BEYOND, start - GAP))
        if end + GAP + BEYOND < size:
            beyond.append(side.share(end + GAP, end + GAP + BEYOND))
    goes_on = sum(beyond) / len(beyond) if beyond else 0.0
    return worst - PRICE * max(0.0, goes_on - CHANCE)
