"""Sounds made by arithmetic, for tests and measurements: labelled synthetic wherever a number comes from them.

Each is 16 kHz, one channel, 16 bit, and the same for the same generator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 16_000

Pcm = NDArray[np.int16]
Floats = NDArray[np.float64]

# First three resonances of the throat in Hz (Peterson & Barney 1952, men's means): ee, eh, ah, aw, oo
VOWELS = ((270, 2290, 3010), (530, 1840, 2480), (730, 1090, 2440), (570, 840, 2410), (300, 870, 2240))


def silence(seconds: float) -> Pcm:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), np.int16)


def room(rng: np.random.Generator, seconds: float, level: float = 0.0008) -> Pcm:
    """The hiss of a quiet room and its microphone."""
    return _pcm(rng.standard_normal(int(seconds * RATE)) * level)


def fan(rng: np.random.Generator, seconds: float, level: float = 0.03) -> Pcm:
    """Steady low noise of a fan, with the blade's note in it."""
    samples = int(seconds * RATE)
    noise = _low(rng.standard_normal(samples), 900)
    blade = 0.2 * np.sin(2 * np.pi * 118 * np.arange(samples) / RATE)
    return _pcm(level * (noise / np.std(noise) + blade))


def hum(rng: np.random.Generator, seconds: float, level: float = 0.03) -> Pcm:
    """Mains hum with its overtones."""
    at = np.arange(int(seconds * RATE)) / RATE
    tones = np.sum([np.sin(2 * np.pi * 50 * part * at + rng.uniform(0, 6)) / part for part in (1, 2, 3, 4, 6)], axis=0)
    return _pcm(level * tones) + room(rng, seconds)


def keyboard(rng: np.random.Generator, seconds: float, keys_a_second: float = 5.0, level: float = 0.25) -> Pcm:
    """Key presses: two short rings of the case each, the second (the release) weaker."""
    out = rng.standard_normal(int(seconds * RATE)) * 0.001
    moment = rng.uniform(0, 0.3)
    while moment < seconds - 0.3:
        for after, strong in ((0.0, 1.0), (rng.uniform(0.06, 0.12), 0.4)):
            _add(out, moment + after, _click(rng) * level * strong * rng.uniform(0.5, 1))
        moment += rng.exponential(1 / keys_a_second)
    return _pcm(out)


def mouse(rng: np.random.Generator, seconds: float) -> Pcm:
    """A mouse button now and then."""
    return keyboard(rng, seconds, keys_a_second=0.8, level=0.12)


def chair(rng: np.random.Generator, seconds: float, level: float = 0.15) -> Pcm:
    """A chair that creaks and rolls: bursts of rough low noise."""
    out = rng.standard_normal(int(seconds * RATE)) * 0.001
    for moment in np.arange(0.4, seconds - 1.0, 2.2):
        length = int(rng.uniform(0.3, 0.9) * RATE)
        creak = _low(rng.standard_normal(length), rng.uniform(250, 900))
        rough = 1 + 0.8 * np.sign(np.sin(2 * np.pi * rng.uniform(15, 45) * np.arange(length) / RATE))
        _add(out, moment, level * creak / np.std(creak) * rough * np.hanning(length))
    return _pcm(out)


def beeps(rng: np.random.Generator, seconds: float, hertz: float = 2_400.0, level: float = 0.1) -> Pcm:
    """A medical device's alarm: three short tones every two seconds."""
    out = rng.standard_normal(int(seconds * RATE)) * 0.001
    tone = np.sin(2 * np.pi * hertz * np.arange(int(0.15 * RATE)) / RATE) * np.hanning(int(0.15 * RATE)) ** 0.25
    for moment in np.arange(0.5, seconds - 1.0, 2.0):
        for step in range(3):
            _add(out, moment + 0.25 * step, level * tone)
    return _pcm(out)


def music(rng: np.random.Generator, seconds: float, level: float = 0.05) -> Pcm:
    """Chords of an electric organ, two a second."""
    out = rng.standard_normal(int(seconds * RATE)) * 0.0005
    length = int(0.48 * RATE)
    at = np.arange(length) / RATE
    for moment in np.arange(0, seconds - 0.5, 0.5):
        root = 220 * 2 ** (rng.integers(0, 12) / 12)
        chord = sum(np.sin(2 * np.pi * root * step * at) for step in (1, 1.26, 1.5, 2))
        _add(out, moment, level * chord * np.exp(-2 * at))
    return _pcm(out)


def breath(rng: np.random.Generator, seconds: float, level: float = 0.02) -> Pcm:
    """Breathing close to the microphone, and a sniff."""
    samples = int(seconds * RATE)
    swell = np.clip(np.sin(2 * np.pi * 0.3 * np.arange(samples) / RATE), 0, 1) ** 2
    noise = rng.standard_normal(samples)
    return _pcm(level * (noise - _low(noise, 400)) * swell)


def voice(
    rng: np.random.Generator, seconds: float, pitch: float = 120.0, throat: float = 1.0, level: float = 0.15
) -> Pcm:
    """A voice that says nothing: syllables of vowels with breath between, at `pitch` Hz; `throat` scales the resonances.

    Speech enough for a detector of speech; there are no words in it.
    """
    parts: list[Floats] = []
    total = 0
    while total < seconds * RATE:
        parts.append(_syllable(rng, pitch * rng.uniform(0.88, 1.12), throat))
        if rng.random() < 0.18:
            parts.append(np.zeros(int(rng.uniform(0.12, 0.35) * RATE)))
        total = sum(len(part) for part in parts)
    wave = np.concatenate(parts)[: int(seconds * RATE)]
    return _pcm(level * wave / (np.abs(wave).max() + 1e-9) * 2 + rng.standard_normal(len(wave)) * 0.0008)


def together(*sounds: Pcm) -> Pcm:
    """All at once, cut to the shortest."""
    shortest = min(len(sound) for sound in sounds)
    total = np.sum([sound[:shortest].astype(np.int32) for sound in sounds], axis=0)
    return np.asarray(np.clip(total, -32768, 32767), np.int16)


def after(*sounds: Pcm) -> Pcm:
    """One after the other."""
    joined: Pcm = np.concatenate(sounds)
    return joined


NOISES: dict[str, Callable[[np.random.Generator, float], Pcm]] = {
    "room": room,
    "fan": fan,
    "hum": hum,
    "keyboard": keyboard,
    "mouse": mouse,
    "chair": chair,
    "beeps": beeps,
    "music": music,
    "breath": breath,
}


def _syllable(rng: np.random.Generator, pitch: float, throat: float) -> Floats:
    length = int(rng.uniform(0.14, 0.3) * RATE)
    begin, end = (np.array(VOWELS[index], float) * throat for index in rng.integers(0, len(VOWELS), 2))
    glide = np.linspace(1.06, 0.92, length) * (1 + 0.01 * rng.standard_normal())
    phase = np.cumsum(pitch * glide) / RATE
    source = np.maximum(0, np.sin(2 * np.pi * phase)) ** 3  # pulses of the vocal cords
    source = np.diff(source, prepend=0) + 0.01 * rng.standard_normal(length)
    wave = np.zeros(length)
    for first in range(0, length, 160):  # the throat moves in steps of 10 ms
        share = first / length
        _resonate(source, wave, first, min(length, first + 160), begin + (end - begin) * share)
    loud = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.025 * RATE))
    wave = wave / (np.abs(wave).max() + 1e-9) * loud * rng.uniform(0.5, 1)
    if rng.random() < 0.5:  # a consonant: a puff of high noise before the vowel
        puff = rng.standard_normal(int(rng.uniform(0.04, 0.1) * RATE))
        puff = (puff - _low(puff, 2500)) * np.hanning(len(puff)) * 0.12
        return np.concatenate((puff, wave))
    return np.asarray(wave)


def _resonate(source: Floats, wave: Floats, first: int, last: int, formants: Sequence[float] | Floats) -> None:
    """One resonance after the other (two-pole filters), in place; starts afresh each step, which a fade hides."""
    lead = max(0, first - 400)
    part = source[lead:last]
    for hertz, wide in zip(formants, (70, 100, 150), strict=True):
        radius = np.exp(-np.pi * wide / RATE)
        part = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], part)
    wave[first:last] = part[first - lead :]


def _click(rng: np.random.Generator) -> Floats:
    at = np.arange(int(0.02 * RATE)) / RATE
    ring = np.sin(2 * np.pi * rng.uniform(1_500, 4_500) * at) + 0.8 * rng.standard_normal(len(at))
    thump = 0.6 * np.sin(2 * np.pi * rng.uniform(150, 300) * at)
    return np.asarray(ring * np.exp(-at / 0.003) + thump * np.exp(-at / 0.006))


def _low(wave: Floats, hertz: float) -> Floats:
    """What lies below `hertz`, by a plain cut in the spectrum."""
    spectrum = np.fft.rfft(wave)
    spectrum[np.fft.rfftfreq(len(wave), 1 / RATE) > hertz] = 0
    return np.fft.irfft(spectrum, len(wave))


def _add(out: Floats, moment: float, sound: Floats) -> None:
    first = int(moment * RATE)
    part = sound[: max(0, len(out) - first)]
    out[first : first + len(part)] += part


def _pcm(wave: Floats) -> Pcm:
    return np.clip(np.round(wave * 32767), -32768, 32767).astype(np.int16)
