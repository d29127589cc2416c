"""The head's direction from points whose rotation is known, and from photographs that state it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.vision.analyser import FrameAnalyser
from proctor.vision.decode import PHOTO, decode
from proctor.vision.detector import FaceBox
from proctor.vision.landmarks import FaceLandmarker, Landmarks
from proctor.vision.pose import MEAN_FACE, MIRRORED, aflw_angles, head_pose

angles = st.floats(-55, 55)
FACE = FaceBox(0.34, 0.12, 0.2, 0.24, 1.0)  # in scikit-image's portrait
MIRRORED_FACE = FaceBox(0.46, 0.12, 0.2, 0.24, 1.0)


def rotation(pitch: float, yaw: float, roll: float) -> np.ndarray:
    """As 3DDFA builds it: R = Rx · Ry · Rz of the negated angles."""
    x, y, z = (-math.radians(angle) for angle in (pitch, yaw, roll))
    about_x = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_z = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def face_at(turned: np.ndarray, *, distance: float = 55.0, shift: tuple[float, float] = (0, 0)) -> Landmarks:
    """The mean face seen by a webcam of 640×480 from `distance` centimetres, with exact depth."""
    points = np.zeros((478, 3))
    focal = 320 / math.tan(math.radians(63) / 2)
    for number, x, y, z, _ in MEAN_FACE:
        for place, sign in ((number, 1), (MIRRORED.get(number, number), -1 if number in MIRRORED else 1)):
            at = turned @ np.array((sign * x, y, z))
            scale = focal / (distance - at[2])
            points[place] = (320 + shift[0] + at[0] * scale, 240 + shift[1] - at[1] * scale, -at[2] * focal / distance)
    return Landmarks(points)


@given(angles, angles, angles)
def test_angles_come_back_from_a_rotation(pitch: float, yaw: float, roll: float) -> None:
    assert np.allclose(aflw_angles(rotation(pitch, yaw, roll)), (pitch, yaw, roll), atol=1e-6)


@given(angles, angles, st.floats(-30, 30), st.floats(-150, 150))
def test_the_pose_of_a_known_face_is_found_wherever_it_sits(pitch: float, yaw: float, roll: float, x: float) -> None:
    turned = rotation(pitch, yaw, roll)
    found = head_pose(face_at(turned, shift=(x, x / 3)), 640, 480)
    between = turned @ rotation(found.pitch, found.yaw, found.roll).T
    assert math.degrees(math.acos(min(1.0, (np.trace(between) - 1) / 2))) < 6


def test_a_face_that_looks_straight_has_no_angle() -> None:
    pose = head_pose(face_at(np.eye(3)), 640, 480)
    assert max(abs(pose.pitch), abs(pose.yaw), abs(pose.roll)) < 1


@pytest.mark.slow
def test_signs_follow_a_mirrored_and_a_tilted_portrait(landmarker: FaceLandmarker, portrait: np.ndarray) -> None:
    """Mirroring turns yaw and roll round and leaves pitch; turning the picture by 15° is roll."""
    height, width = portrait.shape[:2]
    box = FACE
    plain, mirrored = (
        landmarker.read(portrait, box),
        landmarker.read(np.ascontiguousarray(portrait[:, ::-1]), MIRRORED_FACE),
    )
    turn = cv2.getRotationMatrix2D((width * (box.x + box.w / 2), height * (box.y + box.h / 2)), -15, 1)
    tilted = landmarker.read(np.asarray(cv2.warpAffine(portrait, turn, (width, height)), np.uint8), box)
    assert plain is not None
    assert mirrored is not None
    assert tilted is not None
    a, b, c = (head_pose(each, width, height) for each in (plain, mirrored, tilted))
    assert abs(a.yaw + b.yaw) < 4
    assert abs(a.roll + b.roll) < 4
    assert abs(a.pitch - b.pitch) < 4
    assert abs(abs(c.roll - a.roll) - 15) < 4


@pytest.mark.slow
def test_photographs_that_state_their_pose(landmarker: FaceLandmarker, analyser: FrameAnalyser, data: Path) -> None:
    """Mean error of the three angles at most 5° where the head is turned by at most 60°."""
    errors = []
    for name, truth in json.loads((data / "pose" / "pose.json").read_text("utf-8")).items():
        pixels = decode((data / "pose" / name).read_bytes(), PHOTO)
        points = landmarker.read(pixels, analyser.find(pixels).faces[0])
        if abs(truth["yaw_deg"]) > 60:
            continue
        assert points is not None
        pose = head_pose(points, pixels.shape[1], pixels.shape[0])
        errors += [abs(getattr(pose, angle) - truth[f"{angle}_deg"]) for angle in ("pitch", "yaw", "roll")]
    assert np.mean(errors) <= 5.0
