"""One picture in, one reading out; one reading in, its signals out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from proctor.errors import (
    ManyFacesInReference,
    ModelMissing,
    NoFaceInReference,
    ReferenceTooDark,
    ReferenceTooSmall,
)
from proctor.signal import Signal, SignalKind
from proctor.vision.decode import PHOTO, Pixels, decode
from proctor.vision.detector import Detector, FaceBox, Found, MediaPipeDetector, YuNetDetector, find_faces
from proctor.vision.identity import Encoder, Reference
from proctor.vision.quality import Quality, QualityBars, lift, measure


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


@dataclass(frozen=True)
class FrameReading:
    """What one picture shows. `distance` to the reference is None when nothing was compared. Sizes in pixels."""

    n: int
    at: datetime
    faces: tuple[FaceBox, ...]
    doubtful: tuple[FaceBox, ...]
    luma: float
    contrast: float
    sharpness: float
    distance: float | None
    width: int
    height: int

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `FrameReading.of` reads them back."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The reading that `plain()` described; raises `TypeError` or `KeyError` for anything else."""
        boxes = {name: tuple(FaceBox(**box) for box in plain[name]) for name in ("faces", "doubtful")}
        return cls(**{**plain, **boxes, "at": datetime.fromisoformat(plain["at"])})


@dataclass(frozen=True)
class Thresholds:
    """Every number a reading is judged by; `same_below` is dlib's own 0.6, faces narrower than `face_pixels` are not compared,

    pictures darker than `lift_below` are looked at once more, brightened, before anything is said about absence.
    """

    same_below: float = 0.6
    face_pixels: int = 48
    reference_pixels: int = 80
    lift_below: float = 40.0
    quality: QualityBars = field(default_factory=QualityBars)


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
        self, jpeg: bytes, at: datetime, n: int, reference: Reference | None, *, identify: bool
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


def signals_of(reading: FrameReading, thresholds: Thresholds) -> list[Signal]:
    """Quality first; absence only where the picture could have shown a face; identity only where it was compared."""
    bars = thresholds.quality
    quality = Quality(reading.luma, reading.contrast, reading.sharpness)
    score = bars.score(quality)
    said: Mapping[SignalKind, tuple[float, float]] = {
        **_poor(reading, bars),
        **_presence(reading, score, bars),
        **_identity(reading, thresholds),
    }
    return [
        Signal(reading.at, kind, value, max(0.0, min(1.0, confidence)), max(0.0, score), f"frame:{reading.n}")
        for kind, (value, confidence) in said.items()
    ]


def bad_frame(at: datetime, n: int) -> Signal:
    """A frame that could not be read is a fact about the line, not about the candidate."""
    return Signal(at, SignalKind.bad_frame, 1.0, 1.0, 0.0, f"frame:{n}")


def _poor(reading: FrameReading, bars: QualityBars) -> dict[SignalKind, tuple[float, float]]:
    if reading.contrast < bars.covered_contrast and not reading.faces:
        return {SignalKind.camera_covered: (reading.contrast, 1 - reading.contrast / bars.covered_contrast / 2)}
    if reading.luma < bars.dark_luma:
        return {SignalKind.too_dark: (reading.luma, 1 - reading.luma / bars.dark_luma / 2)}
    if reading.sharpness < bars.blurred_sharpness:
        return {SignalKind.too_blurred: (reading.sharpness, 1 - reading.sharpness / bars.blurred_sharpness / 2)}
    return {}


def _presence(reading: FrameReading, score: float, bars: QualityBars) -> dict[SignalKind, tuple[float, float]]:
    if len(reading.faces) > 1:
        return {SignalKind.faces_many: (len(reading.faces), sorted(face.score for face in reading.faces)[-2])}
    if reading.faces:
        return {SignalKind.face_ok: (1, reading.faces[0].score)}
    if _poor(reading, bars):
        return {}
    if reading.doubtful:  # perhaps there is a face: nobody is called absent
        return {SignalKind.face_unsure: (0, max(face.score for face in reading.doubtful))}
    return {SignalKind.face_absent: (0, 0.5 + score / 2)}


def _identity(reading: FrameReading, thresholds: Thresholds) -> dict[SignalKind, tuple[float, float]]:
    if reading.distance is None:
        return {}
    far = reading.distance - thresholds.same_below
    kind = SignalKind.face_other if far >= 0 else SignalKind.face_same
    return {kind: (reading.distance, 0.5 + min(0.5, abs(far) * 2.5))}
