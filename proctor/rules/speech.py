"""Somebody spoke; perhaps somebody else. Loudness and time are known, words are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, episodes, raised
from proctor.signal import SOUND, Signal, SignalKind

INNOCENT = (
    "read a question aloud or thought aloud",
    "people, a radio or a television in the next room",
    "a screen reader or an agreed interpreter",
    "a call or a message that the device played",
)
OTHER_VOICE = (
    "the same person spoke higher, lower or more quietly",
    "people, a radio or a television in the next room",
    "an agreed interpreter, assistant or child in care",
)
# What makes a second voice worth a look: seen or said by something else than the microphone.
BESIDE = frozenset(
    {
        SignalKind.faces_many,
        SignalKind.face_other,
        SignalKind.face_absent,
        SignalKind.phone,
        SignalKind.second_screen,
        SignalKind.head_turned,
        SignalKind.gaze_outside,
        SignalKind.hidden,
    }
)


@dataclass(frozen=True)
class Speech:
    """At least `spoken_s` of speech, pauses up to `blind_s` included; from `long_s` on it matters more.

    A window without speech in between must be shorter than `leave_s`, counted from speech to speech.
    """

    name: ClassVar[str] = "speech"
    spoken_s: float = 3.0
    long_s: float = 10.0
    leave_s: float = 15.0
    blind_s: float = 30.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {SignalKind.speech},
            SOUND - {SignalKind.speech, SignalKind.second_voice},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [self._flag(run) for run in runs if _spoken(run) >= self.spoken_s]

    def _flag(self, run: Episode) -> Flag:
        spoken = _spoken(run)
        return raised(
            self,
            run,
            Severity.medium if spoken >= self.long_s else Severity.low,
            (
                f"Somebody spoke for {plain_seconds(timedelta(seconds=spoken))} within {plain_seconds(run.duration)}; "
                f"the rule asks from {self.spoken_s:g} s."
            ),
            INNOCENT,
        )


@dataclass(frozen=True)
class SecondVoice:
    """Two kinds of voices in at least `windows` pieces of sound, and something else within `near_s` that fits.

    Weak: pitch and the colour of a voice are no proof of a person, so it never flags alone and never above low.
    """

    name: ClassVar[str] = "second_voice"
    windows: int = 2
    near_s: float = 30.0
    blind_s: float = 60.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        blind = timedelta(seconds=self.blind_s)
        beside = [signal for signal in signals if signal.kind in BESIDE]
        found = []
        for run in episodes(signals, {SignalKind.second_voice}, frozenset(), leave=blind, blind=blind):
            near = [signal for signal in beside if self._is_near(signal, run)]
            if len(set(run.sources)) >= self.windows and near:
                found.append(self._flag(run, near))
        return found

    def _is_near(self, signal: Signal, run: Episode) -> bool:
        near = timedelta(seconds=self.near_s)
        return run.start - near <= signal.at <= run.end + near

    def _flag(self, run: Episode, near: list[Signal]) -> Flag:
        return Flag(
            rule=self.name,
            severity=Severity.low,
            start=run.start,
            end=run.end,
            threshold={"windows": self.windows, "near_s": self.near_s, "blind_s": self.blind_s},
            reason=(
                f"Voices of two kinds were heard in {len(set(run.sources))} pieces of sound, and camera or page showed something "
                f"at the same time; the rule asks for {self.windows} pieces."
            ),
            innocent=OTHER_VOICE,
            evidence=pick_evidence([*run.sources[:3], near[0].source, near[-1].source]),
            confidence=run.confidence,
        )


def _spoken(run: Episode) -> float:
    return sum(signal.value for signal in run.signals)
