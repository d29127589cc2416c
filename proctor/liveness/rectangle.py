"""A straight frame around the face: the edge of a phone, a tablet, a screen or a sheet of paper held before the camera."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.detector import FaceBox

WIDE = 320


def bezel_of(grey: npt.NDArray[np.uint8], face: FaceBox) -> float:
    """How much of the best quadrilateral around the whole face lies on a real edge, 0 (none) to 1 (all four sides)."""
    height = max(1, round(WIDE * grey.shape[0] / grey.shape[1]))
    small = cv2.resize(grey, (WIDE, height), interpolation=cv2.INTER_AREA)
    lines = cv2.Canny(cv2.GaussianBlur(small, (0, 0), 1.0), 40, 110)
    edges = np.asarray(cv2.dilate(lines, np.ones((3, 3), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    left, top = face.x * WIDE, face.y * height
    right, bottom = left + face.w * WIDE, top + face.h * height
    least, most = 1.3 * (right - left) * (bottom - top), 0.92 * WIDE * height
    best = 0.0
    for contour in contours:
        if len(contour) < 4 or not least <= cv2.contourArea(contour) <= most:
            continue
        shape = cv2.approxPolyDP(contour, 0.03 * cv2.arcLength(contour, True), True)
        if len(shape) != 4 or not cv2.isContourConvex(shape):
            continue
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        if all(cv2.pointPolygonTest(shape, corner, False) >= 0 for corner in corners):
            best = max(best, _support(edges, np.asarray(shape.reshape(4, 2), np.int32)))
    return round(best, 4)


def _support(edges: npt.NDArray[np.uint8], shape: npt.NDArray[np.int32]) -> float:
    """The worst side's share of points that lie on an edge."""
    worst = 1.0
    for index in range(4):
        start, end = shape[index], shape[(index + 1) % 4]
        count = max(8, int(np.hypot(*(end - start))))
        steps = np.linspace(0, 1, count)[:, None]
        points = np.rint(start + (end - start) * steps).astype(int)
        inside = edges[np.clip(points[:, 1], 0, edges.shape[0] - 1), np.clip(points[:, 0], 0, edges.shape[1] - 1)]
        worst = min(worst, float(np.mean(inside > 0)))
    return worst
