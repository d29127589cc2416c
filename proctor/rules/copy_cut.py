"""Text was copied or cut out of the exam page, or the page was printed: it may be on its way elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity
from proctor.rules.episode import episodes, raised
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class CopiedText:
    """At least `characters` copied or cut in total, with pauses up to `together_s`. Weak: most of it never leaves the page."""

    name: ClassVar[str] = "copied_text"
    characters: int = 200
    together_s: float = 60.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        together = timedelta(seconds=self.together_s)
        runs = episodes(signals, {SignalKind.copy, SignalKind.cut}, frozenset(), leave=together, blind=together)
        return [
            raised(
                self,
                run,
                Severity.low,
                f"{total:g} characters were copied or cut on the page; the rule asks from {self.characters}.",
                (
                    "moved their own text within an answer",
                    "kept a copy of an answer before changing it",
                    "an aid for reading or spelling copies what it reads",
                ),
            )
            for run in runs
            if (total := sum(signal.value for signal in run.signals)) >= self.characters
        ]


@dataclass(frozen=True)
class Printed:
    """The browser was asked to print the page; requests within `together_s` make one flag."""

    name: ClassVar[str] = "printed"
    together_s: float = 60.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        together = timedelta(seconds=self.together_s)
        return [
            raised(
                self,
                run,
                Severity.low,
                "The browser was asked to print the exam page.",
                (
                    "an accidental key press",
                    "reads better on paper, or needs larger letters",
                    "wanted to keep the own answers",
                ),
            )
            for run in episodes(signals, {SignalKind.print}, frozenset(), leave=together, blind=together)
        ]
