"""A camera that shows a recording: pictures that stand still, come round again, or are filmed from a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bench.played import Tools, raised_after, see
from bench.scoring import Share
from loadtests.compositions.script import Script, scenes
from loadtests.compositions.view import View
from loadtests.scenes import Picture, _jpeg, _room, _sensor
from loadtests.scenes_screen import filmed, hold
from proctor.timeline import flags

BEFORE, LONG = 12, 45  # seconds of a live picture first, and of the recording then
WITHIN = 10.0  # seconds in which it must be said


@dataclass(frozen=True)
class Found:
    """Cases found within ten seconds, cases found at all, and the seconds that each took."""

    soon: Share
    ever: Share
    seconds: tuple[float, ...]
    rules: frozenset[str]


def _live(tools: Tools, number: int, seconds: int) -> list[bytes]:
    sitter = tools.cast.sitters[number % len(tools.cast.sitters)]
    script = Script(f"live {number}", sitter, scenes(View(sitter=sitter), seconds), room=number, seed=9000 + number)
    return list(script.frames(tools.cast))


def _picture(jpeg: bytes) -> Picture:
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def frozen(tools: Tools, number: int) -> tuple[list[bytes], float]:
    """One picture again and again; every second case is encoded anew each time, as a virtual camera does it."""
    live, rng = _live(tools, number, BEFORE), np.random.default_rng(number)
    last = _picture(live[-1])
    still = [live[-1] if number % 2 == 0 else _jpeg(last, int(rng.integers(55, 70))) for _ in range(LONG)]
    return live + still, float(BEFORE)


def loop(tools: Tools, number: int) -> tuple[list[bytes], float]:
    """A recording of 4 to 12 s round and round, encoded anew each time. It begins to be one when the first picture comes again."""
    rng = np.random.default_rng((2, number))
    period = 4 + number % 9
    recorded = [_picture(each) for each in _live(tools, number, BEFORE + period)[BEFORE:]]
    live = _live(tools, number, BEFORE)
    again = [_jpeg(recorded[n % period], int(rng.integers(58, 63))) for n in range(LONG)]
    return live + again, float(BEFORE + period)


def screen(tools: Tools, number: int) -> tuple[list[bytes], float]:
    """A film of the candidate on a laptop, a phone, a tablet or as a photograph, held before the camera from the beginning."""
    rng = np.random.default_rng((3, number))
    how = hold(rng, ("laptop", "phone", "tablet", "photo")[number % 4])
    room = _room(number + 50)
    shown = [_picture(each) for each in _live(tools, number, LONG)]
    return [_jpeg(_sensor(filmed(each, room, how, rng), 1.0, rng)) for each in shown], 0.0


def measure(tools: Tools, cases: Sequence[tuple[list[bytes], float]], rules: set[str]) -> Found:
    """`rules`: which flags count as having found it."""
    took: list[float] = []
    said: set[str] = set()
    for frames, begins in cases:
        signals = see(tools, frames, None)
        found = raised_after(signals, rules, len(frames))
        said |= {flag.rule for flag in flags(signals) if flag.rule in rules}
        if found is not None:
            took.append(max(0.0, found - begins))
    soon = sum(each <= WITHIN for each in took)
    return Found(Share(soon, len(cases)), Share(len(took), len(cases)), tuple(took), frozenset(said))
