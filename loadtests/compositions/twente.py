"""The Twente protocol (Bergmans et al., CSEDU 2021): thirty candidates, six of them cheat, five are only nervous, nineteen work.

Each script is about two minutes long. What cheaters do, and what nervous people do, differs from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from loadtests.compositions.people import Cast
from loadtests.compositions.script import Said, Script, scenes
from loadtests.compositions.sounds import Heard, Voice
from loadtests.compositions.view import View

SECONDS = 120
Role = Literal["cheats", "nervous", "honest"]
# A candidate's own voice: the speaker of the video where there is one.
VOICES: dict[str, Voice] = {"woman": "woman", "man": "man"}


@dataclass(frozen=True)
class Part:
    """One of the thirty: what they are told to do, in words, and the script of it."""

    role: Role
    what: str
    script: Script


def parts(cast: Cast, seed: int = 2021, seconds: int = SECONDS) -> list[Part]:
    """All thirty in one fixed order: first who cheats, then who is nervous, then who only works."""
    made: list[Part] = []
    plans: list[tuple[Role, str]] = [("cheats", way) for way in CHEATING]
    plans += [("nervous", way) for way in NERVOUS]
    plans += [("honest", "works")] * (30 - len(plans))
    for number, (role, what) in enumerate(plans):
        rng = np.random.default_rng((seed, number))
        sitter = cast.sitters[number % len(cast.sitters)]
        made.append(Part(role, what, _script(cast, f"{number:02d} {what}", what, sitter, rng, seconds)))
    return made


def _script(cast: Cast, name: str, what: str, sitter: str, rng: np.random.Generator, seconds: int) -> Script:
    base = View(sitter=sitter, light=float(rng.uniform(0.7, 1.1)), fidget=float(rng.uniform(0.6, 1.2)))
    acts = {**CHEATING, **NERVOUS}.get(what)
    start = int(rng.integers(seconds // 4, seconds // 3))
    plan = acts(cast, sitter, start, rng) if acts else {}
    views = scenes(base, seconds, *_usual(rng, seconds, start), *plan.get("views", ()))
    heard = [*_typing(rng, seconds), *plan.get("heard", ())]
    # Without the data there are no voices: the rest of the protocol still runs.
    heard = [each for each in heard if not each.voice or cast.data is not None]
    return Script(
        name=name,
        enrolled=sitter,
        views=views,
        heard=tuple(heard),
        said=tuple(plan.get("said", ())),
        room=int(rng.integers(0, 40)),
        seed=int(rng.integers(0, 2**31)),
    )


def _usual(rng: np.random.Generator, seconds: int, start: int) -> list[tuple[int, int, dict[str, Any]]]:
    """What everybody does: glances at the keyboard or aside for a second or two."""
    changes = []
    for _ in range(4):
        at = int(rng.integers(3, seconds - 3))
        turn = {"pitch": float(rng.uniform(-18, -8))} if rng.random() < 0.6 else {"yaw": float(rng.uniform(-18, 18))}
        if abs(at - start) > 4:
            changes.append((at, at + int(rng.integers(1, 3)), turn))
    return changes


def _typing(rng: np.random.Generator, seconds: int) -> list[Heard]:
    """Keys now and then, the mouse, sometimes a fan."""
    heard = [Heard("mouse", 0, seconds, -48)]
    at = float(rng.uniform(1, 6))
    while at < seconds - 4:
        length = float(rng.uniform(3, 12))
        heard.append(Heard("clicks", at, min(at + length, seconds - 1), float(rng.uniform(-38, -26))))
        at += length + float(rng.uniform(2, 12))
    if rng.random() < 0.4:
        heard.append(Heard("fan", 0, seconds, float(rng.uniform(-55, -42))))
    return heard


def _other(cast: Cast, sitter: str, rng: np.random.Generator, *, sits: bool) -> str:
    names = [name for name in (cast.sitters if sits else cast.helpers) if name != sitter]
    return str(names[int(rng.integers(len(names)))])


Plan = dict[str, Any]


def _helper(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:
    """Somebody comes in, stands beside them for half a minute and says something."""
    helper = _other(cast, sitter, rng, sits=False)
    return {"views": [(start, start + 30, {"helper": helper})], "heard": [Heard("man", start + 5, start + 12, -30)]}


def _substitute(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:
    """They get up, and somebody else sits down and goes on."""
    other = _other(cast, sitter, rng, sits=True)
    return {"views": [(start, start + 4, {"sitter": ""}), (start + 4, start + 64, {"sitter": other})]}


def _phone(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001  (one shape for all)
    """A phone in the hand for most of half a minute."""
    return {"views": [(start, start + 25, {"phone": float(rng.uniform(0.03, 0.05)), "way": int(rng.integers(1000))})]}


def _leaves(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """They leave the room for most of a minute."""
    return {"views": [(start, start + 40, {"sitter": ""})], "heard": [Heard("chair", start - 1, start + 2, -34)]}


def _talks(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """They ask, somebody who is not in the picture answers, twice."""
    own = VOICES.get(sitter, "reader")
    other: Voice = "man" if own != "man" else "woman"
    turns: list[tuple[Voice, int, int]] = [
        (own, 0, 4),
        (other, 5, 10),
        (own, 11, 14),
        (other, 15, 22),
        (own, 24, 28),
        (other, 29, 36),
    ]
    return {"heard": [Heard(who, start + a, start + b, -28, skip=a) for who, a, b in turns]}


def _looks_up(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Another window three times, then a text is pasted; meanwhile the eyes go to a second screen."""
    said = [Said(start - 5, "display_extended", {})]
    for visit in range(3):
        at = start + 14 * visit
        said += [Said(at, "blur", {}), Said(at, "hidden", {})]
        said += [Said(at + 9, "visible", {"seconds": 9.0}), Said(at + 9, "focus", {"seconds": 9.0})]
    said.append(Said(start + 39, "paste", {"length": 620, "origin": "outside"}))
    return {"said": said, "views": [(start + 14 * n, start + 14 * n + 9, {"yaw": 24.0}) for n in range(3)]}


def _fidgets(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Cannot sit still; the chair creaks."""
    return {"views": [(5, 110, {"fidget": 3.0})], "heard": [Heard("chair", 5, 110, -36), Heard("paper", 30, 50, -38)]}


def _looks_around(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Looks aside, up and down, two or three seconds each time."""
    turns = ({"yaw": 26.0}, {"yaw": -26.0}, {"pitch": 20.0}, {"yaw": 24.0}, {"pitch": -20.0})
    return {"views": [(start + 12 * n, start + 12 * n + 3, turn) for n, turn in enumerate(turns)]}


def _covers(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Rests the face in the hand, three times for a few seconds."""
    return {"views": [(start + 20 * n, start + 20 * n + 6, {"hand": True}) for n in range(3)]}


def _mutters(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Says a few words to themselves, quietly."""
    own = VOICES.get(sitter, "reader")
    return {"heard": [Heard(own, start + 25 * n, start + 25 * n + 1.6, -38, skip=6.5 * n) for n in range(3)]}


def _poor_light(cast: Cast, sitter: str, start: int, rng: np.random.Generator) -> Plan:  # noqa: ARG001
    """Evening: the lamp is off for most of the time."""
    return {"views": [(15, 110, {"light": float(rng.uniform(0.12, 0.18))})]}


CHEATING = {
    "a helper comes in": _helper,
    "another person takes over": _substitute,
    "a phone in the hand": _phone,
    "leaves the room": _leaves,
    "speaks with someone": _talks,
    "looks things up": _looks_up,
}
NERVOUS = {
    "fidgets": _fidgets,
    "looks around": _looks_around,
    "covers the face": _covers,
    "mutters": _mutters,
    "sits in poor light": _poor_light,
}
