"""A rule fired: what, from when to when, why in plain words, and what else could explain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from proctor.signal import Signal

MOST_EVIDENCE = 6  # cards a reviewer looks at; more of the same does not help a decision


class Severity(StrEnum):
    """How soon a person should look. `quality` is about the camera or the line, never about the candidate."""

    quality = "quality"
    low = "low"
    medium = "medium"
    high = "high"


@dataclass(frozen=True)
class Flag:
    """Something for a person to look at. It never says that somebody cheated.

    `threshold` holds the rule's settings that were in force; `evidence` names up to six signals, first and last included.
    """

    rule: str
    severity: Severity
    start: datetime
    end: datetime
    threshold: Mapping[str, float] = field(hash=False)
    reason: str
    innocent: tuple[str, ...]
    evidence: tuple[str, ...]
    confidence: float

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


class Rule(Protocol):
    """Thresholds in the constructor, signals (see `signal.ordered`) in the call, flags in the result. Pure."""

    @property
    def name(self) -> str: ...

    def flags(self, signals: Sequence[Signal]) -> list[Flag]: ...


def pick_evidence(sources: Sequence[str], most: int = MOST_EVIDENCE) -> tuple[str, ...]:
    """At most `most` of the distinct sources, evenly spread, the first and the last always among them."""
    distinct = list(dict.fromkeys(sources))
    if len(distinct) <= most:
        return tuple(distinct)
    last = len(distinct) - 1
    return tuple(distinct[round(step * last / (most - 1))] for step in range(most))


def plain_seconds(duration: timedelta) -> str:
    """`4.5 s` below a minute, `2 min 5 s` from there."""
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
