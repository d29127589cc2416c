"""How good a detector is, with how far the figure can be trusted. Pure: spans and counts in, figures out. Times in seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from scipy.stats import chi2

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with Wilson's interval for 95 % (E. B. Wilson, JASA 1927). Nothing tried says nothing: 0 to 1."""

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no share")

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.of + other.of)

    @property
    def value(self) -> float:
        """NaN where nothing was tried."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Always inside 0..1 and around `value`: at its edges the formula is exact only on paper."""
        if not self.of:
            return 0.0, 1.0
        share, square = self.value, Z95 * Z95
        scale = 1 + square / self.of
        middle = (share + square / (2 * self.of)) / scale
        half = Z95 * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of * self.of)) / scale
        return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = self.interval
        return f"{self.value:.3f} ({self.hits}/{self.of}; {low:.2f}–{high:.2f})"


@dataclass(frozen=True)
class Rate:
    """`count` events in `hours`, with the exact Poisson interval for 95 % (Garwood, Biometrika 1936)."""

    count: int
    hours: float

    def __post_init__(self) -> None:
        if self.count < 0 or self.hours < 0:
            raise ValueError("a rate counts nothing negative")

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.count + other.count, self.hours + other.hours)

    @property
    def value(self) -> float:
        """Events an hour; NaN where nobody watched."""
        return self.count / self.hours if self.hours else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.hours:
            return 0.0, math.inf
        low = float(chi2.ppf(0.025, 2 * self.count)) / 2 if self.count else 0.0
        return low / self.hours, float(chi2.ppf(0.975, 2 * self.count + 2)) / 2 / self.hours

    def __str__(self) -> str:
        if not self.hours:
            return "–"
        low, high = self.interval
        return f"{self.value:.2f}/h ({self.count} in {self.hours:.2f} h; {low:.1f}–{high:.1f})"


@dataclass(frozen=True)
class Span:
    """From `start` to `end`."""

    start: float
    end: float

    def touches(self, other: Span, slack: float = 0.0) -> bool:
        return self.start <= other.end + slack and other.start <= self.end + slack


@dataclass(frozen=True)
class Events:
    """What became of the labelled events of one kind, and of the flags that claim it. Sums with `+`."""

    found: int = 0
    missed: int = 0
    right: int = 0
    false: int = 0
    clean_hours: float = 0.0
    latest: float = 0.0  # seconds from the beginning of an event to the beginning of its flag, the worst

    def __add__(self, other: Self) -> Self:
        return replace(
            self,
            found=self.found + other.found,
            missed=self.missed + other.missed,
            right=self.right + other.right,
            false=self.false + other.false,
            clean_hours=self.clean_hours + other.clean_hours,
            latest=max(self.latest, other.latest),
        )

    @property
    def precision(self) -> Share:
        return Share(self.right, self.right + self.false)

    @property
    def recall(self) -> Share:
        return Share(self.found, self.found + self.missed)

    @property
    def false_rate(self) -> Rate:
        return Rate(self.false, self.clean_hours)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall over events; NaN where there was neither an event nor a flag."""
        whole = self.found + self.missed + self.right + self.false
        return (self.found + self.right) / whole if whole else math.nan


def match(
    truth: Sequence[Span], flagged: Sequence[Span], seconds: float, *, slack: float = 2.0, ignored: Sequence[Span] = ()
) -> Events:
    """Every labelled event that a flag touches is found; every flag that touches no event is false.

    `ignored` spans are neither: a flag there is not counted. What is left of `seconds` is clean time.
    """
    hits = [[flag for flag in flagged if flag.touches(event, slack)] for event in truth]
    right = [flag for flag in flagged if any(flag.touches(event, slack) for event in truth)]
    aside = [flag for flag in flagged if any(flag.touches(span, slack) for span in ignored)]
    false = [flag for flag in flagged if flag not in right and flag not in aside]
    late = [
        max(0.0, min(flag.start for flag in flags) - event.start)
        for event, flags in zip(truth, hits, strict=True)
        if flags
    ]
    return Events(
        found=sum(bool(flags) for flags in hits),
        missed=sum(not flags for flags in hits),
        right=len(right),
        false=len(false),
        clean_hours=max(0.0, seconds - covered([*truth, *ignored])) / 3600,
        latest=max(late, default=0.0),
    )


def covered(spans: Sequence[Span]) -> float:
    """Seconds inside at least one of the spans."""
    total, reached = 0.0, -math.inf
    for span in sorted(spans, key=lambda each: each.start):
        total += max(0.0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return total


def largest_gap(shares: Sequence[Share], least: int = 1) -> float:
    """Points between the best and the worst group of at least `least` cases; 0 for fewer than two such groups."""
    values = [share.value for share in shares if share.of >= least]
    return (max(values) - min(values)) * 100 if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Target:
    """One line of the list of what must be reached. `reached` is None where it could not be measured, and `why` says so."""

    name: str
    wanted: str
    measured: str
    reached: bool | None
    why: str = ""


def verdict(targets: Sequence[Target]) -> str:
    """The list as a Markdown table."""
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [
        f"| {each.name} | {each.wanted} | {each.measured} | {words[each.reached]}{f': {each.why}' if each.why else ''} |"
        for each in targets
    ]
    return "\n".join(["| target | asked | measured | |", "|---|---|---|---|", *rows])


def missed(targets: Sequence[Target]) -> bool:
    """Whether anything that was measured falls short."""
    return any(each.reached is False for each in targets)
