"""Short sittings with one thing in each, many times over: what recall, precision and delay are measured on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from loadtests.compositions.people import Cast
from loadtests.compositions.script import Script, scenes
from loadtests.compositions.sounds import Heard
from loadtests.compositions.view import View
from loadtests.scenes_things import DECOYS


def absences(cast: Cast, count: int, seed: int = 11) -> Iterator[Script]:
    """Somebody is away for 14 to 40 s, and once bends down for 2 to 5 s, which is nobody's business."""
    for number in range(count):
        rng, base = _begin(cast, number, seed)
        start, away, bends = int(rng.integers(8, 20)), int(rng.integers(14, 40)), int(rng.integers(2, 6))
        after = start + away + 12
        changes = ((start, start + away, {"sitter": ""}), (after, after + bends, {"sitter": ""}))
        yield _made(f"absence {number}", base, after + bends + 8, changes, number, seed)


def second_people(cast: Cast, count: int, seed: int = 12) -> Iterator[Script]:
    """Somebody else is beside them for 4 to 20 s: near or far, left or right."""
    for number in range(count):
        rng, base = _begin(cast, number, seed)
        start, stays = int(rng.integers(8, 20)), int(rng.integers(4, 20))
        helpers = [name for name in cast.helpers if name != base.sitter]
        size = int(rng.integers(48, 110))
        where = (float(rng.choice((0.12, 0.84))), float(rng.uniform(0.3, 0.45)), size)
        change: dict[str, Any] = {"helper": helpers[number % len(helpers)], "helper_at": where}
        yield _made(
            f"second person {number}", base, start + stays + 12, ((start, start + stays, change),), number, seed
        )


def substitutes(cast: Cast, count: int, seed: int = 13) -> Iterator[Script]:
    """Another person sits down and stays for 30 to 45 s."""
    for number in range(count):
        rng, base = _begin(cast, number, seed)
        start, stays = int(rng.integers(15, 25)), int(rng.integers(30, 45))
        others = [name for name in cast.sitters if name != base.sitter]
        change = {"sitter": others[number % len(others)]}
        yield _made(f"other person {number}", base, start + stays + 15, ((start, start + stays, change),), number, seed)


def phones(cast: Cast, count: int, seed: int = 14) -> Iterator[Script]:
    """A phone of 2 to 6 % of the picture for 8 to 20 s."""
    for number in range(count):
        rng, base = _begin(cast, number, seed)
        start, stays = int(rng.integers(8, 15)), int(rng.integers(8, 20))
        change = {"phone": float(rng.uniform(0.02, 0.06)), "way": number}
        yield _made(f"phone {number}", base, start + stays + 10, ((start, start + stays, change),), number, seed)


def clean(cast: Cast, seconds: int, seed: int = 15) -> Iterator[Script]:
    """Honest work in different rooms and light, five minutes each: small movements, glances, a cup or a calculator in the hand."""
    for number in range(-(-seconds // 300)):
        rng, base = _begin(cast, number, seed)
        length = min(300, seconds - 300 * number)
        glances = [(int(at), int(at) + int(rng.integers(1, 3))) for at in rng.uniform(5, length - 5, length // 25)]
        changes: list[tuple[int, int, Mapping[str, Any]]] = []
        for start, end in glances:
            down = rng.random() < 0.6
            turn = {"pitch": float(rng.uniform(-16, -6))} if down else {"yaw": float(rng.uniform(-16, 16))}
            changes.append((start, end, turn))
        reaches = int(rng.integers(10, max(11, length - 20)))
        changes.append((reaches, reaches + 12, {"decoy": DECOYS[number % len(DECOYS)], "way": number}))
        heard = (Heard("clicks", 3, length - 3, -32), Heard("mouse", 0, length, -46), Heard("fan", 0, length, -50))
        yield _made(f"clean {number}", base, length, changes, number, seed, heard)


def _begin(cast: Cast, number: int, seed: int) -> tuple[np.random.Generator, View]:
    rng = np.random.default_rng((seed, number))
    sitter = cast.sitters[number % len(cast.sitters)]
    return rng, View(sitter=sitter, light=float(rng.uniform(0.5, 1.1)), fidget=float(rng.uniform(0.5, 1.3)))


def _made(
    name: str,
    base: View,
    seconds: int,
    changes: Sequence[tuple[int, int, Mapping[str, Any]]],
    number: int,
    seed: int,
    heard: tuple[Heard, ...] = (),
) -> Script:
    return Script(name, base.sitter, scenes(base, seconds, *changes), heard, room=number, seed=seed * 1000 + number)
