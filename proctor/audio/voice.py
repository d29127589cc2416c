"""Does speech come from one throat? Only the height of the voice is compared: a weak hint, never more.

Pitch tells a man from a woman and an adult from a child, not two people with voices alike; a person who laughs or plays a
part leaves their own range. So a second voice never flags alone (see `proctor.rules.speech`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from proctor.audio.vad import Span
from proctor.audio.window import RATE, Pcm

WIDE, HOP = 640, 480  # samples of a frame (40 ms) and of the step between frames (30 ms)
LOWEST_HZ, HIGHEST_HZ = 60, 400

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class VoiceBars:
    """How much is compared, and how different it must be.

    `voiced_s`: seconds with a clear pitch that a stretch of speech needs. `learn_s`: so much of it makes the first voice.
    `semitones`: one person's stretches spread by about 2 around their mean, so 6 is far outside.
    `clear`: how alike (0..1) a frame must be to itself one period later.
    """

    voiced_s: float = 0.5
    learn_s: float = 3.0
    semitones: float = 6.0
    clear: float = 0.6


@dataclass(frozen=True)
class Voice:
    """How high the attempt's first voice is: the mean in semitones over 55 Hz, and the voiced seconds it rests on."""

    pitch: float
    seconds: float

    def plain(self) -> dict[str, Any]:
        return {"pitch": self.pitch, "seconds": self.seconds}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        return cls(float(plain["pitch"]), float(plain["seconds"]))

    def learn(self, pitch: float, seconds: float) -> Voice:
        """The mean with one more stretch in it; it settles after a minute, so that a slow change cannot carry it away."""
        kept = min(self.seconds, 60.0)
        mean = (self.pitch * kept + pitch * seconds) / (kept + seconds)
        return Voice(round(mean, 3), round(kept + seconds, 3))


@dataclass(frozen=True)
class Heard:
    """Voices in one window: how many kinds, semitones of the farthest from the first voice, and the first voice afterwards."""

    count: int
    distance: float | None
    first: Voice | None


def voices_of(pcm: Pcm, speech: Sequence[Span], first: Voice | None, bars: VoiceBars) -> Heard:
    """Compare what is said in a window with the first voice and within itself; too little speech says nothing."""
    heard = [
        (pitch, seconds)
        for span in speech
        for pitch, seconds in [_pitch_of(pcm[int(span.start * RATE) : int(span.end * RATE)], bars)]
        if seconds >= bars.voiced_s
    ]
    if not heard:
        return Heard(min(len(speech), 1), None, first)
    known = first is not None and first.seconds >= bars.learn_s
    distance = None
    for pitch, seconds in heard:
        away = abs(pitch - first.pitch) if first is not None else 0.0
        if known:
            distance = max(distance or 0.0, away)
        if away < bars.semitones:
            first = Voice(round(pitch, 3), round(seconds, 3)) if first is None else first.learn(pitch, seconds)
    pitches = [pitch for pitch, _seconds in heard]
    apart = max(max(pitches) - min(pitches), distance or 0.0)
    return Heard(2 if apart >= bars.semitones else 1, None if distance is None else round(distance, 2), first)


def _pitch_of(pcm: Pcm, bars: VoiceBars) -> tuple[float, float]:
    """Median pitch in semitones over 55 Hz, and the seconds that had a clear pitch (0, 0 for none)."""
    hertz = pitches(pcm, bars.clear)
    if not len(hertz):
        return 0.0, 0.0
    return float(12 * np.log2(np.median(hertz) / 55)), len(hertz) * HOP / RATE


def pitches(pcm: Pcm, clear: float) -> Floats:
    """Pitch in Hz of each frame that has a clear one, by autocorrelation: the shortest period nearly as good as the best."""
    if len(pcm) < WIDE:
        return np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(pcm.astype(np.float32) / 32768, WIDE)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    near, far = RATE // HIGHEST_HZ, RATE // LOWEST_HZ
    size = 1000  # more than a frame and its longest period, and quick to transform
    spectrum = fft.rfft(frames, size)
    alike = fft.irfft(spectrum.real**2 + spectrum.imag**2, size)
    periods = slice(near - 1, far + 2)
    power = np.maximum(alike[:, :1], 1e-6) * (1 - np.arange(WIDE, dtype=np.float32)[periods] / WIDE)
    ratio = alike[:, periods] / power
    middle = ratio[:, 1:-1]
    best = middle.max(axis=1, keepdims=True)
    peak = (middle >= ratio[:, :-2]) & (middle >= ratio[:, 2:]) & (middle >= 0.88 * best)
    voiced = (best[:, 0] > clear) & peak.any(axis=1)
    return np.asarray(RATE / (near + peak[voiced].argmax(axis=1)), np.float32)
