"""Sounds that are no speech, told apart: fan, hum, clicks, beeps, music. They never accuse; they explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from proctor.audio.vad import FRAME, Span
from proctor.audio.window import RATE, Pcm

SHORT = 80  # samples of a frame for sudden sounds: 5 ms
LONG = 2048  # samples of a frame for spectra: 128 ms
FLOOR_DB = -96.0
WINDOW = np.hanning(LONG).astype(np.float32)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Noise:
    """A kind of sound (`fan`, `hum`, `clicks`, `movement`, `beeps`, `music`, `other`) and how many seconds of it."""

    kind: str
    seconds: float


@dataclass(frozen=True)
class NoiseBars:
    """Where each kind begins. Levels in dB; below `quiet_db` (dBFS) nothing is called a noise.

    `tone_share`: part of a frame's power that four narrow lines hold together. `steady_db`: what a fan's level varies by.
    """

    quiet_db: float = -58.0
    rise_db: float = 15.0
    clicks: int = 3
    click_s: float = 0.06
    tone_share: float = 0.75
    tone_s: float = 0.4
    hum_below_hz: float = 320.0
    beep_spread: float = 0.03
    steady_db: float = 6.0


def level_db(pcm: Pcm) -> float:
    """Root mean square in dB of full scale, the constant part taken out; -96 for nothing."""
    if not len(pcm):
        return FLOOR_DB
    wave = pcm.astype(np.float64) / 32768
    return _db(float(np.sqrt(np.mean((wave - wave.mean()) ** 2))))


def noise_of(pcm: Pcm, speech: Sequence[Span], bars: NoiseBars) -> tuple[Noise, ...]:
    """The kinds of noise in a window outside of its speech, the longest first."""
    rest = without(pcm, speech)
    if len(rest) < RATE // 2 or level_db(rest) < bars.quiet_db:
        return ()
    found = [*_tones(rest, bars), *_bursts(rest, bars)] or _steady(rest, bars)
    return tuple(sorted(found, key=lambda noise: (-noise.seconds, noise.kind)))


def without(pcm: Pcm, speech: Sequence[Span], margin_s: float = 0.1) -> Pcm:
    """What is left when speech, with a margin, is cut out."""
    keep = np.ones(len(pcm), bool)
    for span in speech:
        keep[max(0, int((span.start - margin_s) * RATE)) : int((span.end + margin_s) * RATE)] = False
    return pcm[keep]


def _db(value: float) -> float:
    return max(FLOOR_DB, 20 * float(np.log10(max(value, 1e-9))))


def _levels(pcm: Pcm, wide: int) -> Floats:
    frames = pcm[: len(pcm) // wide * wide].reshape(-1, wide).astype(np.float32) / 32768
    mean = np.einsum("ij,ij->i", frames, frames) / wide
    return np.asarray(10 * np.log10(np.maximum(mean, 1e-10)), np.float32)


def _bursts(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    """Sudden sounds far above the usual level: short ones are clicks, longer ones something that moves."""
    levels = _levels(pcm, SHORT)
    loud = levels > max(float(np.median(levels)) + bars.rise_db, bars.quiet_db)
    loud = _close(loud, round(0.04 * RATE / SHORT))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    seconds = (edges[1::2] - edges[::2]) * SHORT / RATE
    clicks, moves = seconds[seconds <= bars.click_s], seconds[seconds > bars.click_s]
    found = []
    if len(clicks) >= bars.clicks:
        found.append(Noise("clicks", round(float(clicks.sum()), 2)))
    if float(moves.sum()) >= bars.tone_s:
        found.append(Noise("movement", round(float(moves.sum()), 2)))
    return found


def _close(marks: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """Marks with gaps shorter than `gap` between them filled."""
    at = np.flatnonzero(marks)
    out = marks.copy()
    for before, after in pairwise(at.tolist()):
        if after - before < gap:
            out[before:after] = True
    return out


def _tones(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    """Frames whose power stands in a few narrow lines: low ones are hum, one line that comes and goes beeps, others music."""
    if len(pcm) < LONG:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(pcm.astype(np.float32) / 32768, LONG)[:: LONG // 2]
    spectrum = fft.rfft(frames * WINDOW)
    power = spectrum.real**2 + spectrum.imag**2
    power[:, :3] = 0
    total = power.sum(axis=1)
    peak = power.argmax(axis=1)
    rest = power.copy()
    for _line in range(4):
        top = rest.argmax(axis=1)
        for aside in range(-3, 4):
            rest[np.arange(len(rest)), np.clip(top + aside, 0, rest.shape[1] - 1)] = 0
    loud = 10 * np.log10(np.maximum(2 * total / LONG**2, 1e-12)) > bars.quiet_db
    tonal = loud & (total - rest.sum(axis=1) > bars.tone_share * total)
    seconds = round(float(np.count_nonzero(tonal)) * LONG / 2 / RATE, 2)
    if seconds < bars.tone_s:
        return []
    return [Noise(_kind_of_tone(peak[tonal] * RATE / LONG, tonal, bars), seconds)]


def _kind_of_tone(hertz: Floats, tonal: NDArray[np.bool_], bars: NoiseBars) -> str:
    middle = float(np.median(hertz))
    if middle < bars.hum_below_hz and float(np.quantile(np.abs(hertz - middle), 0.8)) < 60:
        return "hum"
    same = np.abs(hertz / middle - 1) < bars.beep_spread
    comes_and_goes = np.count_nonzero(tonal) < 0.8 * len(tonal)
    return "beeps" if comes_and_goes and np.count_nonzero(same) > 0.8 * len(same) else "music"


def _steady(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    """Nothing stands out: a level that hardly varies is a fan, any other a sound that we have no name for."""
    levels = _levels(pcm, FRAME)
    steady = float(np.quantile(levels, 0.9) - np.quantile(levels, 0.1)) <= bars.steady_db
    return [Noise("fan" if steady else "other", round(len(pcm) / RATE, 2))]
