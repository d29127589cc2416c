"""Read a code item's own keys. Every mistake is an `ItemError` that names its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from grading.kinds.code import function, limits, programs, unit
from grading.kinds.code.submission import clashes
from grading.kinds.code.values import (
    COMPARISONS,
    FEEDBACK,
    MAX_CHARS,
    MODES,
    RULES,
    Forbid,
    Test,
    TestGroup,
)
from grading.reading import Fields, Path, unique
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code

MAX_TESTS, MAX_FILES, MAX_OUTPUT_KIB = 100, 20, 8192
OWN_KEYS = {
    "program": ("stdin", "expect", "files"),
    "function": ("args", "call", "returns", "raises", "unordered"),
    "unit": ("run",),
}


def read(fields: Fields, points: float) -> dict[str, Any]:
    """The keyword arguments of `Code` beside those that every item has."""
    languages = _languages(fields)
    mode = fields.one_of("mode", MODES, "program")
    checker = programs.read(fields, "checker")
    groups = _groups(fields, points)
    compare = fields.one_of("compare", COMPARISONS, "checker" if checker else "tokens")
    return {
        "language": fields.one_of("language", languages or tuple(LANGUAGES), next(iter(languages), None)),
        "languages": languages,
        "mode": mode,
        "function": fields.text("function", "", longest=100),
        "types": function.read_types(fields),
        "unit_tests": fields.text("unit_tests", "", longest=unit.MAX_TESTS_CHARS),
        "starter": fields.text("starter", "", longest=MAX_CHARS),
        "starters": programs.read_texts(fields, "starters", names=False),
        "starter_files": programs.read_texts(fields, "starter_files"),
        "given": programs.read_texts(fields, "given"),
        "most_files": fields.whole("most_files", 1, least=1, most=MAX_FILES),
        "compare": compare,
        "tolerance": fields.number("tolerance", 1e-6, least=0, most=1),
        "checker": checker,
        "interactor": programs.read(fields, "interactor"),
        "reference": programs.read(fields, "reference"),
        "tests": _tests(fields, None if groups else points, mode),
        "groups": groups,
        "limits": limits.read(fields),
        "language_limits": limits.read_languages(fields),
        "forbid": _forbid(fields),
        "feedback": fields.one_of("feedback", FEEDBACK, "samples"),
    }


def check_whole(fields: Fields, item: Code) -> None:
    """What has to fit together. Raises `ItemError`."""
    _check_languages(fields, item)
    _check_judging(fields, item)
    _check_groups(fields, item)
    programs.check(fields, item)
    limits.check(fields, item)


def _languages(fields: Fields) -> tuple[str, ...]:
    found = fields.texts("languages", most=len(LANGUAGES), longest=40)
    for name in found:
        if name not in LANGUAGES:
            raise fields.fail("languages", f"{name!r} is not one of: {', '.join(LANGUAGES)}")
    if len(set(found)) != len(found):
        raise fields.fail("languages", "names a language twice")
    return found


def _tests(fields: Fields, points: float | None, mode: str) -> tuple[Test, ...]:
    rows = fields.rows("tests", least=1, most=MAX_TESTS)
    tests = tuple(_test(entry, path, mode) for entry, path in rows)
    unique([(test.name, (*path, "name")) for test, (_, path) in zip(tests, rows, strict=True)], "test name")
    if points is not None:
        _check_points(fields, "tests", [test.points for test in tests], points, "the item")
    return tests


def _check_points(fields: Fields, key: str, given: list[float], points: float, what: str) -> None:
    total = math.fsum(given)
    if total and not all(given):
        raise fields.fail(key, "either all tests have points or none has")
    if total and abs(total - points) > 1e-6:
        raise fields.fail(key, f"their points add up to {total:g}, and {what} has {points:g}")


def _test(entry: object, path: Path, mode: str) -> Test:
    fields = Fields(entry, path, ("name", *OWN_KEYS[mode], "hidden", "points"))
    common: dict[str, Any] = {
        "name": fields.text("name", longest=120),
        "hidden": fields.flag("hidden", default=False),
        "points": fields.number("points", 0.0, above=0),
    }
    if mode == "function":
        return Test(**common, **function.read(fields))
    if mode == "unit":
        return Test(**common, run=fields.text("run", longest=100))
    return Test(
        **common,
        expect=fields.text("expect", "", longest=100_000),
        stdin=fields.text("stdin", "", longest=100_000),
        files=programs.read_texts(fields, "files"),
    )


def _groups(fields: Fields, points: float) -> tuple[TestGroup, ...]:
    rows = fields.rows("groups", most=50)
    groups = tuple(_group(entry, path) for entry, path in rows)
    unique([(group.name, (*path, "name")) for group, (_, path) in zip(groups, rows, strict=True)], "group name")
    total = math.fsum(group.points for group in groups)
    if groups and abs(total - points) > 1e-6:
        raise fields.fail("groups", f"their points add up to {total:g}, and the item has {points:g}")
    return groups


def _group(entry: object, path: Path) -> TestGroup:
    fields = Fields(entry, path, ("name", "points", "rule", "tests", "needs"))
    return TestGroup(
        name=fields.text("name", longest=120),
        points=fields.number("points", above=0),
        tests=fields.texts("tests", least=1, most=MAX_TESTS, longest=120),
        rule=cast("Any", fields.one_of("rule", RULES, "sum")),
        needs=fields.texts("needs", most=50, longest=120),
    )


def _check_groups(fields: Fields, item: Code) -> None:
    tests = {test.name: test for test in item.tests}
    seen: set[str] = set()
    earlier: set[str] = set()
    for group in item.groups:
        for name in group.tests:
            if name not in tests:
                raise fields.fail("groups", f"group {group.name!r} names a test {name!r} that is not there")
            if name in seen:
                raise fields.fail("groups", f"the test {name!r} is in two groups, or twice in one")
            seen.add(name)
        for name in group.needs:
            if name not in earlier:
                raise fields.fail("groups", f"group {group.name!r} needs {name!r}, which is not a group before it")
        earlier.add(group.name)
        if group.rule == "sum":
            _check_points(
                fields, "groups", [tests[name].points for name in group.tests], group.points, f"group {group.name!r}"
            )
        elif any(tests[name].points for name in group.tests):
            raise fields.fail("groups", f"group {group.name!r} is scored as a whole, so its tests have no points")
    for test in item.tests if item.groups else ():
        if test.name not in seen and (test.hidden or test.points):
            raise fields.fail(
                "tests", f"the test {test.name!r} is in no group, so it is a sample: seen, and worth nothing"
            )


def _forbid(fields: Fields) -> Forbid:
    if not fields.has("forbid"):
        return Forbid()
    inner = Fields(fields.value("forbid"), (*fields.path, "forbid"), ("imports", "words", "required"))
    required = inner.flag("required", default=False)
    return Forbid(inner.texts("imports", longest=100), inner.texts("words", longest=100), required)


def _check_languages(fields: Fields, item: Code) -> None:
    for key, named in (("starters", tuple(item.starters or {})), ("language_limits", _named(item))):
        for name in named:
            if name not in item.allowed():
                raise fields.fail(key, f"{name!r} is not a language of this item: {', '.join(item.allowed())}")
    if item.starters and item.starter:
        raise fields.fail("starter", "give one text to start from: starter, or starters for each language")
    if item.starter_files is not None:
        if item.starter or item.starters:
            raise fields.fail("starter_files", "give one text to start from: starter, starters or starter_files")
        if len(item.starter_files) > item.most_files:
            raise fields.fail(
                "starter_files", f"has more files than most_files, {item.most_files}, lets a candidate have"
            )
    if clashes([*(item.given or {}), *(item.starter_files or {})]):
        raise fields.fail("given", "a name is both a file and a folder")


def _named(item: Code) -> tuple[str, ...]:
    return tuple(one.language for one in item.language_limits)


def _check_judging(fields: Fields, item: Code) -> None:
    if item.checker and item.interactor:
        raise fields.fail("interactor", "an item has a checker or an interactor, not both")
    if (item.compare == "checker") != (item.checker is not None):
        raise fields.fail("compare", "compare: checker goes with a checker, and a checker with it")
    if item.interactor and fields.has("compare"):
        raise fields.fail("compare", "the interactor judges, so nothing is compared")
    if (item.checker or item.interactor) and item.limits.output_kib > MAX_OUTPUT_KIB:
        raise fields.fail("limits", f"output_kib is at most {MAX_OUTPUT_KIB} where a program of yours reads the output")
    if item.mode == "function":
        function.check(fields, item)
    elif item.mode == "unit":
        unit.check(fields, item)
    for mode, keys in {"function": ("function", "types"), "unit": ("unit_tests",)}.items():
        for key in keys:
            if item.mode != mode and fields.has(key):
                raise fields.fail(key, f"is only used with mode: {mode}")
