"""How keys follow each other, against the candidate's own earlier minutes. Off unless an exam asks for it.

Rhythm is about the body: it is personal data of a special kind in many places, and aids for typing change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence
from proctor.signal import Signal, SignalKind

INNOCENT = (
    "another keyboard, hand or posture, or simply tired",
    "code, mathematics and prose are typed differently",
    "dictation, a word predictor or another assistive program",
    "typed a text over that stood on paper",
)


@dataclass(frozen=True)
class ChangedRhythm:
    """`minutes` of typing in a row were `factor` times faster or slower than the earlier minutes, or came in even steps.

    A minute counts from `keys` on; `learn` earlier minutes are needed before anything is compared.
    """

    name: ClassVar[str] = "changed_rhythm"
    keys: int = 40
    learn: int = 5
    minutes: int = 3
    factor: float = 2.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        typed = [signal for signal in signals if signal.kind == SignalKind.rhythm_changed and signal.value >= self.keys]
        usual: list[float] = []
        run: list[Signal] = []
        found: list[Flag] = []
        for signal in typed:
            if self._differs(signal, usual):
                run.append(signal)
                continue
            found += self._flag(run, usual)
            usual.append(_spaced(signal))
            run = []
        return [*found, *self._flag(run, usual)]

    def _differs(self, signal: Signal, usual: Sequence[float]) -> bool:
        if signal.note == "even":
            return True
        if len(usual) < self.learn or not _spaced(signal):
            return False
        ratio = _spaced(signal) / max(median(usual), 1e-3)
        return not 1 / self.factor < ratio < self.factor

    def _flag(self, run: Sequence[Signal], usual: Sequence[float]) -> list[Flag]:
        if len(run) < self.minutes:
            return []
        flag = Flag(
            rule=self.name,
            severity=Severity.low,
            start=run[0].at,
            end=run[-1].at,
            threshold={"keys": self.keys, "learn": self.learn, "minutes": self.minutes, "factor": self.factor},
            reason=(
                f"The keys followed each other every {_middle(run)} ms over {len(run)} minutes of typing, and every "
                f"{round(1000 * median(usual)) if usual else 0} ms in the earlier ones; the rule asks for {self.minutes} minutes."
            ),
            innocent=INNOCENT,
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=0.3,
        )
        return [flag]


def _spaced(signal: Signal) -> float:
    """Seconds from key to key in one minute of typing; 0 where the page did not say how long the typing took."""
    return signal.duration.total_seconds() / signal.value if signal.duration else 0.0


def _middle(run: Sequence[Signal]) -> int:
    return round(1000 * median(_spaced(signal) for signal in run))
