"""Nobody in the picture for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, plain_seconds
from proctor.rules.episode import episodes, long_enough, raised
from proctor.signal import Signal, SignalKind

INNOCENT = (
    "reached for something, stretched or bent down",
    "the camera or the screen was tilted",
    "an agreed break",
    "a face covering, a hand or strong light hid the face",
)


@dataclass(frozen=True)
class Absence:
    """No detector found a face, although the picture was good enough to find one."""

    name: ClassVar[str] = "absence"
    minimum_s: float = 10.0
    leave_s: float = 2.0
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {SignalKind.face_absent},
            {SignalKind.face_ok, SignalKind.faces_many},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            raised(
                self,
                run,
                Severity.medium,
                (
                    f"No face was in the picture for {plain_seconds(run.duration)} ({len(run.signals)} frames); "
                    f"the rule asks from {self.minimum_s:g} s."
                ),
                INNOCENT,
            )
            for run in runs
            if long_enough(run.duration, self.minimum_s)
        ]
