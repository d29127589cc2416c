"""Signals of one attempt in, flags out: the same flags for the same signals, whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proctor.flag import Flag, Rule
from proctor.rules import RULES
from proctor.signal import Signal, ordered


def flags(signals: Iterable[Signal], rules: Sequence[Rule] = RULES) -> list[Flag]:
    """Apply every rule to all signals known so far and return the flags by start, end and rule.

    Call it again over all signals when more have arrived: a repeated or late signal changes nothing but what it
    must. Nothing is remembered between calls.
    """
    known = ordered(signals)
    found = [flag for rule in rules for flag in rule.flags(known)]
    return sorted(found, key=lambda flag: (flag.start, flag.end, flag.rule))
