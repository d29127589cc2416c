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
WITHIN = 0.8  # a doubtful box of which so much lies inside a face is part of it
INSIDE = 0.8  # a face inside another face's box has to be as sure as this
SAME_PLACE = 0.3  # two boxes that overlap by more (intersection over union) are one face


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
    """Finds candidates from `weak` up; from `sure` up it needs no second opinion.

    `side`: it looks at a copy whose longer side has so many pixels (0: at the picture as it is).
    """

    weak: float
    sure: float
    side: int

    def detect(self, pixels: Pixels) -> list[FaceBox]: ...

    def close(self) -> None: ...


class MediaPipeDetector:
    """A BlazeFace model through MediaPipe Tasks (Bazarevsky et al. 2019, arXiv 1907.05047)."""

    side = 0

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
        self.weak, self.sure, self.side = weak, sure, side
        with quiet_stderr():
            self._net = cv2.FaceDetectorYN.create(str(model), "", (side, side), weak, 0.3, 200)

    def detect(self, pixels: Pixels) -> list[FaceBox]:
        scale = self.side / max(pixels.shape[:2])
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale != 1 else pixels
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


Candidates = list[tuple[FaceBox, int]]  # a box and the number of the detector that saw it


def find_faces(detectors: Sequence[Detector], pixels: Pixels, copy: Pixels | None = None) -> Found:
    """Ask the detectors in turn. A face counts when one is sure of it, or when those that see it at one place are sure together.

    From the third detector on nobody is asked when the first two see one and the same face, are sure, and see nothing else.
    `copy`: the picture made smaller, for detectors that look at that size anyway.
    """
    candidates: Candidates = []
    for index, detector in enumerate(detectors):
        if index == 2 and _settled(candidates, detectors):
            break
        fits = copy is not None and detector.side == max(copy.shape[:2])
        candidates += [(box, index) for box in detector.detect(copy if fits and copy is not None else pixels)]
    return _grouped(candidates, detectors)


def _settled(candidates: Candidates, detectors: Sequence[Detector]) -> bool:
    return (
        len(candidates) == 2
        and candidates[0][1] != candidates[1][1]
        and all(box.score >= detectors[index].sure for box, index in candidates)
        and overlap(candidates[0][0], candidates[1][0]) >= SAME_PLACE
    )


def _grouped(candidates: Candidates, detectors: Sequence[Detector]) -> Found:
    candidates = sorted(candidates, key=lambda pair: (-pair[0].score, pair[1], pair[0].x, pair[0].y))
    groups: list[Candidates] = []
    for box, index in candidates:
        group = next(
            (group for group in groups if _same_place(group[0][0], box, alone=max(detectors[index].sure, INSIDE))),
            None,
        )
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


def _same_place(face: FaceBox, box: FaceBox, *, alone: float) -> bool:
    """The same face: much of both is common; or a weaker box below `alone` lies inside a surer one (an eye, a pattern on a
    scarf, noise in a lifted picture).
    """
    across = max(0.0, min(face.x + face.w, box.x + box.w) - max(face.x, box.x))
    down = max(0.0, min(face.y + face.h, box.y + box.h) - max(face.y, box.y))
    return overlap(face, box) >= SAME_PLACE or (box.score < alone and across * down >= WITHIN * box.area)


def _together(group: Candidates) -> FaceBox:
    """The box of the best candidate; each further detector that agrees takes its share of the remaining doubt."""
    best = group[0][0]
    doubt = 1 - best.score
    for index in {index for _, index in group} - {group[0][1]}:
        doubt *= 1 - max(box.score for box, each in group if each == index)
    return FaceBox(best.x, best.y, best.w, best.h, round(1 - doubt, 4))
