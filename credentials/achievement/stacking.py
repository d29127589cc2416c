"""Certificates that stack: a rule over what somebody holds, whether it is met, what it rests on, and what is missing.

A rule is a tree. Its leaves ask for one certificate each, by a name (an exam, a programme, an achievement's address) or by a skill
that it proves, perhaps with a least score, a level, or a greatest age; its groups ask for all, any, or so many of theirs. A leaf is
met by a certificate that counts at the moment asked about: issued, not over, not suspended, not revoked. So all that a met rule
rests on was valid at one and the same time. One certificate may meet several leaves.

Nothing here issues or revokes: it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from credentials.errors import Malformed

MAX_NEEDS = 50
MAX_DEPTH = 6

State = Literal["valid", "suspended", "revoked"]
How = Literal["all_of", "any_of", "at_least"]
Why = Literal["missing", "revoked", "suspended", "expired", "old", "level", "score"]
_NEAREST: tuple[Why, ...] = ("score", "level", "old", "expired", "suspended", "revoked")


@dataclass(frozen=True)
class Held:
    """A certificate that somebody holds. `names` are all by which a rule may mean it; `score` is in percent; `skills` are pairs of
    an address in a framework and a level, or None where none is said.
    """

    id: str
    names: frozenset[str]
    issued: datetime
    until: datetime | None = None
    state: State = "valid"
    score: float | None = None
    skills: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True)
class Need:
    """One certificate: either of this `name`, or one that proves this `skill`; `within_months`: issued no longer ago."""

    name: str = ""
    skill: str = ""
    min_score: float | None = None
    level: int | None = None
    within_months: int | None = None


@dataclass(frozen=True)
class Group:
    """At least `least` of these. `how` is what its author wrote; it decides nothing."""

    how: How
    least: int
    of: tuple[Rule, ...]


Rule: TypeAlias = Need | Group


@dataclass(frozen=True)
class Progress:
    """How far a rule, or a part of it, is met. A leaf that is met names the certificate; one that is not says why not, by the
    certificate that came nearest.
    """

    rule: Rule
    met: bool
    by: Held | None = None
    why: Why | None = None
    of: tuple[Progress, ...] = ()

    @property
    def done(self) -> int:
        """How many parts of a group are met."""
        return sum(each.met for each in self.of)


def check(rule: Rule) -> None:
    """Raises Malformed for a rule that nobody could meet, or that says the same thing twice."""
    if len(list(needs(rule))) > MAX_NEEDS:
        raise Malformed(f"a rule asks for at most {MAX_NEEDS} certificates")
    _check(rule, 1)


def _check(rule: Rule, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Malformed(f"groups stand in groups at most {MAX_DEPTH} deep")
    if isinstance(rule, Need):
        if bool(rule.name) == bool(rule.skill):
            raise Malformed("each line asks for a certificate by its name, or by a skill that it proves")
        if rule.level is not None and not rule.skill:
            raise Malformed("a level belongs to a skill")
        return
    if not rule.of:
        raise Malformed("a group with nothing in it asks for nothing")
    if not 1 <= rule.least <= len(rule.of):
        raise Malformed(f"{rule.least} of {len(rule.of)} cannot be met: write a number from 1 to {len(rule.of)}")
    if len(set(rule.of)) != len(rule.of):
        raise Malformed("a group asks for the same thing twice")
    for each in rule.of:
        _check(each, depth + 1)


def needs(rule: Rule) -> Iterator[Need]:
    """The leaves, from left to right."""
    if isinstance(rule, Need):
        yield rule
    else:
        for each in rule.of:
            yield from needs(each)


def lasting(rule: Rule) -> Rule:
    """The rule as it stands for a certificate that was issued: how old its parts may be mattered on that day only."""
    if isinstance(rule, Need):
        return replace(rule, within_months=None)
    return replace(rule, of=tuple(lasting(each) for each in rule.of))


def look(rule: Rule, held: Iterable[Held], at: datetime) -> Progress:
    """How far these certificates meet a rule at that moment. Their order makes no difference."""
    mine = sorted(held, key=lambda each: each.id)
    return _look(rule, mine, at)


def _look(rule: Rule, held: Sequence[Held], at: datetime) -> Progress:
    if isinstance(rule, Group):
        of = tuple(_look(each, held, at) for each in rule.of)
        return Progress(rule, sum(each.met for each in of) >= rule.least, of=of)
    meant = [each for each in held if each.issued <= at and _means(rule, each)]
    found = [(each, _against(rule, each, at)) for each in meant]
    good = [each for each, why in found if why is None]
    if good:
        return Progress(rule, met=True, by=max(good, key=_worth))
    for why in _NEAREST:
        near = [each for each, against in found if against == why]
        if near:
            return Progress(rule, met=False, by=max(near, key=_worth), why=why)
    return Progress(rule, met=False, why="missing")


def _means(need: Need, held: Held) -> bool:
    return need.name in held.names if need.name else any(url == need.skill for url, _ in held.skills)


def _against(need: Need, held: Held, at: datetime) -> Why | None:
    """What speaks against a certificate that is meant; the first thing counts."""
    if held.state != "valid":
        return held.state
    if held.until is not None and held.until <= at:
        return "expired"
    if need.within_months is not None and held.issued < months_before(at, need.within_months):
        return "old"
    if need.level is not None and _level(need, held) < need.level:
        return "level"
    if need.min_score is not None and (held.score is None or held.score < need.min_score):
        return "score"
    return None


def _level(need: Need, held: Held) -> int:
    return max((level or 0 for url, level in held.skills if url == need.skill), default=0)


def _worth(held: Held) -> tuple[float, bool, float, datetime, str]:
    """Of several the one with the best score, then the one that lasts longest, then the newest."""
    lasts = held.until.timestamp() if held.until else 0.0
    return (-1.0 if held.score is None else held.score, held.until is None, lasts, held.issued, held.id)


def rests_on(progress: Progress) -> tuple[Held, ...]:
    """The certificates that a met rule rests on, each once: of a group the first that are enough. Nothing for one not met."""
    found: dict[str, Held] = {}
    for each in _resting(progress):
        found.setdefault(each.id, each)
    return tuple(found.values())


def _resting(progress: Progress) -> Iterator[Held]:
    if not progress.met:
        return
    if progress.by is not None:
        yield progress.by
    if isinstance(progress.rule, Group):
        for each in [part for part in progress.of if part.met][: progress.rule.least]:
            yield from _resting(each)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many calendar months earlier; where that month is shorter, its last day."""
    count = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)
