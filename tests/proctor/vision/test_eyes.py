"""Eyes and mouth of a face whose points are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.vision.eyes import (
    CENTRE_ABOVE,
    CENTRE_BEHIND,
    EYES,
    IRIS_RADIUS,
    LIPS,
    MOUTH_CORNERS,
    eye_openness,
    gaze_of,
    mouth_openness,
)
from proctor.vision.landmarks import FaceLandmarker, Landmarks
from proctor.vision.pose import Head, fit_head
from tests.proctor.vision.test_landmarks import FACE
from tests.proctor.vision.test_pose import rotation

SCALE = 10.0  # pixels a centimetre
small_angles = st.floats(-25, 25)


def eyes_that_look(horizontal: float, vertical: float, turned: np.ndarray) -> Landmarks:
    """Eyeballs of usual size in a head that is `turned`; left and up are positive, seen without perspective."""
    points = np.zeros((478, 3))
    across, up = (
        -math.sin(math.radians(horizontal)) * math.cos(math.radians(vertical)),
        math.sin(math.radians(vertical)),
    )
    ahead = math.sqrt(1 - across**2 - up**2)
    for (corners, _, iris), side in zip(EYES, (-1, 1), strict=True):
        middle = np.array((side * 3.2, 2.6, 3.5))
        for corner, way in zip(corners, (side, -side), strict=True):
            points[corner] = seen(turned @ np.add(middle, (way * 1.4, 0, 0)))
        centre = np.add(middle, (0, CENTRE_ABOVE, -CENTRE_BEHIND))
        points[iris] = seen(turned @ (centre + IRIS_RADIUS * np.array((across, up, ahead))))
    return Landmarks(points)


def seen(at: np.ndarray) -> np.ndarray:
    return np.array((320 + SCALE * at[0], 240 - SCALE * at[1], -SCALE * at[2]))


@given(small_angles, small_angles, small_angles, small_angles)
def test_where_eyes_look_is_found_in_a_turned_head(h: float, v: float, pitch: float, yaw: float) -> None:
    turned = rotation(pitch, yaw, 0)
    found = gaze_of(eyes_that_look(h, v, turned), Head(turned, SCALE))
    if found is not None:  # together they may point too far to the side to be seen
        assert found.horizontal == pytest.approx(h, abs=0.5)
        assert found.vertical == pytest.approx(v, abs=0.5)


def test_eyes_that_look_ahead_look_ahead() -> None:
    found = gaze_of(eyes_that_look(0, 0, np.eye(3)), Head(np.eye(3), SCALE))
    assert found is not None
    assert (found.horizontal, found.vertical) == pytest.approx((0, 0), abs=0.01)


def test_an_iris_where_no_eye_could_turn_it_is_no_gaze() -> None:
    face = eyes_that_look(0, 0, np.eye(3))
    for _, _, iris in EYES:
        face.points[iris, 0] += 3 * SCALE
    assert gaze_of(face, Head(np.eye(3), SCALE)) is None


@given(st.floats(0, 1), st.floats(0, 1))
def test_openness_follows_the_lids_and_counts_the_wider_eye(left: float, right: float) -> None:
    points = np.zeros((478, 3))
    for (corners, lids, _), wide in zip(EYES, (left, right), strict=True):
        points[corners[0]], points[corners[1]] = (0, 0, 0), (30, 0, 0)
        for upper, lower in lids:
            points[upper], points[lower] = (15, -wide * 6, 0), (15, wide * 6, 0)
    one, other = eye_openness(Landmarks(points)), max(left, right) * 12 / 30
    assert one == pytest.approx(min(1.0, max(0.0, (other - 0.10) / 0.18)), abs=0.001)


def test_a_mouth_is_open_by_its_own_width() -> None:
    points = np.zeros((478, 3))
    points[MOUTH_CORNERS[1]] = (50, 0, 0)
    assert mouth_openness(Landmarks(points)) == 0
    points[LIPS[1]] = (0, 20, 0)
    assert mouth_openness(Landmarks(points)) == 0.4
    points[LIPS[1]] = (0, 90, 0)
    assert mouth_openness(Landmarks(points)) == 1


@pytest.mark.slow
def test_a_smiling_portrait_looks_into_the_camera_with_open_eyes(
    landmarker: FaceLandmarker, portrait: np.ndarray
) -> None:
    points = landmarker.read(portrait, FACE)
    assert points is not None
    head = fit_head(points, 512, 512)
    gaze = gaze_of(points, head)
    assert gaze is not None
    assert abs(head.pose.yaw + gaze.horizontal) < 15
    assert abs(head.pose.pitch + gaze.vertical) < 15
    assert eye_openness(points) > 0.4
    assert 0.05 < mouth_openness(points) < 0.5
