"""A tree of scores as the settings files of a Kattis package."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import yaml

from grading.programs.errors import NotSupported
from grading.programs.problem import Problem
from grading.programs.scoring import ONE, ZERO, Case, Group

Setting = dict[str, object]


def exact(value: Fraction) -> int | float | str:
    """A number as YAML may hold it. Raises `NotSupported` for one that no decimal can say."""
    if value.denominator == 1:
        return int(value)
    left = value.denominator
    for factor in (2, 5):
        while left % factor == 0:
            left //= factor
    if left != 1:
        raise NotSupported("tree", f"{value} points cannot be written as a decimal number")
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def legacy_settings(tree: Group) -> dict[str, bytes]:
    """A testdata.yaml for each group: none is ever inherited."""
    return {_path(group, "testdata.yaml"): _dump(_legacy(group)) for group in tree.groups()}


def _legacy(group: Group) -> Setting:
    if group.aggregate == "all" or group.requires:
        raise NotSupported(
            "tree", "all or nothing, and groups that need other groups, are not known to the legacy format"
        )
    cases = [member for member in group.members if isinstance(member, Case)]
    worth = {(case.points, case.rejected) for case in cases} or {(ONE, ZERO)}
    if len(worth) > 1:
        raise NotSupported("tree", "tests of one group with points of their own are not known to the legacy format")
    ((points, rejected),) = worth
    flags = [
        {"first": "first_error", "worst": "worst_error", "accept": "always_accept"}[group.verdict],
        group.aggregate,
    ]
    flags += ["accept_if_any_accepted"] * group.any_accepted + ["ignore_sample"] * ("sample" in group.uncounted)
    said: Setting = {"on_reject": "break" if group.stop else "continue", "grader_flags": " ".join(flags)}
    said |= {"accept_score": exact(points), "reject_score": exact(rejected)}
    if group.least is not None or group.most is not None:
        ends = (
            "-inf" if group.least is None else exact(group.least),
            "+inf" if group.most is None else exact(group.most),
        )
        said["range"] = f"{ends[0]} {ends[1]}"
    return said


def modern_settings(problem: Problem) -> dict[str, bytes]:
    """A test_group.yaml for the secret tests and each of their groups."""
    secret = next((one for one in problem.tree.members if isinstance(one, Group) and one.name == "secret"), None)
    if not problem.scoring:
        return {}
    if secret is None:
        raise NotSupported("tree", "the 2023-07 format scores the secret tests, and there are none")
    return dict(_modern(secret))


def _modern(group: Group) -> Iterator[tuple[str, bytes]]:
    said: Setting = {"score_aggregation": "pass-fail" if group.aggregate == "all" else group.aggregate}
    said["max_score"] = "unbounded" if group.most is None else exact(group.most)
    if group.requires:
        said["require_pass"] = list(group.requires)
    yield _path(group, "test_group.yaml"), _dump(said)
    for member in group.members:
        if isinstance(member, Group):
            yield from _modern(member)


def _path(group: Group, file: str) -> str:
    return f"data/{file}" if group.name == "data" else f"data/{group.name}/{file}"


def _dump(said: Setting) -> bytes:
    return yaml.safe_dump(said, sort_keys=False).encode()
