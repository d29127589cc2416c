"""How far eyes and mouth are open, and where the eyes point, from the points of one face."""

from __future__ import annotations

import math

import numpy as np

from proctor.vision.landmarks import Floats, Landmarks
from proctor.vision.pose import Head
from proctor.vision.reading import Gaze

# Of each eye: outer and inner corner, then pairs of upper and lower lid, then the iris (its centre first).
EYES = (
    ((33, 133), ((160, 144), (159, 145), (158, 153)), 468),
    ((263, 362), ((387, 373), (386, 374), (385, 380)), 473),
)
LIPS, MOUTH_CORNERS = (13, 14), (78, 308)
CLOSED, OPEN = 0.10, 0.28  # lid distance by eye width (Soukupová and Čech 2016): a closed eye and one that looks ahead

# Centimetres (anatomy: Bekerman et al. 2014). The iris turns at IRIS_RADIUS around a centre that lies behind the corners.
IRIS_RADIUS = 1.0
CENTRE_BEHIND = 0.6
CENTRE_ABOVE = 0.15


def eye_openness(landmarks: Landmarks) -> float:
    """0 (closed) to 1 (as open as usual), of the eye that is more open: a wink is not sleep."""
    points = landmarks.points
    ratios = [
        sum(_distance(points, *pair) for pair in lids) / len(lids) / max(_distance(points, *corners), 1e-6)
        for corners, lids, _ in EYES
    ]
    return round(float(np.clip((max(ratios) - CLOSED) / (OPEN - CLOSED), 0, 1)), 3)


def mouth_openness(landmarks: Landmarks) -> float:
    """Distance between the lips by the mouth's width, 0 (closed) to 1."""
    points = landmarks.points
    return round(float(np.clip(_distance(points, *LIPS) / max(_distance(points, *MOUTH_CORNERS), 1e-6), 0, 1)), 3)


def gaze_of(landmarks: Landmarks, head: Head) -> Gaze | None:
    """Direction of both eyes relative to the head; None where the irises lie where no eye could turn them.

    Where the iris is seen, measured from the centre of an eyeball of usual size behind the eye's corners, is the direction.
    """
    directions = [each for eye in EYES if (each := _direction(landmarks, head, eye[0], eye[2])) is not None]
    if not directions:
        return None
    x, y, z = head.rotation.T @ np.mean(directions, axis=0)
    return Gaze(round(-math.degrees(math.atan2(x, z)), 2), round(math.degrees(math.asin(float(np.clip(y, -1, 1)))), 2))


def _direction(landmarks: Landmarks, head: Head, corners: tuple[int, int], iris: int) -> Floats | None:
    """Unit vector in the camera's axes (x to the right, y up, z to the camera)."""
    points = landmarks.points
    middle = (points[corners[0], :2] + points[corners[1], :2]) / 2
    offset = (points[iris, :2] - middle) * (1, -1) / head.scale
    centre = head.rotation @ np.array((0.0, CENTRE_ABOVE, -CENTRE_BEHIND))
    across, up = (offset - centre[:2]) / IRIS_RADIUS
    rest = 1 - across**2 - up**2
    return np.array((across, up, math.sqrt(rest))) if rest > 0.1 else None


def _distance(points: Floats, a: int, b: int) -> float:
    return float(np.linalg.norm(points[a] - points[b]))
