"""The points of a face: both models agree, and nothing is read where there is no face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from proctor.errors import ModelMissing
from proctor.vision.analyser import Models
from proctor.vision.bundle import landmarker_bundle, order
from proctor.vision.detector import FaceBox
from proctor.vision.landmarks import FaceLandmarker, Landmarks
from proctor.vision.pose import head_pose
from proctor.vision.refined import LEFT_EYE, LEFT_IRIS, LIPS, RIGHT_EYE, RIGHT_IRIS
from tests.proctor.vision.conftest import GOOGLES, MESH

FACE = FaceBox(0.34, 0.12, 0.2, 0.24, 1.0)  # in scikit-image's portrait


def test_every_number_of_every_point_has_one_source() -> None:
    places = order()
    assert len(places) == 478 * 3
    assert max(places) == 1404 + 160 + 142 + 142 + 10 + 10 + 1
    refined = {*LIPS, *LEFT_EYE, *RIGHT_EYE, *LEFT_IRIS, *RIGHT_IRIS}
    assert len(refined) == 80 + 71 + 71 + 5 + 5
    for point in range(468):
        assert (places[3 * point] >= 1404) == (point in refined)
        assert places[3 * point + 2] == 3 * point + 2


def test_a_missing_part_is_named(models: Models, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"nowhere\.tflite"):
        landmarker_bundle(models.short_range, tmp_path / "nowhere.tflite")
    with pytest.raises(ModelMissing, match=r"nowhere\.task"):
        FaceLandmarker(tmp_path / "nowhere.task")


def test_a_face_has_478_points() -> None:
    with pytest.raises(ValueError, match="478"):
        Landmarks(np.zeros((468, 3)))


@pytest.mark.slow
def test_points_lie_on_the_face(landmarker: FaceLandmarker, portrait: np.ndarray) -> None:
    points = landmarker.read(portrait, FACE)
    assert points is not None
    left, top = points.points[:, :2].min(0)
    right, bottom = points.points[:, :2].max(0)
    assert 160 < left < right < 290
    assert 50 < top < bottom < 200
    for iris, corners in (((468), (33, 133)), ((473), (362, 263))):
        outer, inner = points.points[list(corners), 0]
        assert outer < points.points[iris, 0] < inner


@pytest.mark.slow
def test_nothing_is_read_from_a_wall(landmarker: FaceLandmarker) -> None:
    wall = np.full((480, 640, 3), 140, np.uint8)
    assert landmarker.read(wall, FACE) is None
    assert landmarker.read(wall, FaceBox(0.999, 0.999, 0.001, 0.001, 1.0)) is None


@pytest.mark.slow
def test_the_model_from_parts_agrees_with_googles_bundle(models: Models, portrait: np.ndarray) -> None:
    """Within 3 % of the face's width, pose within 5°."""
    if not GOOGLES.is_file():
        pytest.skip("the optional model face_landmarker is not here (python deploy/models.py says why)")
    ours, theirs = FaceLandmarker(landmarker_bundle(models.short_range, MESH)), FaceLandmarker(GOOGLES)
    a, b = ours.read(portrait, FACE), theirs.read(portrait, FACE)
    ours.close()
    theirs.close()
    assert a is not None
    assert b is not None
    wide = float(np.ptp(b.points[:, 0]))
    assert float(np.linalg.norm(a.points[:, :2] - b.points[:, :2], axis=1).mean()) < 0.03 * wide
    one, other = head_pose(a, 512, 512), head_pose(b, 512, 512)
    assert max(abs(one.pitch - other.pitch), abs(one.yaw - other.yaw), abs(one.roll - other.roll)) < 5
