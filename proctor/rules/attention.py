"""Where head and eyes were turned, and for how long. Thinking people look away: only long or repeated looks are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, episodes, long_enough, raised
from proctor.signal import Signal, SignalKind

AWAY = frozenset({SignalKind.head_turned, SignalKind.gaze_outside})
FRONT = frozenset({SignalKind.head_forward, SignalKind.head_down, SignalKind.gaze_inside})
INNOCENT = (
    "thought about an answer, or looked out of the window",
    "somebody or something made a noise",
    "the camera stands beside the screen, or there is a second screen that is allowed",
    "eyes or neck that move differently",
)
INNOCENT_DOWN = (
    "wrote on paper that is allowed, or looked at the keyboard",
    "the camera stands high above the screen",
    "glasses with reading lenses",
)
INNOCENT_EYES = (
    "tired, dazzled or in pain",
    "rested the eyes or prayed",
    "narrow eyes, thick glasses or a camera far below the face",
)


def looks(signals: Sequence[Signal], *, leave_s: float, blind_s: float) -> list[Episode]:
    """Runs of frames with head or eyes away; a frame that shows both away and ahead is away."""
    away = {signal.source for signal in signals if signal.kind in AWAY}
    kept = [signal for signal in signals if signal.kind in AWAY or (signal.kind in FRONT and signal.source not in away)]
    return episodes(kept, AWAY, FRONT, leave=timedelta(seconds=leave_s), blind=timedelta(seconds=blind_s))


def frames(run: Episode) -> int:
    """How many frames: head and eyes of one frame count once."""
    return len(set(run.sources))


@dataclass(frozen=True)
class LookingAway:
    """Head or eyes away from the screen, once and long."""

    name: ClassVar[str] = "looking_away"
    minimum_s: float = 8.0
    leave_s: float = 2.5
    blind_s: float = 5.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        return [
            raised(
                self,
                run,
                Severity.medium,
                (
                    f"Head or eyes were turned away from the screen for {plain_seconds(run.duration)} "
                    f"({frames(run)} frames); the rule asks from {self.minimum_s:g} s."
                ),
                INNOCENT,
            )
            for run in looks(signals, leave_s=self.leave_s, blind_s=self.blind_s)
            if long_enough(run.duration, self.minimum_s)
        ]


@dataclass(frozen=True)
class RepeatedGlances:
    """Many short looks to the same side: none would matter alone. Each lasts from `look_s` on, `looks` within `within_s`."""

    name: ClassVar[str] = "repeated_glances"
    look_s: float = 2.0
    looks: int = 6
    within_s: float = 180.0
    leave_s: float = 1.5
    blind_s: float = 5.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        short = [
            run
            for run in looks(signals, leave_s=self.leave_s, blind_s=self.blind_s)
            if long_enough(run.duration, self.look_s)
        ]
        sides = ([run for run in short if _side(run) > 0], [run for run in short if _side(run) < 0])
        return [self._flag(group) for side in sides for group in self._groups(side)]

    def _groups(self, side: list[Episode]) -> Iterator[list[Episode]]:
        """Looks that belong to some window with enough of them; windows that overlap are one group."""
        within = timedelta(seconds=self.within_s)
        starts = [
            first
            for first in range(len(side) - self.looks + 1)
            if side[first + self.looks - 1].end - side[first].start <= within
        ]
        places = sorted({place for first in starts for place in range(first, first + self.looks)})
        for _, group in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
            yield [side[place] for _, place in group]

    def _flag(self, group: list[Episode]) -> Flag:
        seen = sum((run.duration for run in group), timedelta(0))
        return Flag(
            rule=self.name,
            severity=Severity.low,
            start=group[0].start,
            end=group[-1].end,
            threshold={"look_s": self.look_s, "looks": self.looks, "within_s": self.within_s},
            reason=(
                f"{len(group)} looks to the same side, {plain_seconds(seen)} together, within "
                f"{plain_seconds(group[-1].end - group[0].start)}; the rule asks for {self.looks}."
            ),
            innocent=INNOCENT,
            evidence=pick_evidence([source for run in group for source in run.sources]),
            confidence=sum(run.confidence for run in group) / len(group),
        )


def _side(run: Episode) -> float:
    """Above 0: to the picture's left. The mean angle of what was seen."""
    return sum(signal.value for signal in run.signals)


@dataclass(frozen=True)
class _Lasting:
    """One kind of signal that lasts."""

    name: ClassVar[str]
    on: ClassVar[SignalKind]
    off: ClassVar[AbstractSet[SignalKind]]
    what: ClassVar[str]
    innocent: ClassVar[tuple[str, ...]]
    minimum_s: float
    leave_s: float = 2.5
    blind_s: float = 5.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {self.on},
            self.off,
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            raised(
                self,
                run,
                Severity.low,
                (
                    f"{self.what} for {plain_seconds(run.duration)} ({len(run.signals)} frames); "
                    f"the rule asks from {self.minimum_s:g} s."
                ),
                self.innocent,
            )
            for run in runs
            if long_enough(run.duration, self.minimum_s)
        ]


@dataclass(frozen=True)
class LookingDown(_Lasting):
    """The head was lowered far for long, as over a phone on the lap. Weak: writing on paper looks the same."""

    name = "looking_down"
    on, off = SignalKind.head_down, frozenset({SignalKind.head_forward, SignalKind.head_turned})
    what = "The head was lowered far"
    innocent = INNOCENT_DOWN
    minimum_s: float = 20.0


@dataclass(frozen=True)
class EyesClosed(_Lasting):
    """Asleep, unwell, or another person's photograph: somebody should look."""

    name = "eyes_closed"
    on, off = SignalKind.eyes_closed, frozenset({SignalKind.eyes_open})
    what = "Both eyes were closed"
    innocent = INNOCENT_EYES
    minimum_s: float = 15.0
