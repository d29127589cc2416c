"""Text that was not typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity
from proctor.rules.episode import Episode, episodes, raised
from proctor.signal import Signal, SignalKind

INNOCENT = (
    "moved their own text from another answer or from scratch paper typed in the page",
    "dictation, a spelling aid or another assistive program pastes what it writes",
    "pasting is usual when writing code",
)


@dataclass(frozen=True)
class LongPaste:
    """At least `characters` pasted at once; pastes within `together_s` of each other make one flag.

    Text that was copied on this page before (origin inside) is the candidate's own: low. From elsewhere: medium.
    A browser that does not know the origin says nothing about it: low.
    """

    name: ClassVar[str] = "long_paste"
    characters: int = 40
    together_s: float = 30.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        together = timedelta(seconds=self.together_s)
        long = [signal for signal in signals if signal.kind == SignalKind.paste and signal.value >= self.characters]
        return [
            self._flag(run) for run in episodes(long, {SignalKind.paste}, frozenset(), leave=together, blind=together)
        ]

    def _flag(self, run: Episode) -> Flag:
        outside = [signal for signal in run.signals if signal.note == "outside"]
        inside = all(signal.note == "inside" for signal in run.signals)
        times = f"{len(run.signals)} action{'s' if len(run.signals) > 1 else ''}"
        where = " from outside of the page" if outside else " that had been copied on the page itself" if inside else ""
        return raised(
            self,
            run,
            Severity.medium if outside else Severity.low,
            (
                f"{sum(signal.value for signal in outside or run.signals):g} characters{where} were pasted in {times}; "
                f"the rule asks from {self.characters}."
            ),
            INNOCENT,
        )
