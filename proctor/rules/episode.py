"""Runs of signals over time: the hysteresis that every rule shares.

Two neighbouring signals that show a condition belong together when the time between them is short enough. With a
contrary signal in between they must be closer (`leave`) than without (`blind`). A frame that allows no statement (too
dark, missing) is no contrary signal, but what was not seen for longer than `blind` is never claimed.
Because the test looks at neighbours only, one more signal of the condition can extend an episode, never shorten it.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import Field, asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, Self

from proctor.flag import Flag, Severity, pick_evidence
from proctor.signal import Signal, SignalKind

SLACK = timedelta(seconds=0.25)  # frames that should come each second come some milliseconds early or late


def long_enough(duration: timedelta, minimum_s: float) -> bool:
    """Did it last `minimum_s`, give or take what the clocks of cameras jitter?"""
    return duration >= timedelta(seconds=minimum_s) - SLACK


@dataclass(frozen=True)
class Episode:
    """From the first to the last moment at which the condition was seen; `against` counts contrary signals inside."""

    start: datetime
    end: datetime
    signals: tuple[Signal, ...]
    against: int

    @classmethod
    def of(cls, run: Sequence[Signal], against: int = 0) -> Self:
        """All of a run of one signal or more; the one that lasts longest ends it."""
        end = max(signal.at + (signal.duration or timedelta(0)) for signal in run)
        return cls(run[0].at, end, tuple(run), against)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    @property
    def confidence(self) -> float:
        """Mean confidence of what was seen, lowered by the share of contrary signals."""
        seen = len(self.signals)
        return sum(signal.confidence for signal in self.signals) / seen * (seen / (seen + self.against))

    @property
    def sources(self) -> list[str]:
        return [signal.source for signal in self.signals]


class Named(Protocol):
    """A rule as a dataclass: its fields are its thresholds."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def name(self) -> str: ...


def raised(rule: Named, run: Episode, severity: Severity, reason: str, innocent: tuple[str, ...]) -> Flag:
    """The flag of `rule`, with the thresholds that were in force, on one run of signals."""
    return Flag(
        rule=rule.name,
        severity=severity,
        start=run.start,
        end=run.end,
        threshold=asdict(rule),
        reason=reason,
        innocent=innocent,
        evidence=pick_evidence(run.sources),
        confidence=run.confidence,
    )


def episodes(
    signals: Sequence[Signal],
    on: AbstractSet[SignalKind],
    off: AbstractSet[SignalKind],
    *,
    leave: timedelta,
    blind: timedelta,
) -> list[Episode]:
    """Group the ordered `signals` of the kinds `on`; `off` are the contrary kinds."""
    found: list[Episode] = []
    run: list[Signal] = []
    against = pending = 0
    for signal in signals:
        if signal.kind in off:
            pending += 1
        elif signal.kind in on:
            wait = signal.at - run[-1].at if run else timedelta(0)
            if run and (wait > blind or (pending and wait > leave)):
                found.append(Episode.of(run, against))
                run, against = [], 0
            elif run:
                against += pending
            run.append(signal)
            pending = 0
    if run:
        found.append(Episode.of(run, against))
    return found


def spans(signals: Sequence[Signal], begin: SignalKind, finish: SignalKind) -> list[Episode]:
    """Pair browser signals that open and close a state (`hidden` … `visible`).

    A signal that carries its own duration is complete. One that was never closed lasts until the last signal known.
    """
    found: list[Episode] = []
    opened: list[Signal] = []
    for signal in signals:
        if signal.kind == begin and signal.duration is not None:
            found.append(Episode(signal.at, signal.at + signal.duration, (signal,), 0))
        elif signal.kind == begin:
            opened.append(signal)
        elif signal.kind == finish and opened:
            found.append(Episode(opened[0].at, signal.at, (*opened, signal), 0))
            opened = []
    if opened:
        found.append(Episode(opened[0].at, signals[-1].at, tuple(opened), 0))
    return sorted(found, key=lambda episode: (episode.start, episode.end))
