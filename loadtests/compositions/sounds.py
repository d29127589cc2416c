"""What the microphone hears: real voices of the evaluation data, and drawn noises (clicks, fans, paper, beeps).

16 kHz, mono, 16 bit. Everything comes from the arguments; the same generator state gives the same sound.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]  # -1..1
Noise = Literal["clicks", "fan", "paper", "beeps", "chair", "mouse"]
Voice = Literal["reader", "woman", "man"]

RATE = 16_000
WINDOW = 10  # seconds of one piece
# "reader" is the 60 s of speech; the two others talk in the videos.
FILES: dict[Voice, str] = {
    "reader": "speech/speech_60s_16k.wav",
    "woman": "video/talking_head_3.mp4",
    "man": "video/talking_head_4.mp4",
}


@dataclass(frozen=True)
class Heard:
    """A sound from second `start` to `end`; `level` is its root mean square in dBFS; `skip`: where in the voice it begins."""

    what: Noise | Voice
    start: float
    end: float
    level: float = -26.0
    skip: float = 0.0

    @property
    def voice(self) -> bool:
        return self.what in FILES


def mix(seconds: int, heard: Sequence[Heard], rng: np.random.Generator, data: Path | None, floor: float = -66.0) -> Pcm:
    """The whole sitting's sound over the floor of a quiet room. Raises `FileNotFoundError` for a voice without data."""
    total = rng.normal(0, 10 ** (floor / 20), seconds * RATE)
    for each in heard:
        first, last = int(each.start * RATE), int(min(each.end, seconds) * RATE)
        noise = NOISES.get(each.what)
        made = _voice(each, last - first, data) if noise is None else noise(last - first, rng)
        total[first:last] += made * (10 ** (each.level / 20) / max(1e-6, loudness(made)))
    return np.asarray(np.clip(total, -1, 1) * 32767, np.int16)


def loudness(wave_: Wave) -> float:
    """Root mean square of what is not silence: a click counts by its own loudness, not by the pause after it."""
    loud = np.abs(wave_) > 0.1 * np.abs(wave_).max(initial=1e-9)
    return float(np.sqrt(np.mean(wave_[loud] ** 2))) if loud.any() else 0.0


def windows(pcm: Pcm) -> list[Pcm]:
    """Pieces of ten seconds; the last may be shorter."""
    return [pcm[at : at + WINDOW * RATE] for at in range(0, len(pcm), WINDOW * RATE)]


def wav(pcm: Pcm) -> bytes:
    """A WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())
    return out.getvalue()


def webm(pcm: Pcm, bits: int = 24_000) -> bytes:
    """Opus in WebM, as the browser's recorder makes it."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()


@cache
def voice(name: Voice, data: Path) -> Wave:
    """Everything that this voice says in the data."""
    with av.open(str(data / FILES[name])) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64) / 32768


@cache
def utterances(name: Voice, data: Path, pause: float = 0.35) -> tuple[tuple[float, float], ...]:
    """(start, end) in seconds of what is said between pauses, by loudness alone: no detector that is measured decides here."""
    said = voice(name, data)
    step = RATE // 50
    levels = np.sqrt(np.mean(said[: len(said) // step * step].reshape(-1, step) ** 2, axis=1))
    loud = np.flatnonzero(levels > 0.12 * np.percentile(levels, 95))
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > pause * 50) + 1)
    return tuple((float(group[0]) / 50, float(group[-1] + 1) / 50) for group in groups if len(group) >= 15)


def _voice(heard: Heard, samples: int, data: Path | None) -> Wave:
    if data is None:
        raise FileNotFoundError(f"the voice {heard.what} needs the evaluation data (INVIGIL_DATA)")
    said = voice(heard.what, data)
    places = (np.arange(samples) + int(heard.skip * RATE)) % len(said)
    return said[places]


def _ring(rng: np.random.Generator, hertz: float, decay: float, seconds: float) -> Wave:
    """A struck thing: filtered noise that dies away."""
    time = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(
        np.exp(-time / decay) * (0.6 * rng.normal(0, 1, len(time)) + np.sin(2 * np.pi * hertz * time)), np.float64
    )


def _struck(samples: int, rng: np.random.Generator, every: float, hertz: tuple[float, float], decay: float) -> Wave:
    """Keys or buttons: a press, and a softer release a tenth of a second later."""
    made = np.zeros(samples)
    at = rng.exponential(every)
    while at * RATE < samples:
        for delay, share in ((0.0, 1.0), (rng.uniform(0.06, 0.12), 0.45)):
            ring = share * rng.uniform(0.6, 1) * _ring(rng, rng.uniform(*hertz), decay, 8 * decay)
            first = int((at + delay) * RATE)
            part = ring[: max(0, samples - first)]
            made[first : first + len(part)] += part
        at += max(0.05, rng.exponential(every))
    return made


def _clicks(samples: int, rng: np.random.Generator) -> Wave:
    return _struck(samples, rng, 0.16, (900, 3500), 0.004)


def _mouse(samples: int, rng: np.random.Generator) -> Wave:
    return _struck(samples, rng, 1.5, (2500, 5000), 0.002)


def _chair(samples: int, rng: np.random.Generator) -> Wave:
    return _struck(samples, rng, 4.0, (120, 400), 0.03)


def _fan(samples: int, rng: np.random.Generator) -> Wave:
    """Low noise with the tone of its blades."""
    low = np.asarray(lfilter([1.0], [1.0, -0.97], rng.normal(0, 1, samples)), np.float64)
    tone = np.sin(2 * np.pi * rng.uniform(90, 140) * np.arange(samples) / RATE)
    return np.asarray(low / max(1e-9, float(np.std(low))) + 0.4 * tone, np.float64)


def _paper(samples: int, rng: np.random.Generator) -> Wave:
    """High noise that swells and stops."""
    slow = np.abs(np.asarray(lfilter([0.002], [1.0, -0.998], rng.normal(0, 30, samples)), np.float64))
    return np.asarray(np.diff(rng.normal(0, 1, samples + 1)) * np.maximum(0, slow - np.median(slow)), np.float64)


def _beeps(samples: int, rng: np.random.Generator) -> Wave:
    """A medical device or a washing machine: three tones, a pause."""
    time = np.arange(samples) / RATE
    on = ((time % 4.0) < 0.9) & ((time % 0.3) < 0.15)
    return np.asarray(np.sin(2 * np.pi * rng.uniform(1800, 2600) * time) * on, np.float64)


NOISES: dict[Noise | Voice, Callable[[int, np.random.Generator], Wave]] = {
    "clicks": _clicks,
    "fan": _fan,
    "paper": _paper,
    "beeps": _beeps,
    "chair": _chair,
    "mouse": _mouse,
}
