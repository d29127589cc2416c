"""A camera that shows a recording: pictures that stand still, come round again, or are filmed from a screen.

`python -m bench.replays --first 200 --cases 60`: films of screens and photographs, seen by the camera in several ways, and honest people
before windows, posters, monitors, shelves, doors, in stripes, in poor light and under strong compression. Fresh numbers are fresh cases.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from bench.played import Tools, raised_after, see
from bench.scoring import Share
from loadtests.compositions.people import Cast, data_folder
from loadtests.compositions.script import Script, scenes
from loadtests.compositions.view import View, _look, _place
from loadtests.scenes import Picture, _jpeg, _room, _sensor
from loadtests.scenes_behind import KINDS, room_behind, striped
from loadtests.scenes_screen import Medium, Way, filmed, hold
from proctor.timeline import flags

BEFORE, LONG = 12, 45  # seconds of a live picture first, and of the recording then
WITHIN = 10.0  # seconds in which it must be said
SHORT = 12  # seconds of a case that is only asked whether it is found within that time
MEDIA: tuple[Medium, ...] = ("laptop", "phone", "tablet", "photo")
WAYS: tuple[Way, ...] = ("sharp", "soft", "waves", "plain")
FILMED = {"filmed_picture"}


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


def screen(tools: Tools, number: int, seconds: int = LONG, way: Way = "sharp") -> tuple[list[bytes], float]:
    """A film of the candidate on a laptop, a phone, a tablet or as a photograph, held before the camera from the beginning."""
    rng = np.random.default_rng((3, number))
    how = replace(hold(rng, MEDIA[number % 4]), way=way)
    room = _room(number + 50)
    shown = [_picture(each) for each in _live(tools, number, seconds)]
    return [_jpeg(_sensor(filmed(each, room, how, rng), 1.0, rng)) for each in shown], 0.0


def innocent(tools: Tools, number: int) -> list[bytes]:
    """Somebody who is really there, before something that looks like a frame or a pattern, often in poor light or badly sent."""
    rng = np.random.default_rng((4, number))
    names = tools.cast.sitters
    room = room_behind(list(KINDS)[number % len(KINDS)], rng, number)
    name, dressed = names[(number // len(KINDS)) % len(names)], int(rng.integers(2))
    light, face = float(rng.choice([1, 1, 0.6, 0.3, 0.15])), int(rng.choice([100, 150, 200, 240]))
    quality, grain = int(rng.choice([25, 40, 60, 85])), float(rng.choice([0, 3, 6]))
    frames = []
    for n in range(SHORT):
        picture, who = room.copy(), _look(tools.cast, name, n)
        _place(picture, striped(who, np.random.default_rng(number)) if dressed else who, (0.5, 0.5, face), rng, n, 1.0)
        seen = _sensor(picture, light, rng) + rng.normal(0, grain, picture.shape)
        frames.append(_jpeg(np.clip(seen, 0, 255).astype(np.uint8), quality))
    return frames


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


def rows(tools: Tools, numbers: Sequence[int]) -> Iterator[tuple[str, str, Share]]:
    """What the camera shows, on what, and how many of the cases are flagged within ten seconds."""
    for way in WAYS:
        for n, medium in enumerate(MEDIA):
            cases = (screen(tools, number, SHORT, way) for number in numbers if number % 4 == n)
            yield way, medium, sum((_flagged(tools, frames) for frames, _ in cases), Share(0, 0))
    for n, kind in enumerate(KINDS):
        honest = (innocent(tools, number) for number in numbers if number % len(KINDS) == n)
        yield "honest", kind, sum((_flagged(tools, frames) for frames in honest), Share(0, 0))


def _flagged(tools: Tools, frames: Sequence[bytes]) -> Share:
    found = raised_after(see(tools, frames, None), FILMED, len(frames))
    return Share(int(found is not None and found <= WITHIN), 1)


def main() -> None:
    """Print one line a kind, as soon as it is measured."""
    top = argparse.ArgumentParser(prog="python -m bench.replays", description=__doc__)
    top.add_argument("models", nargs="?", type=Path, default=Path(".cache/models"))
    top.add_argument("--first", type=int, default=200, help="number of the first case")
    top.add_argument("--cases", type=int, default=60, help="how many cases of each way, and honest ones")
    chosen = top.parse_args()
    tools = Tools.load(chosen.models, Cast(data_folder()))
    print("| seen | what | flagged within 10 s |\n|---|---|---|")
    for way, what, share in rows(tools, range(chosen.first, chosen.first + chosen.cases)):
        print(f"| {way} | {what} | {share} |", flush=True)


if __name__ == "__main__":
    main()
