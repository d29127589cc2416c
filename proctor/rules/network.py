"""The line and the clock: what came late or not at all. Quality, never guilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.away_from_page import Away
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class NetworkGap(Away):
    """The page had no connection; what it recorded meanwhile arrives later, signed."""

    name = "network_gap"
    severity = Severity.quality
    left, back = SignalKind.network_lost, SignalKind.network_back
    what = "The page had no connection"
    innocent = (
        "the network was down or slow",
        "the device slept or was busy",
        "changed from one network to another",
    )
    minimum_s: float = 20.0


@dataclass(frozen=True)
class ClockJump:
    """The device's clock jumped by at least `jump_s` against the server's; our times do not depend on it."""

    name: ClassVar[str] = "clock_jump"
    jump_s: float = 5.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        return [
            Flag(
                rule=self.name,
                severity=Severity.quality,
                start=signal.at,
                end=signal.at,
                threshold={"jump_s": self.jump_s},
                reason=(
                    f"The device's clock jumped by {plain_seconds(timedelta(seconds=signal.value))}; "
                    f"the rule asks from {self.jump_s:g} s."
                ),
                innocent=(
                    "the device corrected its clock over the network",
                    "the device slept",
                    "summer time or another time zone",
                ),
                evidence=pick_evidence((signal.source,)),
                confidence=signal.confidence,
            )
            for signal in signals
            if signal.kind == SignalKind.clock_jumped and signal.value >= self.jump_s
        ]
