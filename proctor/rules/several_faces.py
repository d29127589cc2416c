"""More than one face in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, plain_seconds
from proctor.rules.episode import episodes, long_enough, raised
from proctor.signal import Signal, SignalKind

INNOCENT = (
    "somebody passed behind the candidate",
    "a picture, a poster, a screen or a mirror shows a face",
    "an agreed assistant, interpreter or child in care",
)


@dataclass(frozen=True)
class SeveralFaces:
    """Two or more faces at once, seen in at least `frames` frames."""

    name: ClassVar[str] = "several_faces"
    minimum_s: float = 2.0
    frames: int = 2
    leave_s: float = 2.0
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {SignalKind.faces_many},
            {SignalKind.face_ok, SignalKind.face_absent},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            raised(
                self,
                run,
                Severity.high,
                (
                    f"Up to {max(signal.value for signal in run.signals):g} faces were in the picture over "
                    f"{plain_seconds(run.duration)} ({len(run.signals)} frames); the rule asks from {self.minimum_s:g} s "
                    f"and {self.frames} frames."
                ),
                INNOCENT,
            )
            for run in runs
            if long_enough(run.duration, self.minimum_s) and len(run.signals) >= self.frames
        ]
