"""The microphone could not hear: nothing but silence, or no sound at all. Quality, never guilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import episodes, long_enough, raised
from proctor.signal import SOUND, Signal, SignalKind


@dataclass(frozen=True)
class MicrophoneSilent:
    """Digital silence: not a quiet room (that one still hisses), but no sound at all."""

    name: ClassVar[str] = "microphone_silent"
    minimum_s: float = 60.0
    leave_s: float = 12.0
    blind_s: float = 45.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {SignalKind.microphone_silent},
            SOUND - {SignalKind.microphone_silent},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            raised(
                self,
                run,
                Severity.quality,
                (
                    f"The microphone gave no sound at all for {plain_seconds(run.duration)}; "
                    f"the rule asks from {self.minimum_s:g} s."
                ),
                (
                    "a switch on the headset or keyboard mutes it",
                    "the wrong microphone was chosen",
                    "noise suppression that lets nothing through in a quiet room",
                ),
            )
            for run in runs
            if long_enough(run.duration, self.minimum_s)
        ]


@dataclass(frozen=True)
class SoundGap:
    """Sound came, then none for longer than a piece of ten seconds explains. Pieces that cannot be read count as none."""

    name: ClassVar[str] = "sound_gap"
    minimum_s: float = 40.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        heard = [signal for signal in signals if signal.is_sound and signal.kind != SignalKind.bad_sound]
        gaps = [(a, b) for a, b in pairwise(heard) if long_enough(b.at - a.at, self.minimum_s)]
        return [
            Flag(
                rule=self.name,
                severity=Severity.quality,
                start=before.at,
                end=after.at,
                threshold={"minimum_s": self.minimum_s},
                reason=(
                    f"No sound arrived for {plain_seconds(after.at - before.at)}; the rule asks from {self.minimum_s:g} s."
                ),
                innocent=(
                    "the network was down or slow",
                    "the device slept or was busy",
                    "another program took the microphone",
                ),
                evidence=pick_evidence((before.source, after.source)),
                confidence=1.0,
            )
            for before, after in gaps
        ]
