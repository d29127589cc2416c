"""Sounds that are no speech, told apart: fan, hum, clicks, beeps, tones. They never accuse; they explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proctor.audio.vad import Span
from proctor.audio.window import RATE, Pcm

WIDE = 512  # samples of a frame for spectra: 32 ms
SHORT = 80  # samples of a frame for clicks: 5 ms
FLOOR_DB = -96.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """A kind of sound (`fan`, `hum`, `clicks`, `beeps`, `tones`) and how much: seconds of it, or how many clicks."""

    kind: str
    amount: float


@dataclass(frozen=True)
class NoiseBars:
    """Where each kind begins. Levels in dB; below `quiet_db` (dBFS) nothing is called a noise."""

    quiet_db: float = -58.0
    click_rise_db: float = 15.0
    clicks: int = 3
    tone_share: float = 0.6
    tone_s: float = 0.4
    hum_below_hz: float = 320.0
    steady_db: float = 3.0


def level_db(pcm: Pcm) -> float:
    """Root mean square in dB of full scale, the constant part taken out; -96 for nothing."""
    if not len(pcm):
        return FLOOR_DB
    wave = pcm.astype(np.float64) / 32768
    return _db(float(np.sqrt(np.mean((wave - wave.mean()) ** 2))))


def noise_of(pcm: Pcm, speech: Sequence[Span], bars: NoiseBars) -> tuple[Noise, ...]:
    """The kinds of noise in a window outside of its speech, the most plentiful first."""
    rest = without(pcm, speech)
    if len(rest) < RATE // 2 or level_db(rest) < bars.quiet_db:
        return ()
    found = [*_clicks(rest, bars), *_tones(rest, bars)]
    if not found:
        found = _steady(rest, bars)
    return tuple(sorted(found, key=lambda noise: (-noise.amount, noise.kind)))


def without(pcm: Pcm, speech: Sequence[Span], margin_s: float = 0.1) -> Pcm:
    """What is left when speech, with a margin, is cut out."""
    keep = np.ones(len(pcm), bool)
    for span in speech:
        keep[max(0, int((span.start - margin_s) * RATE)) : int((span.end + margin_s) * RATE)] = False
    return pcm[keep]


def _db(value: float) -> float:
    return max(FLOOR_DB, 20 * float(np.log10(max(value, 1e-9))))


def _levels(pcm: Pcm, wide: int) -> Floats:
    frames = pcm[: len(pcm) // wide * wide].reshape(-1, wide).astype(np.float64) / 32768
    found: Floats = 20 * np.log10(np.maximum(np.sqrt(np.mean(frames**2, axis=1)), 1e-5))
    return found


def _clicks(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    """Rises within 5 ms far above the usual level that are over within 80 ms."""
    levels = _levels(pcm, SHORT)
    usual = float(np.median(levels))
    loud = levels > usual + bars.click_rise_db
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    lengths = edges[1::2] - edges[::2]
    count = int(np.count_nonzero(lengths <= 0.08 * RATE / SHORT))
    return [Noise("clicks", float(count))] if count >= bars.clicks else []


def _tones(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    """Frames whose power stands in a few narrow lines: low ones are hum, those that come and go beeps, the rest tones."""
    frames = pcm[: len(pcm) // WIDE * WIDE].reshape(-1, WIDE).astype(np.float64) / 32768
    power = np.abs(np.fft.rfft(frames * np.hanning(WIDE), axis=1)) ** 2
    power[:, 0] = 0
    total = power.sum(axis=1)
    strong = np.sort(power, axis=1)[:, -6:].sum(axis=1)
    loud = 10 * np.log10(np.maximum(total / WIDE**2 * 4, 1e-12)) > bars.quiet_db
    tonal = loud & (strong > bars.tone_share * total)
    if np.count_nonzero(tonal) * WIDE / RATE < bars.tone_s:
        return []
    peak_hz = power[tonal].argmax(axis=1) * RATE / WIDE
    seconds = float(np.count_nonzero(tonal) * WIDE / RATE)
    if float(np.median(peak_hz)) < bars.hum_below_hz:
        return [Noise("hum", round(seconds, 1))]
    kind = "beeps" if np.count_nonzero(np.diff(tonal.astype(np.int8)) == 1) >= 2 else "tones"
    return [Noise(kind, round(seconds, 1))]


def _steady(pcm: Pcm, bars: NoiseBars) -> list[Noise]:
    levels = _levels(pcm, WIDE)
    if float(np.quantile(levels, 0.9) - np.quantile(levels, 0.1)) <= 2 * bars.steady_db:
        return [Noise("fan", round(len(pcm) / RATE, 1))]
    return [Noise("other", round(len(pcm) / RATE, 1))]
