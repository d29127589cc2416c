"""Where the head points, from the points of one face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from proctor.vision.landmarks import Floats, Landmarks
from proctor.vision.reading import Pose

# Points of a mean face in centimetres (x to the picture's right, y up, z to the camera), and how much each counts:
# MediaPipe's canonical face model and its Procrustes basis (Apache-2.0). Points that stay where they are when we speak.
MEAN_FACE: tuple[tuple[int, float, float, float, float], ...] = (
    (4, 0.0, -0.463, 7.587, 0.0709),
    (6, 0.0, 2.473, 5.789, 0.0321),
    (10, 0.0, 8.262, 4.482, 0.0084),
    (33, -4.446, 2.664, 3.173, 0.0587),
    (54, -6.279, 6.615, 1.426, 0.0077),
    (67, -3.524, 8.006, 3.729, 0.0091),
    (117, -5.259, 0.946, 2.974, 0.0098),
    (119, -3.301, 0.862, 3.873, 0.0146),
    (121, -1.821, 1.468, 4.224, 0.0186),
    (127, -7.743, 2.365, -2.005, 0.0052),
    (129, -1.786, -0.978, 4.85, 0.1206),
    (132, -7.27, -2.891, -2.252, 0.0056),
    (133, -1.856, 2.585, 3.758, 0.0533),
    (136, -5.085, -7.179, 0.715, 0.0669),
    (143, -6.408, 2.236, 1.561, 0.0148),
    (147, -6.235, -1.944, 1.664, 0.0143),
    (198, -1.247, 0.23, 5.681, 0.0255),
    (205, -3.833, -1.537, 4.138, 0.0473),
)
# The other half of the face: the same points mirrored.
MIRRORED = {
    33: 263,
    54: 284,
    67: 297,
    117: 346,
    119: 348,
    121: 350,
    127: 356,
    129: 358,
    132: 361,
    133: 362,
    136: 365,
    143: 372,
    147: 376,
    198: 420,
    205: 425,
}
FIELD_OF_VIEW = math.radians(63)  # of a usual webcam, as MediaPipe assumes

_ROWS = MEAN_FACE + tuple((MIRRORED[row[0]], -row[1], *row[2:]) for row in MEAN_FACE if row[0] in MIRRORED)
_POINTS = np.array([row[0] for row in _ROWS])
_FACE = np.array([row[1:4] for row in _ROWS], np.float64)
_WEIGHTS = np.array([row[4] for row in _ROWS], np.float64)[:, None] / sum(row[4] for row in _ROWS)
_FLIP = np.diag((1.0, -1.0, -1.0))  # pictures count y downwards and z away from the camera


@dataclass(frozen=True)
class Head:
    """`rotation`: (3, 3), from the mean face to the one seen, x to the right, y up, z to the camera; `scale`: pixels a centimetre."""

    rotation: Floats
    scale: float

    @property
    def pose(self) -> Pose:
        return Pose(*(round(angle, 2) for angle in aflw_angles(self.rotation)))


def fit_head(landmarks: Landmarks, width: int, height: int) -> Head:
    """The rigid head under the points; its pose is within about 4° of the truth. `width` and `height` of the whole picture.

    Depth is known twice: the network guesses it for each point, and perspective shows it in where a rigid face's points
    fall. Each errs in its own way, so the two rotations are averaged.
    """
    rotation = _nearest_rotation(_by_depth(landmarks) + _by_perspective(landmarks, width, height))
    seen, mean = _centred(landmarks.points[_POINTS] @ _FLIP)[:, :2], (_centred(_FACE) @ rotation.T)[:, :2]
    return Head(rotation, float((_WEIGHTS * seen * mean).sum() / (_WEIGHTS * mean * mean).sum()))


def head_pose(landmarks: Landmarks, width: int, height: int) -> Pose:
    """Pitch, yaw and roll in degrees."""
    return fit_head(landmarks, width, height).pose


def aflw_angles(rotation: Floats) -> tuple[float, float, float]:
    """Pitch, yaw and roll in degrees as AFLW2000 states them (3DDFA): the negated angles of R = Rx · Ry · Rz."""
    yaw = math.asin(float(np.clip(rotation[0, 2], -1, 1)))
    pitch = math.atan2(-rotation[1, 2], rotation[2, 2])
    roll = math.atan2(-rotation[0, 1], rotation[0, 0])
    return -math.degrees(pitch), -math.degrees(yaw), -math.degrees(roll)


def _by_depth(landmarks: Landmarks) -> Floats:
    """Weighted orthogonal Procrustes (Kabsch 1976) between the mean face and the points with the network's depth."""
    seen = landmarks.points[_POINTS] @ _FLIP
    return _nearest_rotation((_centred(seen) * _WEIGHTS).T @ _centred(_FACE))


def _centred(points: Floats) -> Floats:
    return np.asarray(points - (points * _WEIGHTS).sum(0), np.float64)


def _by_perspective(landmarks: Landmarks, width: int, height: int) -> Floats:
    """Perspective-n-point over the mean face (SQPnP, Terzakis and Lourakis 2020); depth is not looked at.

    The face is moved to the middle of the picture first: where somebody sits says nothing about where they look.
    """
    focal = max(width, height) / 2 / math.tan(FIELD_OF_VIEW / 2)
    flat = np.ascontiguousarray(landmarks.points[_POINTS, :2])
    camera = np.array(((focal, 0, 0), (0, focal, 0), (0, 0, 1)), np.float64)
    done, turn, _ = cv2.solvePnP(_FACE @ _FLIP, flat - flat.mean(0), camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not done:
        return _by_depth(landmarks)
    return np.asarray(_FLIP @ cv2.Rodrigues(turn)[0] @ _FLIP, np.float64)


def _nearest_rotation(matrix: Floats) -> Floats:
    left, _, right = np.linalg.svd(matrix)
    return np.asarray(left @ np.diag((1.0, 1.0, float(np.linalg.det(left @ right)))) @ right, np.float64)
