"""Signals of one attempt in, flags out: the same flags for the same signals, whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proctor.accommodation import Profile
from proctor.flag import Flag, Rule
from proctor.rules import RULES
from proctor.signal import Signal, ordered


@dataclass(frozen=True)
class Suppressed:
    """A rule fired, but what was agreed with the candidate keeps it silent. For the log; never shown as a flag."""

    flag: Flag
    agreed: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """Flags for a person to look at, and those that an accommodation keeps silent, each by start, end and rule."""

    flags: tuple[Flag, ...]
    suppressed: tuple[Suppressed, ...]


def flags(signals: Iterable[Signal], rules: Sequence[Rule] = RULES, profile: Profile | None = None) -> list[Flag]:
    """Apply every rule to all signals known so far and return the flags by start, end and rule.

    Call it again over all signals when more have arrived: a repeated or late signal changes nothing but what it
    must. Nothing is remembered between calls.
    """
    return list(judge(signals, rules, profile).flags)


def judge(signals: Iterable[Signal], rules: Sequence[Rule] = RULES, profile: Profile | None = None) -> Judged:
    """As `flags`, with the flags of suppressed rules beside them and what was agreed that suppresses each."""
    known = ordered(signals)
    agreed = profile or Profile()
    found = sorted(
        (flag for rule in rules for flag in rule.flags(known)), key=lambda flag: (flag.start, flag.end, flag.rule)
    )
    silent = [Suppressed(flag, why) for flag in found if (why := agreed.suppressed_by(flag.rule))]
    return Judged(tuple(flag for flag in found if not agreed.suppressed_by(flag.rule)), tuple(silent))
