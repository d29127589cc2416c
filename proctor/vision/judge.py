"""What a reading allows to say: one reading in, its signals out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from proctor.liveness.memory import signals_of_life
from proctor.signal import Signal, SignalKind
from proctor.vision.gaze import Calibration, Zone, sight_of
from proctor.vision.quality import Quality, QualityBars
from proctor.vision.reading import FrameReading, Pose
from proctor.vision.things import signals_of_things


@dataclass(frozen=True)
class Thresholds:
    """Every number a reading is judged by.

    `same_below` is dlib's own 0.6; faces narrower than `face_pixels` or turned by more than `straight_yaw` and
    `straight_pitch` degrees are not compared; pictures darker than `lift_below` are looked at once more, brightened, before
    anything is said about absence. `turned_yaw`, `lowered`: from how many degrees a head is turned or lowered (raised is
    how people think). Without a calibration, eyes are outside from `aside` degrees to the left or right of the camera.
    """

    same_below: float = 0.6
    face_pixels: int = 48
    reference_pixels: int = 80
    lift_below: float = 40.0
    straight_yaw: float = 40.0
    straight_pitch: float = 40.0
    turned_yaw: float = 25.0
    lowered: float = 28.0
    aside: float = 35.0
    eyes_closed: float = 0.15
    mouth_moved: float = 0.06
    frozen_s: float = 6.0
    slow_s: float = 4.0
    quality: QualityBars = field(default_factory=QualityBars)
    zone: Zone = field(default_factory=Zone)

    def faces_camera(self, pose: Pose) -> bool:
        """Straight enough to be recognised."""
        return abs(pose.yaw) <= self.straight_yaw and abs(pose.pitch) <= self.straight_pitch


def signals_of(reading: FrameReading, thresholds: Thresholds, calibration: Calibration | None = None) -> list[Signal]:
    """Quality first; absence only where the picture could have shown a face; identity only where it was compared."""
    bars = thresholds.quality
    score = bars.score(Quality(reading.luma, reading.contrast, reading.sharpness))
    said: Mapping[SignalKind, tuple[float, float]] = {
        **_poor(reading, bars),
        **_line(reading, thresholds),
        **_presence(reading, score, bars),
        **_identity(reading, thresholds),
        **_head(reading, thresholds),
        **_gaze(reading, thresholds, calibration),
        **_eyes_and_mouth(reading, thresholds),
    }
    signals = [
        Signal(reading.at, kind, value, max(0.0, min(1.0, confidence)), max(0.0, score), f"frame:{reading.n}")
        for kind, (value, confidence) in said.items()
    ]
    if reading.told:
        return weighed(signals)
    seen = signals_of_things(reading.things, reading.at, reading.n, score)
    return signals + seen + signals_of_life(reading.life, reading.at, reading.n, score)


TRUST = (
    0.7  # by which the confidence of what a candidate's own computer told is multiplied: nobody here saw the picture
)


def weighed(signals: Sequence[Signal]) -> list[Signal]:
    """What was only told, with the confidence that it deserves."""
    return [replace(signal, confidence=round(signal.confidence * TRUST, 4)) for signal in signals]


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


def _line(reading: FrameReading, thresholds: Thresholds) -> dict[SignalKind, tuple[float, float]]:
    """What is wrong with the camera or the line although each picture may be good."""
    said: dict[SignalKind, tuple[float, float]] = {}
    if reading.glare >= thresholds.quality.glare:
        said[SignalKind.glare] = (reading.glare, min(1.0, 0.5 + reading.glare / 2))
    if reading.frozen_s >= thresholds.frozen_s:
        said[SignalKind.picture_frozen] = (reading.frozen_s, 0.9)
    if reading.gap_s is not None and reading.gap_s >= thresholds.slow_s:
        said[SignalKind.low_rate] = (1 / reading.gap_s, 1.0)
    return said


def _presence(reading: FrameReading, score: float, bars: QualityBars) -> dict[SignalKind, tuple[float, float]]:
    if len(reading.faces) > 1:
        return {SignalKind.faces_many: (len(reading.faces), sorted(face.score for face in reading.faces)[-2])}
    if reading.faces:
        return {SignalKind.face_ok: (1, reading.faces[0].score)}
    if _poor(reading, bars):
        return {}
    if reading.covered:  # somebody sits there whose face does not show
        return {SignalKind.face_covered: (0, 0.7)}
    if reading.doubtful:  # perhaps there is a face: nobody is called absent
        return {SignalKind.face_unsure: (0, max(face.score for face in reading.doubtful))}
    return {SignalKind.face_absent: (0, 0.5 + score / 2)}


def _identity(reading: FrameReading, thresholds: Thresholds) -> dict[SignalKind, tuple[float, float]]:
    if reading.distance is None:
        return {}
    far = reading.distance - thresholds.same_below
    kind = SignalKind.face_other if far >= 0 else SignalKind.face_same
    return {kind: (reading.distance, 0.5 + min(0.5, abs(far) * 2.5))}


def _head(reading: FrameReading, thresholds: Thresholds) -> dict[SignalKind, tuple[float, float]]:
    """One of three; the value is the angle that decides. The further beyond the threshold, the surer."""
    if reading.pose is None:
        return {}
    pitch, yaw = reading.pose.pitch, reading.pose.yaw
    if abs(yaw) >= thresholds.turned_yaw:
        return {SignalKind.head_turned: (yaw, _sure(abs(yaw) - thresholds.turned_yaw))}
    if pitch <= -thresholds.lowered:
        return {SignalKind.head_down: (pitch, _sure(-pitch - thresholds.lowered))}
    return {SignalKind.head_forward: (yaw, _sure(thresholds.turned_yaw - abs(yaw)))}


def _gaze(
    reading: FrameReading, thresholds: Thresholds, calibration: Calibration | None
) -> dict[SignalKind, tuple[float, float]]:
    """Beside the screen where that was learnt; without a calibration only far to the side, and less sure. Value: degrees."""
    sight = sight_of(reading)
    if sight is None or reading.pose is None or abs(reading.pose.yaw) >= thresholds.turned_yaw + 10:
        return {}  # one eye is hidden: the head says enough
    if calibration is None:
        outside = abs(sight.horizontal) >= thresholds.aside
        sure = 0.6 * _sure(abs(abs(sight.horizontal) - thresholds.aside))
    else:
        outside = not calibration.inside(sight, thresholds.zone)
        sure = 0.85
    return {SignalKind.gaze_outside if outside else SignalKind.gaze_inside: (sight.horizontal, sure)}


def _eyes_and_mouth(reading: FrameReading, thresholds: Thresholds) -> dict[SignalKind, tuple[float, float]]:
    """Eyes of a lowered head look closed from above, so nothing is said about them."""
    said: dict[SignalKind, tuple[float, float]] = {}
    if (
        reading.pose is not None
        and reading.eyes is not None
        and reading.pose.pitch > -20
        and abs(reading.pose.yaw) < 35
    ):
        closed = reading.eyes <= thresholds.eyes_closed
        said[SignalKind.eyes_closed if closed else SignalKind.eyes_open] = (reading.eyes, 0.8)
    if reading.mouth_moved is not None:
        moves = abs(reading.mouth_moved) >= thresholds.mouth_moved
        said[SignalKind.mouth_moving if moves else SignalKind.mouth_still] = (reading.mouth or 0.0, 0.5)
    return said


def _sure(degrees: float) -> float:
    """0.6 at the threshold, 0.95 from 15 degrees beyond it."""
    return 0.6 + 0.35 * min(1.0, degrees / 15)
