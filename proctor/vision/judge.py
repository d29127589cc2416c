"""What a reading allows to say: one reading in, its signals out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from proctor.signal import Signal, SignalKind
from proctor.vision.quality import Quality, QualityBars
from proctor.vision.reading import FrameReading


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
