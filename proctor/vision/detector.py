"""Faces in a picture, by two or three detectors that correct each other.

BlazeFace short range is sure about a face in front of a laptop, the full-range model sees small faces in the background
(the first alone finds a third of the faces in group photographs), YuNet is the second opinion when its file is there.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from proctor.errors import ModelMissing
from proctor.vision.decode import Pixels
from proctor.vision.quiet import quiet_stderr

AGREED = 0.9  # two detectors at two thirds (1 - 1/3 · 1/3) are not enough: patterned backgrounds fool both at once


@dataclass(frozen=True)
class FaceBox:
    """Left, top, width and height relative to the picture (0..1), and how sure the detectors are (0..1)."""

    x: float
    y: float
    w: float
    h: float
    score: float

    @property
    def area(self) -> float:
        return self.w * self.h


class Detector(Protocol):
    """Finds candidates from `weak` up; from `sure` up it needs no second opinion."""

    weak: float
    sure: float

    def detect(self, pixels: Pixels) -> list[FaceBox]: ...

    def close(self) -> None: ...


class MediaPipeDetector:
    """A BlazeFace model through MediaPipe Tasks (Bazarevsky et al. 2019, arXiv 1907.05047)."""

    def __init__(self, model: Path, weak: float, sure: float) -> None:
        if not model.is_file():
            raise ModelMissing(str(model))
        with quiet_stderr():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.FaceDetectorOptions(
                BaseOptions(model_asset_path=str(model)), min_detection_confidence=weak
            )
            detector = vision.FaceDetector.create_from_options(options)
            self._image: Any = mediapipe.Image
            self._rgb: Any = mediapipe.ImageFormat.SRGB
            self._detector: Any = detector
            # The first picture makes the runtime print once more; let it do so here.
            self.weak, self.sure = weak, sure
            self.detect(np.zeros((128, 128, 3), np.uint8))
        self._close = weakref.finalize(self, release, detector)

    def detect(self, pixels: Pixels) -> list[FaceBox]:
        height, width = pixels.shape[:2]
        found = self._detector.detect(self._image(image_format=self._rgb, data=pixels))
        return [
            FaceBox(
                box.origin_x / width,
                box.origin_y / height,
                box.width / width,
                box.height / height,
                min(1.0, each.categories[0].score),
            )
            for each in found.detections
            if (box := each.bounding_box).width > 0 and box.height > 0
        ]

    def close(self) -> None:
        with quiet_stderr():
            self._close()


def release(detector: Any) -> None:
    """Close it; at the end of the interpreter its own thread pool is gone before any hook of ours can run."""
    try:
        detector.close()
    except RuntimeError:
        detector._handle = None  # noqa: SLF001 -- else its __del__ tries once more and prints a traceback at exit


class YuNetDetector:
    """YuNet through OpenCV (Wu et al. 2023, Machine Intelligence Research 20:656), longer side scaled to `side`."""

    def __init__(self, model: Path, weak: float, sure: float, side: int = 320) -> None:
        if not model.is_file():
            raise ModelMissing(str(model))
        self.weak, self.sure, self._side = weak, sure, side
        with quiet_stderr():
            self._net = cv2.FaceDetectorYN.create(str(model), "", (side, side), weak, 0.3, 200)

    def detect(self, pixels: Pixels) -> list[FaceBox]:
        scale = self._side / max(pixels.shape[:2])
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = small.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        return [
            FaceBox(
                float(row[0]) / width,
                float(row[1]) / height,
                float(row[2]) / width,
                float(row[3]) / height,
                float(row[14]),
            )
            for row in (() if rows is None else rows)
        ]

    def close(self) -> None:
        """Nothing is held outside Python."""


def overlap(a: FaceBox, b: FaceBox) -> float:
    """Intersection over union, 0..1."""
    across = max(0.0, min(a.x + a.w, b.x + b.w) - max(a.x, b.x))
    down = max(0.0, min(a.y + a.h, b.y + b.h) - max(a.y, b.y))
    return across * down / (a.area + b.area - across * down)


@dataclass(frozen=True)
class Found:
    """`faces` are counted; `doubtful` are not, but while there is one nobody may be called absent."""

    faces: tuple[FaceBox, ...]
    doubtful: tuple[FaceBox, ...]


def find_faces(detectors: Sequence[Detector], pixels: Pixels) -> Found:
    """Ask every detector. A face counts when one is sure of it, or when those that see it at one place are sure together."""
    candidates = [(box, index) for index, detector in enumerate(detectors) for box in detector.detect(pixels)]
    candidates.sort(key=lambda pair: (-pair[0].score, pair[1], pair[0].x, pair[0].y))
    groups: list[list[tuple[FaceBox, int]]] = []
    for box, index in candidates:
        group = next((group for group in groups if overlap(group[0][0], box) >= 0.3), None)
        if group is None:
            groups.append([(box, index)])
        else:
            group.append((box, index))
    sure: list[FaceBox] = []
    doubtful: list[FaceBox] = []
    for group in groups:
        face = _together(group)
        agreed = len({index for _, index in group}) > 1 and face.score >= AGREED
        alone = any(box.score >= detectors[index].sure for box, index in group)
        (sure if agreed or alone else doubtful).append(face)
    return Found(tuple(sorted(sure, key=lambda box: -box.area)), tuple(doubtful))


def _together(group: list[tuple[FaceBox, int]]) -> FaceBox:
    """The box of the best candidate; each further detector that agrees takes its share of the remaining doubt."""
    best = group[0][0]
    doubt = 1 - best.score
    for index in {index for _, index in group} - {group[0][1]}:
        doubt *= 1 - max(box.score for box, each in group if each == index)
    return FaceBox(best.x, best.y, best.w, best.h, round(1 - doubt, 4))
