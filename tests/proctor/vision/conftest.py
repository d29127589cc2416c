"""Both landmarkers, and a portrait that ships inside a package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage

from proctor.vision.analyser import Models
from proctor.vision.bundle import landmarker_bundle
from proctor.vision.landmarks import FaceLandmarker

CACHE = Path(__file__).parents[3] / ".cache" / "models"
GOOGLES = CACHE / "face_landmarker" / "face_landmarker.task"
MESH = CACHE / "face_mesh" / "face_landmark_with_attention.tflite"


@pytest.fixture(scope="session", params=["from parts", "from Google's bundle"])
def landmarker(request: pytest.FixtureRequest, models: Models) -> Iterator[FaceLandmarker]:
    """What every installation has, and the same with the optional bundle."""
    if request.param == "from parts":
        model: Path | bytes = landmarker_bundle(models.short_range, MESH)
    elif GOOGLES.is_file():
        model = GOOGLES
    else:
        pytest.skip("the optional model face_landmarker is not here (python deploy/models.py says why)")
    reader = FaceLandmarker(model)
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """NASA's portrait of Eileen Collins, 512×512, RGB."""
    return np.asarray(
        cv2.imread(str(Path(skimage.__file__).parent / "data" / "astronaut.png"), cv2.IMREAD_COLOR_RGB), np.uint8
    )
