"""Keeping a certificate valid: how far continuing credits have come, when it may be renewed, and which letter is due.

A rule belongs to the exam. Credits count for activities within the certificate's own dates; once the window before its end is
open and they suffice, a new certificate takes its place, whose time begins where the old one's ends: nobody loses by being early.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from credentials.canonical import JsonObject
from credentials.errors import Malformed

SERVICE: Final = "1EdTechCredentialRefresh"  # 1EdTech Verifiable Credential Refresh Service 1.0
LETTERS: Final = (90, 30, 7, 0)  # days before the end; 0: it has ended
STEP: Final = 0.25  # credits are given in quarters

State = Literal["collecting", "ready", "ended"]


@dataclass(frozen=True)
class Rule:
    """What keeps a certificate valid: so many credits, or (`or_exam`) the exam once more. `window_days` before its end is
    when it may be renewed first.
    """

    credits: float
    window_days: int
    or_exam: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.credits <= 10_000 or self.credits % STEP:
            raise Malformed("the credits of a renewal are more than 0, in quarters")
        if not 1 <= self.window_days <= 3_660:
            raise Malformed("the window of a renewal has 1 to 3,660 days")


@dataclass(frozen=True)
class Activity:
    """Something done to stay in practice. `accepted` None: nobody has looked at it yet."""

    day: date
    credits: float
    accepted: bool | None = None


@dataclass(frozen=True)
class Progress:
    """How far it has come. `waiting`: credits that nobody has looked at yet; they do not count until somebody has."""

    state: State
    needed: float
    collected: float
    waiting: float
    opens_at: datetime
    ends_at: datetime

    @property
    def missing(self) -> float:
        """Credits still to be collected."""
        return max(self.needed - self.collected, 0.0)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(self.collected / self.needed, 1.0)


def within(day: date, begins: datetime, ends: datetime) -> bool:
    """Whether an activity of that day belongs to a certificate with these dates."""
    return begins.date() <= day <= ends.date()


def progress(rule: Rule, activities: Iterable[Activity], begins: datetime, ends: datetime, at: datetime) -> Progress:
    """Where a certificate with these dates stands at the moment `at`."""
    counting = [each for each in activities if within(each.day, begins, ends)]
    collected = sum(each.credits for each in counting if each.accepted)
    waiting = sum(each.credits for each in counting if each.accepted is None)
    opens = max(begins, ends - timedelta(days=rule.window_days))
    state: State = "collecting"
    if at >= ends:
        state = "ended"
    elif collected >= rule.credits and at >= opens:
        state = "ready"
    return Progress(state, rule.credits, collected, waiting, opens, ends)


def letter(ends: datetime, told: Collection[int], at: datetime) -> int | None:
    """The letter to write now: the smallest number of days that has come and was not told; None where there is none.

    What was missed (the worker slept, the certificate is new) is not made up for: nobody gets three letters in one day.
    """
    due = [days for days in LETTERS if at >= ends - timedelta(days=days)]
    newest = min(due, default=None)
    return newest if newest is not None and all(days > newest for days in told) else None


def service(url: str) -> JsonObject:
    """The `refreshService` of a certificate: where its newest version is given out (VCDM 2.0 section 5.4)."""
    if not url.startswith(("https://", "http://")):
        raise Malformed("a refresh service has an address of the web")
    return {"id": url, "type": SERVICE}


def read_service(found: object) -> str:
    """The address of a `refreshService` in the form that we issue. Raises Malformed."""
    url = found.get("id") if isinstance(found, dict) else None
    if not isinstance(url, str) or found != service(url):
        raise Malformed("the certificate's 'refreshService' is not in the form that we issue")
    return url
