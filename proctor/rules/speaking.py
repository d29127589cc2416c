"""Speech while the candidate's own mouth moved: who spoke. Weak, because chewing, yawning and smiling move a mouth too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import episodes
from proctor.signal import SOUND, Signal, SignalKind

MOUTH = frozenset({SignalKind.mouth_moving, SignalKind.mouth_still})


@dataclass(frozen=True)
class Speaking:
    """Pieces of sound with speech in which the mouth moved in at least `share` of the frames, `windows` of them near each other."""

    name: ClassVar[str] = "speaking"
    windows: int = 2
    share: float = 0.4
    blind_s: float = 30.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        mouths = [signal for signal in signals if signal.kind in MOUTH]
        heard = [signal for signal in signals if signal.kind in SOUND and signal.kind != SignalKind.second_voice]
        matched = [signal for signal in heard if signal.kind == SignalKind.speech and self._moves(signal, mouths)]
        near = timedelta(seconds=self.blind_s)
        runs = episodes(matched, {SignalKind.speech}, frozenset(), leave=near, blind=near)
        return [
            Flag(
                rule=self.name,
                severity=Severity.low,
                start=run.start,
                end=run.end,
                threshold={"windows": self.windows, "share": self.share, "blind_s": self.blind_s},
                reason=(
                    f"The mouth moved while speech was heard, over {plain_seconds(run.duration)} in "
                    f"{len(run.signals)} pieces of sound; the rule asks for {self.windows} pieces."
                ),
                innocent=("read a question aloud or thought aloud", "chewed, yawned or smiled while others spoke"),
                evidence=pick_evidence(run.sources),
                confidence=0.5 * run.confidence,
            )
            for run in runs
            if len(run.signals) >= self.windows
        ]

    def _moves(self, speech: Signal, mouths: Sequence[Signal]) -> bool:
        """At least three frames show the mouth, and in enough of them it moves."""
        end = speech.at + (speech.duration or timedelta(0))
        seen = [signal.kind == SignalKind.mouth_moving for signal in mouths if speech.at <= signal.at <= end]
        return len(seen) >= 3 and sum(seen) >= self.share * len(seen)
