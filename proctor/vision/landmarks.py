"""478 points of one face, irises included, by one model behind one interface.

`FaceLandmarker` runs either Google's bundle or the one that `bundle.py` builds from parts that are always there (attention
mesh, Grishchenko et al. 2020, arXiv 2006.10962): the same library, the same crop and rotation, the same points.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from proctor.errors import ModelMissing
from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox, release
from proctor.vision.quiet import quiet_stderr
from proctor.vision.refined import ALL_POINTS

Floats = npt.NDArray[np.float64]
AROUND = 2.2  # side of the square that is looked at, in face sides: the model's own detector wants to see hair and chin
MOST_SIDE = 320  # pixels: the model looks at 192 of them around the face


@dataclass(frozen=True)
class Landmarks:
    """`points`: (478, 3), pixels of the whole picture; x to the right, y down, z away from the camera."""

    points: Floats

    def __post_init__(self) -> None:
        if self.points.shape != (ALL_POINTS, 3):
            raise ValueError("a face has 478 points with three numbers each")


class Landmarker(Protocol):
    """Reads the points of the face in `box`; None where the model does not believe that it is a face."""

    def read(self, pixels: Pixels, box: FaceBox) -> Landmarks | None: ...

    def close(self) -> None: ...


class FaceLandmarker:
    """MediaPipe's face landmarker; not for use by two threads at a time."""

    def __init__(self, model: Path | bytes, least: float = 0.5) -> None:
        """`model`: a bundle's file or its bytes; `least`: how sure it must be that this is a face. Raises `ModelMissing`."""
        if isinstance(model, Path):
            if not model.is_file():
                raise ModelMissing(str(model))
            model = model.read_bytes()
        with quiet_stderr():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.FaceLandmarkerOptions(
                BaseOptions(model_asset_buffer=model),
                num_faces=1,
                min_face_detection_confidence=least,
                min_face_presence_confidence=least,
            )
            landmarker = vision.FaceLandmarker.create_from_options(options)
            self._image: Any = mediapipe.Image
            self._rgb: Any = mediapipe.ImageFormat.SRGB
            self._landmarker: Any = landmarker
            self._landmarker.detect(self._image(image_format=self._rgb, data=np.zeros((128, 128, 3), np.uint8)))
        self._close = weakref.finalize(self, release, landmarker)

    def read(self, pixels: Pixels, box: FaceBox) -> Landmarks | None:
        """Look at the surroundings of `box` only: so a face far away is as large to the model as one that is near."""
        height, width = pixels.shape[:2]
        half = max(box.w * width, box.h * height) * AROUND / 2
        middle_x, middle_y = (box.x + box.w / 2) * width, (box.y + box.h / 2) * height
        left, right = max(0, round(middle_x - half)), min(width, round(middle_x + half))
        top, bottom = max(0, round(middle_y - half)), min(height, round(middle_y + half))
        if right - left < 16 or bottom - top < 16:
            return None
        part = pixels[top:bottom, left:right]
        scale = min(1.0, MOST_SIDE / max(part.shape[:2]))
        if scale < 1.0:
            part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        found = self._landmarker.detect(self._image(image_format=self._rgb, data=np.ascontiguousarray(part)))
        if not found.face_landmarks:
            return None
        size = right - left
        points = np.array([(point.x, point.y, point.z) for point in found.face_landmarks[0]], np.float64)
        return Landmarks(points * (size, bottom - top, size) + (left, top, 0.0))

    def close(self) -> None:
        with quiet_stderr():
            self._close()
