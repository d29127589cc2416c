"""The camera could not see: too dark, burnt out, blurred, covered, frozen, slow, or no frames. Quality, never guilt.

One rule for each, so that the candidate hears what to change and an exam can leave one out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, episodes, long_enough, raised
from proctor.signal import Signal, SignalKind

LIGHT = ("the light in the room", "a camera that adjusts itself, or a privacy cover left closed", "a weak network")


@dataclass(frozen=True)
class _Poor:
    """A run of frames with one kind of trouble; a frame without it ends the run after `leave_s`."""

    name: ClassVar[str]
    kind: ClassVar[SignalKind]
    what: ClassVar[str]
    severity: ClassVar[Severity] = Severity.quality
    innocent: ClassVar[tuple[str, ...]] = LIGHT
    minimum_s: float = 15.0
    leave_s: float = 3.0
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        poor = {signal.source for signal in signals if signal.kind == self.kind}
        if not poor:
            return []  # nearly always: eight rules like this are asked after each window of sound
        kept = [
            signal for signal in signals if signal.is_frame and (signal.kind == self.kind or signal.source not in poor)
        ]
        runs = episodes(
            kept,
            {self.kind},
            frozenset(SignalKind) - {self.kind},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [self._flag(run) for run in runs if long_enough(run.duration, self.minimum_s)]

    def _flag(self, run: Episode) -> Flag:
        return raised(
            self,
            run,
            self.severity,
            f"{self.what} for {plain_seconds(run.duration)}; the rule asks from {self.minimum_s:g} s.",
            self.innocent,
        )


@dataclass(frozen=True)
class DarkPicture(_Poor):
    name = "dark_picture"
    kind = SignalKind.too_dark
    what = "The picture was too dark"


@dataclass(frozen=True)
class GlaringPicture(_Poor):
    name = "glaring_picture"
    kind = SignalKind.glare
    what = "The picture was burnt out by strong light"


@dataclass(frozen=True)
class BlurredPicture(_Poor):
    name = "blurred_picture"
    kind = SignalKind.too_blurred
    what = "The picture was too blurred"


@dataclass(frozen=True)
class CoveredCamera(_Poor):
    name = "covered_camera"
    kind = SignalKind.camera_covered
    what = "The picture was nothing but one even colour"


@dataclass(frozen=True)
class UnreadableFrames(_Poor):
    name = "unreadable_frames"
    kind = SignalKind.bad_frame
    what = "The picture was not readable"


@dataclass(frozen=True)
class FrozenPicture(_Poor):
    """The first seconds are not counted: one picture may come twice."""

    name = "frozen_picture"
    kind = SignalKind.picture_frozen
    what = "The very same picture came again and again"
    innocent = ("the camera or its driver hung", "a busy device", "another program took the camera")
    minimum_s: float = 3.0


@dataclass(frozen=True)
class SlowCamera(_Poor):
    """Frames came, but so seldom that little can be said about the time between them."""

    name = "slow_camera"
    kind = SignalKind.low_rate
    what = "Pictures came too seldom to see what happened between them"
    innocent = ("a weak network: the page then sends one picture each 10 s", "a busy or old device")
    minimum_s: float = 60.0
    leave_s: float = 5.0
    blind_s: float = 25.0


@dataclass(frozen=True)
class HiddenFace(_Poor):
    """Somebody was there whose face did not show: neither absence nor presence."""

    name = "hidden_face"
    kind = SignalKind.face_covered
    what = "Somebody was in the picture whose face was hidden or turned away"
    severity = Severity.low
    innocent = (
        "a hand, a cup, a sheet of paper or long hair before the face",
        "bent over paper, or turned round to somebody",
        "a face covering that the detectors do not know",
    )
    minimum_s: float = 10.0


@dataclass(frozen=True)
class CameraGap:
    """No frame arrived for longer than the slowest agreed rate explains (one still each 10 s), or the browser said so."""

    name: ClassVar[str] = "camera_gap"
    minimum_s: float = 25.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        frames = [signal for signal in signals if signal.is_frame]
        gaps: list[tuple[datetime, datetime, tuple[str, ...]]]
        gaps = [(a.at, b.at, (a.source, b.source)) for a, b in pairwise(frames)]
        gaps += [(s.at, s.at + (s.duration or timedelta(0)), (s.source,)) for s in signals if s.kind == SignalKind.gap]
        wanted = timedelta(seconds=self.minimum_s)
        return [self._flag(*gap) for gap in sorted(gaps) if gap[1] - gap[0] >= wanted]

    def _flag(self, start: datetime, end: datetime, sources: tuple[str, ...]) -> Flag:
        return Flag(
            rule=self.name,
            severity=Severity.quality,
            start=start,
            end=end,
            threshold={"minimum_s": self.minimum_s},
            reason=f"No camera frame arrived for {plain_seconds(end - start)}; the rule asks from {self.minimum_s:g} s.",
            innocent=(
                "the network was down or slow",
                "the device slept or was busy",
                "another program took the camera",
            ),
            evidence=pick_evidence(sources),
            confidence=1.0,
        )
