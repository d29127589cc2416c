"""One window of sound in, one reading out; one reading in, its signals out. What was said is never written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np

from proctor.audio.noise import Noise, NoiseBars, level_db, noise_of
from proctor.audio.vad import Silero, Span, SpeechBars, could_be_speech, spans_of
from proctor.audio.voice import Voice, VoiceBars, voices_of
from proctor.audio.window import AudioWindow, Pcm
from proctor.errors import ModelMissing
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class SoundModels:
    """The one model file that sound needs."""

    silero: Path

    @classmethod
    def under(cls, folder: Path) -> Self:
        """As the model manifest lays it out: `<folder>/<name>/<file>`. Raises `ModelMissing`."""
        silero = folder / "silero_vad" / "silero_vad_16k_sequence.onnx"
        if not silero.is_file():
            raise ModelMissing(str(silero))
        return cls(silero)


@dataclass(frozen=True)
class SoundThresholds:
    """Every number a window is judged by. Levels in dBFS (0 = full scale); samples up to `silent_peak` are no sound at all."""

    silent_peak: int = 2
    quiet_db: float = -58.0
    spoken_s: float = 0.4
    speech: SpeechBars = field(default_factory=SpeechBars)
    noise: NoiseBars = field(default_factory=NoiseBars)
    voice: VoiceBars = field(default_factory=VoiceBars)


@dataclass(frozen=True)
class Memory:
    """What is remembered between windows: how the first voice of the attempt sounds (coarse numbers, no words).

    Keep it with the attempt and delete it with the exam's face templates: it says something about a person.
    """

    voice: Voice | None = None

    def plain(self) -> dict[str, Any]:
        return {"voice": self.voice.plain() if self.voice else None}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        return cls(Voice.of(plain["voice"]) if plain.get("voice") else None)


@dataclass(frozen=True)
class SoundReading:
    """What one window holds. Times are seconds from its start; `level` and `peak` in dBFS; `noise` by kind.

    `silent`: nothing but digital zeros, or nearly. `other_voice`: how far (in the first voice's own spread) speech in this
    window lies from the first voice of the attempt, None where too little was said to compare.
    """

    n: int
    at: datetime
    seconds: float
    level: float
    peak: float
    silent: bool
    speech: tuple[Span, ...] = ()
    noise: tuple[Noise, ...] = ()
    other_voice: float | None = None
    voices: int = 0

    @property
    def spoken(self) -> float:
        """Seconds of speech."""
        return sum(span.seconds for span in self.speech)

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `SoundReading.of` reads them back."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The reading that `plain()` described; raises `TypeError` or `KeyError` for anything else."""
        parts: dict[str, Any] = {
            "at": datetime.fromisoformat(plain["at"]),
            "speech": tuple(Span(**each) for each in plain["speech"]),
            "noise": tuple(Noise(**each) for each in plain["noise"]),
        }
        return cls(**{**plain, **parts})


class SoundAnalyser:
    """Loads the model once (a tenth of a second); not for use by two threads at a time."""

    def __init__(self, models: SoundModels, thresholds: SoundThresholds | None = None) -> None:
        self.thresholds = thresholds or SoundThresholds()
        self._silero = Silero(models.silero)

    def listen(self, window: AudioWindow, memory: Memory = Memory()) -> tuple[SoundReading, Memory]:
        """Read one window. The same window and memory give the same reading."""
        bars, pcm = self.thresholds, window.pcm
        peak = int(np.abs(pcm.astype(np.int32)).max(initial=0))
        level = level_db(pcm)
        silent = peak <= bars.silent_peak
        speech = () if silent or level < bars.quiet_db else self._speech(pcm)
        noise = () if silent else noise_of(pcm, speech, bars.noise)
        heard = voices_of(pcm, speech, memory.voice, bars.voice)
        reading = SoundReading(
            n=window.n,
            at=window.at,
            seconds=round(window.seconds, 3),
            level=round(level, 1),
            peak=round(20 * float(np.log10(max(peak, 1) / 32768)), 1),
            silent=silent,
            speech=speech,
            noise=noise,
            other_voice=heard.distance,
            voices=heard.count,
        )
        return reading, Memory(heard.first)

    def _speech(self, pcm: Pcm) -> tuple[Span, ...]:
        bars = self.thresholds.speech
        if not could_be_speech(pcm, bars.sift_frames):
            return ()
        return spans_of(self._silero.probabilities(pcm), bars, len(pcm) / 16_000)

    def signals(self, reading: SoundReading) -> list[Signal]:
        """Everything `reading` allows to say, by this analyser's thresholds."""
        return signals_of_sound(reading, self.thresholds)


def signals_of_sound(reading: SoundReading, thresholds: SoundThresholds) -> list[Signal]:
    """Each window says one of speech, noise, quiet and silent microphone; a second voice only beside speech, and weakly."""
    source, sound = f"sound:{reading.n}", timedelta(seconds=reading.seconds)
    if reading.silent:
        return [Signal(reading.at, SignalKind.microphone_silent, reading.level, 1.0, 0.0, source, sound)]
    quality = max(0.0, min(1.0, (reading.level + 80) / 40))
    if reading.spoken < thresholds.spoken_s:
        kind = SignalKind.noise if reading.noise else SignalKind.quiet
        note = reading.noise[0].kind if reading.noise else None
        return [Signal(reading.at, kind, reading.level, 0.9, quality, source, sound, note)]
    start = reading.at + timedelta(seconds=reading.speech[0].start)
    length = timedelta(seconds=reading.speech[-1].end - reading.speech[0].start)
    sure = sum(span.sure * span.seconds for span in reading.speech) / reading.spoken
    said = [Signal(start, SignalKind.speech, round(reading.spoken, 3), min(1.0, sure), quality, source, length)]
    if reading.voices > 1:
        weak = 0.3 if reading.other_voice is None else min(0.5, 0.3 + reading.other_voice / 100)
        said.append(Signal(start, SignalKind.second_voice, float(reading.voices), weak, quality, source, length))
    return said


def bad_sound(at: datetime, n: int) -> Signal:
    """A piece of sound that could not be read is a fact about the line, not about the candidate."""
    return Signal(at, SignalKind.bad_sound, 1.0, 1.0, 0.0, f"sound:{n}")
