"""A whole sitting second by second, with its truth. Seconds count from its beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from loadtests.compositions import sounds
from loadtests.compositions.people import Cast
from loadtests.compositions.sounds import Heard
from loadtests.compositions.view import View, paint


@dataclass(frozen=True)
class Truth:
    """`what` was the case from `start` to `end`: absence, second_person, other_person, phone, speech, hidden, dark, covered."""

    what: str
    start: float
    end: float


@dataclass(frozen=True)
class Said:
    """One event of the browser: `kind` and detail as the exam page sends them."""

    at: float
    kind: str
    detail: Mapping[str, Any]

    def plain(self, n: int, at: str) -> dict[str, Any]:
        """As the platform's API takes it."""
        return {"n": n, "at": at, "kind": self.kind, **self.detail}


@dataclass(frozen=True)
class Script:
    """One candidate's sitting at one picture a second. `enrolled` is on the reference photo; `views` has one entry a second."""

    name: str
    enrolled: str
    views: tuple[View, ...]
    heard: tuple[Heard, ...] = ()
    said: tuple[Said, ...] = ()
    room: int = 0
    seed: int = 0

    @property
    def seconds(self) -> int:
        return len(self.views)

    def frames(self, cast: Cast, first: int = 0) -> Iterator[bytes]:
        """Its pictures from second `first` on, each once; reading it twice gives the same bytes."""
        for n in range(first, self.seconds):
            yield paint(cast, self.views[n], n, np.random.default_rng((self.seed, n)), room=self.room)

    def sound(self, cast: Cast) -> list[sounds.Pcm]:
        """Ten seconds each."""
        rng = np.random.default_rng((self.seed, 1_000_003))
        return sounds.windows(sounds.mix(self.seconds, self.heard, rng, cast.data))

    @property
    def truth(self) -> tuple[Truth, ...]:
        """Read off the script itself, so that it cannot contradict it."""
        seen = [each for what, holds in CONDITIONS.items() for each in _spans(self.views, what, holds, self.enrolled)]
        voices = [Truth("speech", each.start, min(each.end, self.seconds)) for each in self.heard if each.voice]
        return tuple(seen + voices + self._hidden())

    def _hidden(self) -> list[Truth]:
        away = [each for each in self.said if each.kind in {"hidden", "visible"}]
        return [Truth("hidden", a.at, b.at) for a, b in pairwise(away) if (a.kind, b.kind) == ("hidden", "visible")]

    def spans(self, what: str) -> list[Truth]:
        return [each for each in self.truth if each.what == what]


Condition = Callable[[View, str], bool]
CONDITIONS: dict[str, Condition] = {
    "absence": lambda view, _: not view.sitter and not view.helper and not view.lens,
    "second_person": lambda view, _: bool(view.sitter and view.helper) and not view.lens,
    "other_person": lambda view, enrolled: bool(view.sitter) and view.sitter != enrolled,
    "phone": lambda view, _: view.phone > 0,
    "turned": lambda view, _: abs(view.yaw) >= 20 or abs(view.pitch) >= 20,
    "hand": lambda view, _: view.hand,
    "dark": lambda view, _: view.light < 0.2,
    "covered": lambda view, _: view.lens,
}


def _spans(views: Sequence[View], what: str, holds: Condition, enrolled: str) -> Iterator[Truth]:
    """Runs of seconds in which it holds; the last picture that shows it is the end."""
    start: int | None = None
    for n, view in enumerate([*views, None]):
        now = view is not None and holds(view, enrolled)
        if now and start is None:
            start = n
        elif not now and start is not None:
            yield Truth(what, start, n - 1)
            start = None


def scenes(base: View, seconds: int, *changes: tuple[int, int, Mapping[str, Any]]) -> tuple[View, ...]:
    """`seconds` times the `base`, changed from second `start` until before `end`; a later change goes on top of an earlier."""
    views = [base] * seconds
    for start, end, change in changes:
        for n in range(max(0, start), min(end, seconds)):
            views[n] = replace(views[n], **change)
    return tuple(views)
