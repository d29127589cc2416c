"""A camera, microphone or screen was plugged in, removed or replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity
from proctor.rules.episode import episodes, raised
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class DeviceChange:
    """One plug fires several browser events: those within `together_s` make one flag."""

    name: ClassVar[str] = "device_change"
    together_s: float = 10.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        together = timedelta(seconds=self.together_s)
        runs = episodes(signals, {SignalKind.device_changed}, frozenset(), leave=together, blind=together)
        return [
            raised(
                self,
                run,
                Severity.low,
                f"The browser reported {len(run.signals)} change{'s' if len(run.signals) > 1 else ''} of cameras, microphones or screens.",
                ("a headset went to sleep or came back", "a dock or cable moved", "a battery ran out"),
            )
            for run in runs
        ]
