"""From the results of single tests to the verdict and the points of the whole, through groups in groups.

Points are fractions: a third of 100 three times is 100, and rounding is left to whoever shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from grading.programs.verdict import Judgement

Aggregate = Literal["sum", "min", "max", "avg", "all"]
VerdictRule = Literal["first", "worst", "accept"]

ZERO, ONE = Fraction(0), Fraction(1)

WORST = (
    Judgement.JE, Judgement.CE, Judgement.RTE, Judgement.MLE, Judgement.TLE, Judgement.OLE, Judgement.WA, Judgement.NO
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One test and what it is worth: `points` when accepted, `rejected` when not.

    `most` is the largest score a checker may give it, None for no bound. `scored`: a checker must give a score.
    """

    name: str
    points: Fraction = ONE
    rejected: Fraction = ZERO
    most: Fraction | None = None
    scored: bool = False


@dataclass(frozen=True)
class Group:
    """Tests and groups that are scored together, in the order in which they are judged.

    `aggregate` makes the score out of the members': "all" gives `points` when every member is accepted and else
    nothing; "avg" of nothing is nothing. `most` bounds the score; more is a mistake of the package. `verdict`: the
    first that is not accepted, the worst, or always accepted; `any_accepted`: one accepted member is enough.
    `stop`: members after the first that was not accepted are not run, and no average counts them. `requires` names groups whose every test
    must be accepted, or this one counts as not run. `uncounted` members are judged and weigh nothing at all.
    """

    name: str
    members: tuple[Group | Case, ...]
    aggregate: Aggregate = "sum"
    points: Fraction = ONE
    most: Fraction | None = None
    least: Fraction | None = None
    verdict: VerdictRule = "first"
    any_accepted: bool = False
    stop: bool = False
    requires: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()

    def cases(self) -> Iterator[Case]:
        for member in self.members:
            if isinstance(member, Case):
                yield member
            else:
                yield from member.cases()

    def groups(self) -> Iterator[Group]:
        yield self
        for member in self.members:
            if isinstance(member, Group):
                yield from member.groups()


@dataclass(frozen=True)
class Result:
    """How one test ended. `score` is points that a checker gave, `share` a part of the test's own points."""

    judgement: Judgement
    score: Fraction | None = None
    share: Fraction | None = None


@dataclass(frozen=True)
class Scored:
    """What a test or a group earned. `problem` says why a JE is one, where the package itself is to blame."""

    name: str
    judgement: Judgement
    score: Fraction
    members: tuple[Scored, ...] = ()
    problem: str = ""

    def problems(self) -> Iterator[str]:
        if self.problem:
            yield f"{self.name}: {self.problem}"
        for member in self.members:
            yield from member.problems()

    def flat(self) -> Iterator[Scored]:
        yield self
        for member in self.members:
            yield from member.flat()

    def find(self, name: str) -> Scored | None:
        """The part of that name, here or below."""
        return next((one for one in self.flat() if one.name == name), None)


def score(group: Group, results: Mapping[str, Result]) -> Scored:
    """Score a tree. A test without a result counts as not run (SK): not accepted, and worth nothing.

    JE anywhere that counts makes the whole JE: nobody is given points, or zero, for what could not be judged.
    """
    return _group(group, results, passed(group, results))


def passed(group: Group, results: Mapping[str, Result]) -> frozenset[str]:
    """The names of all groups in which every test is accepted."""
    return frozenset(
        one.name for one in group.groups()
        if all(case.name in results and results[case.name].judgement is Judgement.AC for case in one.cases())
    )  # fmt: skip


def _group(group: Group, results: Mapping[str, Result], done: frozenset[str]) -> Scored:
    blocked = any(name not in done for name in group.requires)
    members: list[Scored] = []
    counted: list[Scored] = []
    stopped = blocked
    for member in group.members:
        one = skipped(member) if stopped else _member(member, results, done)
        members.append(one)
        if not stopped and one.name not in group.uncounted:
            counted.append(one)
            stopped = group.stop and one.judgement is not Judgement.AC
    judgement = Judgement.SK if blocked else _judgement(group, counted)
    total = ZERO if blocked else _total(group, counted)
    problem = _out_of_bounds(group, total)
    return Scored(group.name, Judgement.JE if problem else judgement, total, tuple(members), problem)


def _member(member: Group | Case, results: Mapping[str, Result], done: frozenset[str]) -> Scored:
    return _case(member, results) if isinstance(member, Case) else _group(member, results, done)


def skipped(member: Group | Case) -> Scored:
    """What a test or a group counts that was not run."""
    below = tuple(skipped(one) for one in member.members) if isinstance(member, Group) else ()
    return Scored(member.name, Judgement.SK, ZERO, below)


def _case(case: Case, results: Mapping[str, Result]) -> Scored:
    result = results.get(case.name)
    if result is None:
        return skipped(case)
    if result.judgement is not Judgement.AC:
        # Points that a checker gives a rejected output count where they are passed on to here (DOMjudge).
        return Scored(case.name, result.judgement, case.rejected if result.score is None else result.score)
    points = result.score
    if points is None:
        if case.scored and result.share is None:
            return Scored(case.name, Judgement.JE, ZERO, problem="the checker accepted it and gave no score")
        points = case.points * (ONE if result.share is None else result.share)
    if case.most is not None and points > case.most:
        return Scored(case.name, Judgement.JE, ZERO, problem=f"the checker gave {points}, more than {case.most}")
    return Scored(case.name, Judgement.AC, points)


def _total(group: Group, counted: Sequence[Scored]) -> Fraction:
    scores = [one.score for one in counted]
    if group.aggregate == "all":
        return group.points if counted and all(one.judgement is Judgement.AC for one in counted) else ZERO
    if not scores:
        return ZERO
    if group.aggregate in ("min", "max"):
        return min(scores) if group.aggregate == "min" else max(scores)
    total = sum(scores, ZERO)
    return total / len(scores) if group.aggregate == "avg" else total


def _judgement(group: Group, counted: Sequence[Scored]) -> Judgement:
    found = [one.judgement for one in counted if one.judgement is not Judgement.SK]
    if Judgement.JE in found:
        return Judgement.JE
    if group.verdict == "accept" or (group.any_accepted and Judgement.AC in found):
        return Judgement.AC
    bad = [one for one in found if one is not Judgement.AC]
    if not bad:
        return Judgement.AC if len(found) == len(counted) else Judgement.SK
    return min(bad, key=WORST.index) if group.verdict == "worst" else bad[0]


def _out_of_bounds(group: Group, total: Fraction) -> str:
    if group.most is not None and total > group.most:
        return f"its score {total} is more than {group.most}"
    if group.least is not None and total < group.least:
        return f"its score {total} is less than {group.least}"
    return ""


def decided(group: Group, results: Mapping[str, Result]) -> frozenset[str]:
    """The tests that no longer matter, given the results so far: they come after a stop, or require what failed."""
    left = {case.name for case in group.cases()} - results.keys()
    return frozenset(_idle(group, results, left))


def _idle(group: Group, results: Mapping[str, Result], left: set[str]) -> Iterator[str]:
    failed = {name for name, result in results.items() if result.judgement is not Judgement.AC}
    names = {one.name: {case.name for case in one.cases()} for one in group.groups()}
    for one in group.groups():
        if any(names.get(name, set()) & failed for name in one.requires):
            yield from names[one.name] & left
        if one.stop:
            yield from _after_stop(one, failed) & left


def _after_stop(group: Group, failed: set[str]) -> set[str]:
    after: set[str] = set()
    stopped = False
    for member in group.members:
        cases = {member.name} if isinstance(member, Case) else {case.name for case in member.cases()}
        if stopped:
            after |= cases
        if cases & failed and member.name not in group.uncounted:
            # A group that may be accepted all the same stops nothing before it has been judged to its end.
            stopped = stopped or isinstance(member, Case) or (member.verdict != "accept" and not member.any_accepted)
    return after
