"""One picture in, one reading out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from proctor.errors import (
    ManyFacesInReference,
    ModelMissing,
    NoFaceInReference,
    ReferenceTooDark,
    ReferenceTooSmall,
)
from proctor.signal import Signal
from proctor.vision.decode import PHOTO, Pixels, decode
from proctor.vision.detector import Detector, FaceBox, Found, MediaPipeDetector, YuNetDetector, find_faces
from proctor.vision.identity import Encoder, Reference
from proctor.vision.judge import Thresholds, bad_frame, signals_of
from proctor.vision.quality import lift, measure
from proctor.vision.reading import FrameReading

__all__ = ["FrameAnalyser", "FrameReading", "Models", "Thresholds", "bad_frame", "signals_of"]


@dataclass(frozen=True)
class Models:
    """Files of the detectors. The first two are needed; `yunet` is used when given."""

    short_range: Path
    full_range: Path
    yunet: Path | None = None

    @classmethod
    def under(cls, folder: Path) -> Self:
        """As the model manifest lays them out: `<folder>/<name>/<file>`. Raises `ModelMissing`."""
        short = folder / "face_detector" / "face_detection_short_range.tflite"
        full = folder / "face_detector" / "face_detection_full_range_sparse.tflite"
        yunet = folder / "yunet" / "face_detection_yunet_2023mar.onnx"
        for needed in (short, full):
            if not needed.is_file():
                raise ModelMissing(str(needed))
        return cls(short, full, yunet if yunet.is_file() else None)


class FrameAnalyser:
    """Loads the models once (about a second); not for use by two threads at a time. Close it, or use `with`."""

    def __init__(self, models: Models, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()
        self._detectors: list[Detector] = [
            MediaPipeDetector(models.short_range, weak=0.4, sure=0.7),
            MediaPipeDetector(models.full_range, weak=0.35, sure=0.6),
        ]
        if models.yunet is not None:
            self._detectors.append(YuNetDetector(models.yunet, weak=0.5, sure=0.8))
        self._encoder = Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for detector in self._detectors:
            detector.close()

    @property
    def has_second_opinion(self) -> bool:
        """True when the optional third detector is loaded."""
        return len(self._detectors) > 2

    def find(self, pixels: Pixels, luma: float | None = None) -> Found:
        """Faces in `pixels`; a dark picture in which none is found is brightened and looked at once more."""
        found = find_faces(self._detectors, pixels)
        light = measure(pixels).luma if luma is None else luma
        if found.faces or light >= self.thresholds.lift_below:
            return found
        lifted = find_faces(self._detectors, lift(pixels, light))
        return lifted if lifted.faces else Found((), found.doubtful + lifted.doubtful)

    def encode(self, pixels: Pixels, box: FaceBox) -> tuple[float, ...]:
        """The 128 numbers of the face in `box`."""
        return self._encoder.encode(pixels, box)

    def reference(self, jpeg: bytes) -> Reference:
        """Enrol one photo. Raises `BadFrame` or the `BadReference` that says what to do better."""
        pixels = decode(jpeg, PHOTO)
        if measure(pixels).luma < self.thresholds.quality.dark_luma * 2:
            raise ReferenceTooDark
        faces = self.find(pixels).faces
        if not faces:
            raise NoFaceInReference
        if len(faces) > 1:
            raise ManyFacesInReference
        if faces[0].w * pixels.shape[1] < self.thresholds.reference_pixels:
            raise ReferenceTooSmall
        return Reference(self.encode(pixels, faces[0]))

    def analyse(
        self,
        jpeg: bytes,
        at: datetime,
        n: int,
        reference: Reference | None,
        *,
        identify: bool,
        things: bool = False,
    ) -> FrameReading:
        """Read one frame. With `identify` the two largest faces are compared and the nearer one counts. Raises `BadFrame`."""
        pixels = decode(jpeg)
        height, width = pixels.shape[:2]
        quality = measure(pixels)
        found = self.find(pixels, quality.luma)
        near = [face for face in found.faces[:2] if face.w * width >= self.thresholds.face_pixels]
        distance = None
        fair = self.thresholds.quality.score(quality) >= 0.5  # dark or blurred, everybody looks like somebody else
        if identify and reference is not None and near and fair:
            distance = min(reference.distance(self.encode(pixels, face)) for face in near)
        return FrameReading(
            n=n,
            at=at,
            faces=found.faces,
            doubtful=found.doubtful,
            luma=quality.luma,
            contrast=quality.contrast,
            sharpness=quality.sharpness,
            distance=distance,
            width=width,
            height=height,
        )

    def signals(self, reading: FrameReading) -> list[Signal]:
        """Everything `reading` allows to say, by this analyser's thresholds."""
        return signals_of(reading, self.thresholds)
