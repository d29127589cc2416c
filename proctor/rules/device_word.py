"""Where the candidate's own computer looks at the pictures: its word did not fit them, or it gave no picture when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import ClassVar

from proctor.flag import Flag, Severity
from proctor.rules.episode import Episode, raised
from proctor.signal import Signal, SignalKind

ANSWERED = frozenset({SignalKind.device_agrees, SignalKind.device_differs})
IN_WHAT = {
    "nobody": "a face was told and none is there",
    "more_faces": "more faces are there than were told",
    "place": "the face is elsewhere",
    "turned": "the head is turned otherwise",
    "light": "the picture's light is another",
    "nobody_before": "a face was told until the very request, and the picture after it shows none",
    "more_faces_before": "fewer faces were told until the very request than the picture after it shows",
}
WORDS_BEFORE = frozenset({"nobody_before", "more_faces_before"})
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
    """What the computer said about a picture and what the picture shows differ. Once is a note, `least` times a flag; checks
    further apart than `together_s` are not taken together.

    Where only the words before the request differ, `many` in a row are a flag: between these words and the picture lies time, in
    which honest people bend down and come back. Who does that thirty times an hour over a slow line is contradicted by a check
    now and then; who is away while a face is told, by every one.
    """

    name: ClassVar[str] = "device_differs"
    least: int = 2
    together_s: float = 300.0
    many: int = 3

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        differing = [signal for signal in signals if signal.kind == SignalKind.device_differs and not _before(signal)]
        runs = _together(differing, timedelta(seconds=self.together_s))
        rows = _rows([signal for signal in signals if signal.kind in ANSWERED], _before)
        return [self._flag(Episode.of(run), self.least) for run in runs] + [
            self._flag(Episode.of(row), self.many) for row in rows
        ]

    def _flag(self, run: Episode, least: int) -> Flag:
        count = len(run.signals)
        told = "; ".join(dict.fromkeys(IN_WHAT.get(signal.note or "", IN_WHAT["place"]) for signal in run.signals))
        return raised(
            self,
            run,
            Severity.medium if count >= least else Severity.low,
            f"In {count} check{'s' if count > 1 else ''} at a moment by chance the candidate's computer said something "
            f"else about its picture than the picture shows ({told}); a flag asks for {least}.",
            (
                "two programs looked at one picture, and one of them erred",
                "somebody moved in the very moment of the picture",
                "an old or busy computer mixed up two pictures",
            ),
        )


def _before(signal: Signal) -> bool:
    return signal.note in WORDS_BEFORE


@dataclass(frozen=True)
class DeviceSilent:
    """`least` checks in a row without an answer that counts, although the computer was there and said other things."""

    name: ClassVar[str] = "device_silent"
    least: int = 2

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = _in_a_row(signals, SignalKind.device_unanswered, self.least)
        return [self._flag(Episode.of(run)) for run in runs]

    def _flag(self, run: Episode) -> Flag:
        count = len(run.signals)
        told = "; ".join(dict.fromkeys(WHY.get(signal.note or "", WHY["missing"]) for signal in run.signals))
        return raised(
            self,
            run,
            Severity.medium,
            f"{count} checks in a row, at moments by chance, got no picture that counts ({told}); "
            f"the rule asks for {self.least}.",
            (
                "a slow or busy computer, or one that fell asleep",
                "the browser held the camera back for a while",
                "a fault of the page or of the platform",
            ),
        )


@dataclass(frozen=True)
class DeviceUnreached:
    """In `least` checks in a row nothing came as long as the picture was waited for, as if the line broke each time just then:
    a note, however many they are.

    A lost check makes the next one come soon, so a line that carries one answer in three has rows of six in nearly every
    exam of two hours: the length of a row tells no slow line from somebody who cuts it. Each answer begins the count anew. A
    check without an answer from a computer that went on talking is `DeviceSilent`'s; here it neither counts nor ends the row.
    """

    name: ClassVar[str] = "device_unreached"
    least: int = 3

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = _in_a_row(signals, SignalKind.device_unreached, self.least)
        return [self._flag(Episode.of(run)) for run in runs]

    def _flag(self, run: Episode) -> Flag:
        return raised(
            self,
            run,
            Severity.low,
            f"In {len(run.signals)} checks in a row, at moments by chance, nothing at all came from the candidate's computer as "
            f"long as a picture was waited for, and words came again afterwards; {self.least} are noted.",
            (
                "a line that is down for moments again and again, or so slow that a picture takes longer than it is waited for",
                "a computer or a browser that halts when it has to send a picture",
                "a network that lets small messages through and stops at pictures",
            ),
        )


def _in_a_row(signals: Sequence[Signal], kind: SignalKind, least: int) -> list[list[Signal]]:
    """Runs of at least `least` signals of one kind that no answered check divides."""
    runs: list[list[Signal]] = [[]]
    for signal in signals:
        if signal.kind in ANSWERED:
            runs.append([])
        elif signal.kind == kind:
            runs[-1].append(signal)
    return [run for run in runs if len(run) >= least]


def _rows(checks: Sequence[Signal], counts: Callable[[Signal], bool]) -> list[list[Signal]]:
    """Runs of answered checks that count, which no other answered check divides."""
    return [list(run) for holds, run in groupby(checks, counts) if holds]


def _together(signals: Sequence[Signal], within: timedelta) -> list[list[Signal]]:
    runs: list[list[Signal]] = []
    for signal in signals:
        if runs and signal.at - runs[-1][-1].at <= within:
            runs[-1].append(signal)
        else:
            runs.append([signal])
    return runs
