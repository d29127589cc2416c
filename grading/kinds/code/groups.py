"""What the tests of a code item are worth: a tree that `grading.programs.scoring` scores exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from grading.programs.scoring import Aggregate, Case, Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grading.kinds.code.item import Code
    from grading.kinds.code.values import Test, TestGroup

RULES: dict[str, Aggregate] = {"sum": "sum", "min": "min", "all": "all"}


def exact(points: float) -> Fraction:
    """A number as its author wrote it: 0.1 three times is 0.3."""
    return Fraction(repr(points))


def tree(item: Code) -> Group:
    numbers = {test.name: str(at) for at, test in enumerate(item.tests, 1)}
    if not item.groups:
        return Group("all", tuple(_cases(item.tests, exact(item.points), numbers)))
    by_name = {test.name: test for test in item.tests}
    called = {group.name: f"group {at}" for at, group in enumerate(item.groups, 1)}
    grouped = {name for group in item.groups for name in group.tests}
    samples = tuple(Case(numbers[test.name]) for test in item.tests if test.name not in grouped)
    groups = tuple(_group(group, [by_name[name] for name in group.tests], numbers, called) for group in item.groups)
    return Group("all", (*samples, *groups), uncounted=tuple(case.name for case in samples))


def _group(group: TestGroup, tests: Sequence[Test], numbers: dict[str, str], called: dict[str, str]) -> Group:
    points = exact(group.points)
    if group.rule == "sum":
        cases = _cases(tests, points, numbers)
    else:  # as a whole: each test alone could bring all the points
        cases = [Case(numbers[test.name], points=points, most=points) for test in tests]
    needs = tuple(called[name] for name in group.needs)
    return Group(called[group.name], tuple(cases), RULES[group.rule], points, requires=needs)


def _cases(tests: Sequence[Test], points: Fraction, numbers: dict[str, str]) -> list[Case]:
    shares = [exact(test.points) if test.points else points / len(tests) for test in tests]
    return [Case(numbers[test.name], points=share, most=share) for test, share in zip(tests, shares, strict=True)]
