"""What must be remembered of an attempt's pictures to see signs of life, or of their absence, over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from proctor.liveness.loop import find_loop
from proctor.liveness.replay import FILMED, filmed_score
from proctor.liveness.traces import Traces, read_sketches
from proctor.signal import Signal, SignalKind

SECONDS = 300  # how far back a repetition is looked for: longer recordings are not found


@dataclass(frozen=True)
class Life:
    """`filmed`: how much this looks like a picture of a picture, 0..1; None when nobody looked closely, or nothing can be said.

    `repeats_s`: seconds after which the pictures repeat, 0 when they stand still, None when they do not repeat.
    """

    filmed: float | None = None
    repeats_s: float | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """What `dataclasses.asdict` wrote. Raises `TypeError` for unknown fields."""
        return cls(**plain)


@dataclass(frozen=True)
class LifeMemory:
    """One sketch a second, `slots` counted from `began`; at most `SECONDS` of them (about 15 KB as JSON)."""

    began: datetime | None = None
    slots: tuple[int, ...] = ()
    sketches: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `LifeMemory.of` reads them back."""
        began = None if self.began is None else self.began.isoformat()
        return {"began": began, "slots": list(self.slots), "sketches": list(self.sketches)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The memory that `plain()` described. Raises `KeyError` or `ValueError` for anything else."""
        began = None if plain["began"] is None else datetime.fromisoformat(plain["began"])
        return cls(began, tuple(plain["slots"]), tuple(plain["sketches"]))


def remember(memory: LifeMemory, traces: Traces, at: datetime, *, has_face: bool) -> tuple[Life, LifeMemory]:
    """What this picture says together with those before it, and what to remember.

    An empty room may stand still: without a face nothing is said about repetition, and nothing is remembered.
    A picture that is older than the newest one says nothing about repetition either.
    """
    filmed = filmed_score(traces)
    if not has_face:
        return Life(filmed), memory
    began = memory.began or at
    slot = round((at - began) / timedelta(seconds=1))
    if memory.slots and slot <= memory.slots[-1]:
        return Life(filmed), memory
    first = next((index for index, each in enumerate(memory.slots) if each > slot - SECONDS), len(memory.slots))
    after = LifeMemory(began, (*memory.slots[first:], slot), (*memory.sketches[first:], traces.sketch))
    lag = find_loop(after.slots, read_sketches(after.sketches))
    return Life(filmed, None if lag is None else float(lag)), after


def signals_of_life(life: Life | None, at: datetime, n: int, quality: float = 1.0) -> list[Signal]:
    """`picture_filmed` or `picture_live` where somebody looked closely, `picture_repeats` (value: seconds) where it repeats."""
    if life is None:
        return []
    score = max(0.0, min(1.0, quality))
    said: list[Signal] = []
    if life.filmed is not None:
        kind = SignalKind.picture_filmed if life.filmed >= FILMED else SignalKind.picture_live
        sure = life.filmed if life.filmed >= FILMED else 1 - life.filmed
        said.append(Signal(at, kind, life.filmed, sure, score, f"frame:{n}"))
    if life.repeats_s is not None:
        said.append(Signal(at, SignalKind.picture_repeats, life.repeats_s, 0.9, score, f"frame:{n}"))
    return said
