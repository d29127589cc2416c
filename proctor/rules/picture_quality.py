"""The camera could not see: too dark, blurred, covered, or no frames. Quality, never guilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, episodes
from proctor.signal import PRESENCE, Signal, SignalKind

POOR = {
    SignalKind.camera_covered: "nothing but one even colour",
    SignalKind.too_dark: "too dark",
    SignalKind.too_blurred: "too blurred",
    SignalKind.bad_frame: "not readable",
}


@dataclass(frozen=True)
class PoorPicture:
    """A run of frames in which a face could not have been judged."""

    name: ClassVar[str] = "poor_picture"
    minimum_s: float = 15.0
    leave_s: float = 3.0
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        poor = {signal.source for signal in signals if signal.kind in POOR}
        kept = [
            signal
            for signal in signals
            if signal.kind in POOR or (signal.kind in PRESENCE and signal.source not in poor)
        ]
        runs = episodes(
            kept,
            frozenset(POOR),
            PRESENCE,
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [self._flag(run) for run in runs if run.duration >= timedelta(seconds=self.minimum_s)]

    def _flag(self, run: Episode) -> Flag:
        seen = {signal.kind for signal in run.signals}
        what = " or ".join(words for kind, words in POOR.items() if kind in seen)
        return Flag(
            rule=self.name,
            severity=Severity.quality,
            start=run.start,
            end=run.end,
            threshold={"minimum_s": self.minimum_s, "leave_s": self.leave_s, "blind_s": self.blind_s},
            reason=f"The picture was {what} for {plain_seconds(run.duration)}; the rule asks from {self.minimum_s:g} s.",
            innocent=(
                "the light in the room",
                "a camera that adjusts itself, or a privacy cover left closed",
                "a weak network",
            ),
            evidence=pick_evidence(run.sources),
            confidence=run.confidence,
        )


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
