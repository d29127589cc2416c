"""Where the candidate's own computer looks at the pictures: its word did not fit them, or it gave no picture when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence
from proctor.signal import Signal, SignalKind

CHECKED = frozenset({SignalKind.device_agrees, SignalKind.device_differs, SignalKind.device_unanswered})
IN_WHAT = {
    "nobody": "a face was told and none is there",
    "more_faces": "more faces are there than were told",
    "place": "the face is elsewhere",
    "turned": "the head is turned otherwise",
    "light": "the picture's light is another",
}
WHY = {
    "missing": "no picture came",
    "late": "it came too late",
    "wrong_nonce": "it answered another request",
    "old_picture": "the picture was taken before the request",
    "same_picture": "the picture had been sent before",
    "unreadable": "the picture was not readable",
}


@dataclass(frozen=True)
class DeviceDiffers:
    """What the computer said about a picture and what the picture shows differ. Once is a note, `least` times a flag.

    Checks further apart than `together_s` are not taken together.
    """

    name: ClassVar[str] = "device_differs"
    least: int = 2
    together_s: float = 300.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        differing = [signal for signal in signals if signal.kind == SignalKind.device_differs]
        return [self._flag(run) for run in _together(differing, timedelta(seconds=self.together_s))]

    def _flag(self, run: list[Signal]) -> Flag:
        told = "; ".join(dict.fromkeys(IN_WHAT.get(signal.note or "", IN_WHAT["place"]) for signal in run))
        return Flag(
            rule=self.name,
            severity=Severity.medium if len(run) >= self.least else Severity.low,
            start=run[0].at,
            end=run[-1].at,
            threshold={"least": self.least, "together_s": self.together_s},
            reason=(
                f"In {len(run)} check{'s' if len(run) > 1 else ''} at a moment by chance the candidate's computer said something "
                f"else about its picture than the picture shows ({told}); a flag asks for {self.least}."
            ),
            innocent=(
                "two programs looked at one picture, and one of them erred",
                "somebody moved in the very moment of the picture",
                "an old or busy computer mixed up two pictures",
            ),
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=sum(signal.confidence for signal in run) / len(run),
        )


@dataclass(frozen=True)
class DeviceSilent:
    """`least` checks in a row without an answer that counts, although the computer was there and said other things."""

    name: ClassVar[str] = "device_silent"
    least: int = 2

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        found: list[list[Signal]] = []
        run: list[Signal] = []
        for signal in signals:
            if signal.kind not in CHECKED:
                continue
            run = [*run, signal] if signal.kind == SignalKind.device_unanswered else []
            if len(run) == self.least:
                found.append(run)
            elif len(run) > self.least:
                found[-1] = run
        return [self._flag(run) for run in found]

    def _flag(self, run: list[Signal]) -> Flag:
        told = "; ".join(dict.fromkeys(WHY.get(signal.note or "", WHY["missing"]) for signal in run))
        return Flag(
            rule=self.name,
            severity=Severity.medium,
            start=run[0].at,
            end=run[-1].at,
            threshold={"least": self.least},
            reason=(
                f"{len(run)} checks in a row, at moments by chance, got no picture that counts ({told}); "
                f"the rule asks for {self.least}."
            ),
            innocent=(
                "a slow or busy computer, or one that fell asleep",
                "the browser held the camera back for a while",
                "a fault of the page or of the platform",
            ),
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=sum(signal.confidence for signal in run) / len(run),
        )


def _together(signals: Sequence[Signal], within: timedelta) -> list[list[Signal]]:
    runs: list[list[Signal]] = []
    for signal in signals:
        if runs and signal.at - runs[-1][-1].at <= within:
            runs[-1].append(signal)
        else:
            runs.append([signal])
    return runs
