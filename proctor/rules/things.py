"""A phone, a second screen or a book in the picture: several looks, never one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, plain_seconds
from proctor.rules.episode import Episode, episodes, long_enough, raised
from proctor.signal import THINGS, Signal, SignalKind


@dataclass(frozen=True)
class Seen:
    """One kind of thing, seen in at least `looks` looks over `minimum_s` that are sure enough `together` (sum of confidences).

    Two looks that are sure say as much as five that are not; what is a phone for one look and none for the next is none.
    Pictures are looked at each two seconds, in two views in turn: `leave_s` forgives the looks at the other, `blind_s`
    missing looks.
    """

    name: ClassVar[str]
    kind: ClassVar[SignalKind]
    severity: ClassVar[Severity]
    what: ClassVar[str]
    innocent: ClassVar[tuple[str, ...]]
    looks: int = 2
    together: float = 1.5
    minimum_s: float = 1.5
    leave_s: float = 6.5
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            _looks(signals, self.kind),
            {self.kind},
            THINGS - {self.kind},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            self._flag(run)
            for run in runs
            if len(set(run.sources)) >= self.looks
            and sum(signal.confidence for signal in run.signals) >= self.together
            and long_enough(run.duration, self.minimum_s)
        ]

    def _flag(self, run: Episode) -> Flag:
        share = max(1, round(100 * max(signal.value for signal in run.signals)))
        return raised(
            self,
            run,
            self.severity,
            (
                f"{self.what} was seen in {len(set(run.sources))} looks within {plain_seconds(run.duration)}, at most "
                f"{min(100, share)} percent of the picture; the rule asks for {self.looks} looks within {self.minimum_s:g} s or more."
            ),
            self.innocent,
        )


def _looks(signals: Sequence[Signal], kind: SignalKind) -> list[Signal]:
    """A picture with the thing and with another thing is a look that found it."""
    found = {signal.source for signal in signals if signal.kind == kind}
    return [
        signal for signal in signals if signal.kind in THINGS and (signal.kind == kind or signal.source not in found)
    ]


@dataclass(frozen=True)
class Phone(Seen):
    """A mobile phone, or something that looks like one."""

    name = "phone_seen"
    kind = SignalKind.phone
    severity = Severity.high
    what = "A phone"
    innocent = (
        "a remote control, a calculator, a microphone, glasses or a wallet looks like a phone",
        "a phone that lies in the room and is not used",
        "a phone that serves as the agreed second camera or medical device",
    )


@dataclass(frozen=True)
class SecondScreen(Seen):
    """A television or another computer in the picture."""

    name = "second_screen_seen"
    kind = SignalKind.second_screen
    severity = Severity.low
    what = "A second screen"
    innocent = (
        "a television or a computer that stands in the room",
        "a window, a mirror or a picture frame looks like a screen",
        "the screen of the exam itself in a mirror",
    )
    looks: int = 5
    together: float = 2.5
    minimum_s: float = 20.0
    leave_s: float = 14.0
    blind_s: float = 30.0


@dataclass(frozen=True)
class Book(Seen):
    """A book or a pile of paper. The model is weak here: off unless an exam asks for it."""

    name = "book_seen"
    kind = SignalKind.book
    severity = Severity.low
    what = "A book"
    innocent = (
        "books on a shelf behind the candidate",
        "paper that the exam allows",
        "boxes, folders and packages look like books",
    )
    looks: int = 5
    together: float = 2.5
    minimum_s: float = 20.0
    leave_s: float = 14.0
    blind_s: float = 30.0
