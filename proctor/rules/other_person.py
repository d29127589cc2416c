"""The face in front of the camera is not the face of the reference photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.signal import IDENTITY, Signal, SignalKind

INNOCENT = (
    "glasses, hair, beard, make-up or a head covering changed since the reference photo",
    "side light, a turned head or a blurred picture",
    "relatives look alike to the comparison, and it errs more often for some groups of people",
    "the reference photo is poor",
)


@dataclass(frozen=True)
class OtherPerson:
    """At least `confirm` of `window` comparisons in a row did not match; one comparison alone never flags.

    Comparisons further apart than `blind_s` are not taken together.
    """

    name: ClassVar[str] = "other_person"
    confirm: int = 3
    window: int = 4
    blind_s: float = 60.0

    def __post_init__(self) -> None:
        if not 2 <= self.confirm <= self.window:
            raise ValueError("confirm is at least 2 and at most window")

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        compared = [signal for signal in signals if signal.kind in IDENTITY]
        return [self._flag(run) for part in self._parts(compared) for run in self._runs(part)]

    def _parts(self, compared: list[Signal]) -> list[list[Signal]]:
        parts: list[list[Signal]] = []
        for signal in compared:
            if parts and signal.at - parts[-1][-1].at <= timedelta(seconds=self.blind_s):
                parts[-1].append(signal)
            else:
                parts.append([signal])
        return parts

    def _runs(self, part: list[Signal]) -> list[list[Signal]]:
        """Overlapping windows that each reach `confirm` are one run, from its first to its last mismatch."""
        fired: set[int] = set()
        last = -1
        runs: list[list[Signal]] = []
        for first in range(len(part)):
            window = range(first, min(first + self.window, len(part)))
            others = [index for index in window if part[index].kind == SignalKind.face_other]
            if len(others) < self.confirm:
                continue
            if others[0] > last:
                runs.append([])
            runs[-1] += [part[index] for index in others if index not in fired]
            fired.update(others)
            last = others[-1]
        return runs

    def _flag(self, run: list[Signal]) -> Flag:
        distances = sorted(signal.value for signal in run)
        return Flag(
            rule=self.name,
            severity=Severity.high,
            start=run[0].at,
            end=run[-1].at,
            threshold={"confirm": self.confirm, "window": self.window, "blind_s": self.blind_s},
            reason=(
                f"{len(run)} comparisons with the reference photo over {plain_seconds(run[-1].at - run[0].at)} did not match "
                f"(median distance {distances[len(distances) // 2]:.2f}); the rule asks for {self.confirm} of {self.window} in a row."
            ),
            innocent=INNOCENT,
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=sum(signal.confidence for signal in run) / len(run),
        )
