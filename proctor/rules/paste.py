"""Text that was not typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence
from proctor.rules.episode import episodes
from proctor.signal import Signal, SignalKind

INNOCENT = (
    "moved their own text from another answer or from scratch paper typed in the page",
    "dictation, a spelling aid or another assistive program pastes what it writes",
    "pasting is usual when writing code",
)


@dataclass(frozen=True)
class LongPaste:
    """At least `characters` pasted at once; pastes within `together_s` of each other make one flag."""

    name: ClassVar[str] = "long_paste"
    characters: int = 40
    together_s: float = 30.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        together = timedelta(seconds=self.together_s)
        long = [signal for signal in signals if signal.kind == SignalKind.paste and signal.value >= self.characters]
        return [
            Flag(
                rule=self.name,
                severity=Severity.low,
                start=run.start,
                end=run.end,
                threshold={"characters": self.characters, "together_s": self.together_s},
                reason=(
                    f"{sum(signal.value for signal in run.signals):g} characters were pasted in {len(run.signals)} "
                    f"action{'s' if len(run.signals) > 1 else ''}; the rule asks from {self.characters}."
                ),
                innocent=INNOCENT,
                evidence=pick_evidence(run.sources),
                confidence=run.confidence,
            )
            for run in episodes(long, {SignalKind.paste}, frozenset(), leave=together, blind=together)
        ]
