"""Is this the person of the reference photo? Distances between 128 numbers (dlib's ResNet, threshold 0.6 on LFW)."""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np

from proctor.errors import ModelMissing, ProctorError
from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox
from proctor.vision.face_network import SIDE, FaceNetwork
from proctor.vision.quiet import without_pkg_resources_notice

PADDING = 0.25  # of the chip around the face, as the network was trained


@dataclass(frozen=True)
class Reference:
    """The enrolled face as 128 numbers. This is biometric data: keep it encrypted, delete it with the exam."""

    encoding: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.encoding) != 128:
            raise ValueError("a reference has 128 numbers")

    def packed(self) -> bytes:
        """512 bytes, little-endian 32-bit floats."""
        return struct.pack("<128f", *self.encoding)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """Raises `ValueError` unless `data` is what `packed` returned."""
        if len(data) != 512:
            raise ValueError("a packed reference has 512 bytes")
        return cls(struct.unpack("<128f", data))

    def distance(self, encoding: tuple[float, ...]) -> float:
        """Euclidean; below about 0.6 it is the same person."""
        return float(np.linalg.norm(np.subtract(self.encoding, encoding)))


class Encoder:
    """128 numbers of a face in a box that we found, by dlib's network: see `FaceNetwork`.

    Where its weights cannot be read that way, the library `face_recognition` does the same at ten times the cost.
    """

    def __init__(self) -> None:
        folder = _weights()
        try:
            self._network = FaceNetwork(folder / "dlib_face_recognition_resnet_model_v1.dat")
            import dlib

            self._points: Any = dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat"))
            self._dlib: Any = dlib
        except (ProctorError, OSError, RuntimeError, ImportError):
            with without_pkg_resources_notice():
                import face_recognition
            self._dlib = None
            self._library: Any = face_recognition

    @property
    def is_fast(self) -> bool:
        """False where the slow library had to step in."""
        return self._dlib is not None

    def encode(self, pixels: Pixels, box: FaceBox) -> tuple[float, ...]:
        """The face in `box`: five points, turned upright to 150 × 150 pixels, 128 numbers; 6 ms on one core."""
        height, width = pixels.shape[:2]
        side = (box.w * width + box.h * height) / 2
        middle_x, middle_y = (box.x + box.w / 2) * width, (box.y + box.h / 2) * height
        # dlib's landmarks were trained on square boxes from the brows to the chin.
        left, top = round(middle_x - side / 2), round(middle_y - side / 2)
        right, bottom = left + round(side), top + round(side)
        if self._dlib is None:
            (encoded,) = self._library.face_encodings(
                pixels, [(top, right, bottom, left)], num_jitters=1, model="small"
            )
        else:
            points = self._points(pixels, self._dlib.rectangle(left, top, right, bottom))
            encoded = self._network.encode(self._dlib.get_face_chip(pixels, points, SIDE, PADDING))
        return tuple(float(number) for number in encoded)


def _weights() -> Path:
    """Folder of the weights inside `face_recognition_models`, found without importing it: that would be slow and noisy."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise ModelMissing("face_recognition_models")
    return Path(found.submodule_search_locations[0]) / "models"


def should_identify(
    previous_at: datetime | None, at: datetime, faces_changed: bool, every: timedelta = timedelta(seconds=5)
) -> bool:
    """Compare now? At first, when a face came or went (but not twice within a second), and each `every`."""
    if previous_at is None:
        return True
    return at - previous_at >= (timedelta(seconds=1) if faces_changed else every)
