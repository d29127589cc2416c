"""A small request that a recording cannot answer: blink, turn the head, or let the screen's colours light the face.

Weak evidence both ways. Who sees the request at a bad moment, cannot do it, or sits in bright light, fails like a picture does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from proctor.signal import Signal, SignalKind
from proctor.vision.reading import FrameReading

KINDS = ("blink", "turn_left", "turn_right", "light")
COLOURS = ("#ff2d2d", "#2dff2d", "#2d6bff")  # far apart for a camera; each stays seconds, so nothing flashes
SECONDS = 6.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Challenge:
    """Asked at `at` as number `n`; `colours` (CSS `#rrggbb`) share the `seconds` equally and only belong to `light`."""

    n: int
    kind: str
    at: datetime
    colours: tuple[str, ...] = ()
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no challenge {self.kind}")
        if (self.kind == "light") != bool(self.colours):
            raise ValueError("colours belong to the challenge of light, and only to it")
        if any(_colour(each) is None for each in self.colours):
            raise ValueError("a colour is written as #rrggbb")

    def plain(self) -> dict[str, Any]:
        """JSON values; `Challenge.of` reads them back."""
        return {**asdict(self), "at": self.at.isoformat(), "colours": list(self.colours)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """What `plain()` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        return cls(**{**plain, "at": datetime.fromisoformat(plain["at"]), "colours": tuple(plain["colours"])})


@dataclass(frozen=True)
class ChallengeBars:
    """`faces`: readings with a face that are needed to say anything.

    `closed`: share of the usual openness of the eyes, which must be at least `open` to be judged. `turned`: degrees away from the usual direction. `lit`: least correlation with the colours, `dim`: least change of the
    face's colour (share of its light) below which the room is too bright for the screen to be seen on a face.
    """

    faces: int = 8
    closed: float = 0.45
    open: float = 0.2
    turned: float = 14.0
    lit: float = 0.6
    dim: float = 0.004


def choose(rng: random.Random, n: int, at: datetime, kinds: Sequence[str] = KINDS) -> Challenge:
    """One of `kinds` by chance, with its colours in an order by chance. Raises `ValueError` when there is none to choose."""
    if not kinds:
        raise ValueError("no challenge is allowed")
    kind = rng.choice(list(kinds))
    colours: list[str] = []
    while kind == "light" and len(colours) < 4:
        colours.append(rng.choice([each for each in COLOURS if each not in colours[-1:]]))
    return Challenge(n, kind, at, tuple(colours))


def judge(challenge: Challenge, readings: Sequence[FrameReading], bars: ChallengeBars | None = None) -> Signal:
    """`life_shown`, `life_not_shown`, or `life_unanswered` where the pictures do not allow to say. Pure.

    `readings` are those taken for this challenge; the signal's value is what was measured: closures of the eyes, degrees,
    or the correlation of the face's colour with the screen's.
    """
    bars = bars or ChallengeBars()
    known = sorted(readings, key=lambda each: (each.at, each.n))
    value, shown, sure = _JUDGES[challenge.kind](challenge, known, bars)
    kind = SignalKind.life_unanswered if shown is None else _SAID[shown]
    source = f"challenge:{challenge.n}"
    return Signal(challenge.at, kind, round(value, 3), max(0.0, min(1.0, sure)), 1.0 if known else 0.0, source)


_SAID = {True: SignalKind.life_shown, False: SignalKind.life_not_shown}
Judged = tuple[float, bool | None, float]
NOTHING: Judged = (0.0, None, 0.3)


def _blink(_challenge: Challenge, readings: Sequence[FrameReading], bars: ChallengeBars) -> Judged:
    """Two closures, or one that lasts over two pictures, which is longer than a reflex."""
    openness = [each.eyes for each in readings if each.eyes is not None]
    if len(openness) < bars.faces:
        return NOTHING
    usual = float(np.percentile(openness, 75))
    closed = [each < bars.closed * usual for each in openness]
    closures = sum(now and not before for before, now in zip([False, *closed], closed, strict=False))
    long = any(now and after for now, after in pairwise(closed))
    if usual < bars.open:
        return NOTHING
    shown = closures >= 2 or long
    return float(closures), shown, 0.8 if shown else 0.5


def _turn(challenge: Challenge, readings: Sequence[FrameReading], bars: ChallengeBars) -> Judged:
    """The head went to the asked side. The candidate's left is the picture's right, where yaw falls."""
    yaws = [each.pose.yaw for each in readings if each.pose is not None]
    if len(yaws) < bars.faces:
        return NOTHING
    straight = float(np.median(yaws[:3] + yaws[-3:]))
    side = -1.0 if challenge.kind == "turn_left" else 1.0
    away = max(side * (yaw - straight) for yaw in yaws)
    return away, away >= bars.turned, min(0.95, 0.5 + abs(away - bars.turned) / 40)


def _light(challenge: Challenge, readings: Sequence[FrameReading], bars: ChallengeBars) -> Judged:
    """The face's share of red, green and blue follows the screen's, with what happens to the whole picture taken off."""
    traced = [(each, each.traces) for each in readings if each.traces is not None and each.traces.face is not None]
    if len(traced) < bars.faces:
        return NOTHING
    start = traced[0][0].at
    seconds = np.array([(each.at - start).total_seconds() for each, _ in traced])
    face = _share(np.array([traces.face for _, traces in traced]))
    rest = _share(np.array([traces.rest for _, traces in traced]))
    best = -1.0
    for late in (0.0, 0.25, 0.5, 0.75):
        shown = _shown(challenge, seconds - late)
        best = max(best, _follows(face, shown), _follows(face - rest, shown))
    if float(np.sqrt(np.mean(np.sum((face - face.mean(axis=0)) ** 2, axis=1)))) < bars.dim:
        return best, None, 0.3
    return best, best >= bars.lit, min(0.95, 0.5 + abs(best - bars.lit))


def _share(colours: Floats) -> Floats:
    return np.asarray(colours / np.maximum(colours.sum(axis=1, keepdims=True), 1.0), np.float64)


def _shown(challenge: Challenge, seconds: Floats) -> Floats:
    """The screen's share of red, green and blue at each moment."""
    count = len(challenge.colours)
    which = np.clip(np.floor(seconds / challenge.seconds * count), 0, count - 1).astype(int)
    table = np.array([_colour(each) for each in challenge.colours], np.float64)
    return _share(table[which])


def _follows(seen: Floats, shown: Floats) -> float:
    """Correlation over time and colours together, -1..1."""
    a, b = seen - seen.mean(axis=0), shown - shown.mean(axis=0)
    size = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    return float(np.sum(a * b)) / size if size > 0 else 0.0


def _colour(written: str) -> tuple[int, int, int] | None:
    if len(written) != 7 or written[0] != "#":
        return None
    try:
        red, green, blue = bytes.fromhex(written[1:])
    except ValueError:
        return None
    return red, green, blue


_JUDGES: Mapping[str, Callable[[Challenge, Sequence[FrameReading], ChallengeBars], Judged]] = {
    "blink": _blink,
    "turn_left": _turn,
    "turn_right": _turn,
    "light": _light,
}
