"""Is this the person of the reference photo? Distances between 128 numbers (dlib's ResNet, threshold 0.6 on LFW)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np

from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox
from proctor.vision.quiet import without_pkg_resources_notice


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
    """`face_recognition` on boxes that we found: its own HOG detector sees faces where there are none."""

    def __init__(self) -> None:
        with without_pkg_resources_notice():
            import face_recognition
        self._library: Any = face_recognition

    def encode(self, pixels: Pixels, box: FaceBox) -> tuple[float, ...]:
        """128 numbers for the face in `box`, about 0.1 s on one core."""
        height, width = pixels.shape[:2]
        side = (box.w * width + box.h * height) / 2
        middle_x, middle_y = (box.x + box.w / 2) * width, (box.y + box.h / 2) * height
        # dlib's landmarks were trained on square boxes from the brows to the chin.
        left, top = round(middle_x - side / 2), round(middle_y - side / 2)
        place = (top, left + round(side), top + round(side), left)
        (encoding,) = self._library.face_encodings(pixels, [place], num_jitters=1, model="small")
        return tuple(float(number) for number in encoding)


def should_identify(
    previous_at: datetime | None, at: datetime, faces_changed: bool, every: timedelta = timedelta(seconds=5)
) -> bool:
    """Compare now? At first, when a face came or went (but not twice within a second), and each `every`."""
    if previous_at is None:
        return True
    return at - previous_at >= (timedelta(seconds=1) if faces_changed else every)
