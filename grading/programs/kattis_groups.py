"""The test groups of a Kattis package as a tree of scores: three sets of rules for the same folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import cast

from grading.programs.archive import Package
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.scoring import ONE, ZERO, Aggregate, Case, Group, VerdictRule
from grading.programs.values import Values, read_yaml

DATA = "data"
LEGACY_FILE, MODERN_FILE = "testdata.yaml", "test_group.yaml"
LEGACY_KEYS = (
    "on_reject", "grading", "grader_flags", "input_validator_flags", "output_validator_flags", "accept_score",
    "reject_score", "range",
)  # fmt: skip
MODERN_KEYS = (
    "max_score", "score_aggregation", "static_validation_score", "require_pass", "args", "input_validator_args",
    "static_validator_args", "output_validator_args", "input_visualizer_args", "output_visualizer_args",
    "full_feedback",
)  # fmt: skip
FLAGS = (
    "worst_error",
    "first_error",
    "always_accept",
    "sum",
    "avg",
    "min",
    "max",
    "ignore_sample",
    "accept_if_any_accepted",
)


@dataclass(frozen=True)
class Folder:
    """One folder of data/: its path, its tests (paths without ending), its folders, and its own settings file.

    `lonely` are the answers without an input, of the whole tree, at its root.
    """

    name: str
    tests: tuple[str, ...]
    folders: tuple[Folder, ...]
    settings: Values | None = None
    lonely: tuple[str, ...] = ()

    def all_tests(self) -> Iterator[str]:
        yield from self.tests
        for folder in self.folders:
            yield from folder.all_tests()

    def settings_above(self, path: str) -> Values:
        """What the nearest folder above a test says that says anything."""
        here = self.settings or Values({}, self.name)
        depth = self.name.count("/") + 2
        below = self._by_name.get("/".join(path.split("/")[:depth]))
        inner = below.settings_above(path) if below else here
        return inner if inner.data else here

    @cached_property
    def _by_name(self) -> dict[str, Folder]:
        return {folder.name: folder for folder in self.folders}


def folders(package: Package) -> Folder:
    """The tree below data/. Raises `ProblemError` for an input without an answer."""
    paths = [path for path in package.files if path.startswith(f"{DATA}/") and not _inside_files(path)]
    inputs = {path.removesuffix(".in") for path in paths if path.endswith(".in")}
    answers = {path.removesuffix(".ans") for path in paths if path.endswith(".ans")}
    wanted = tuple(f"{DATA}/{part}/" for part in ("sample", "secret"))
    if missing := sorted(path for path in inputs - answers if path.startswith(wanted)):
        raise ProblemError(f"{missing[0]}.in", "it has no answer: the file of that name that ends in .ans")
    lonely = tuple(sorted(path for path in answers - inputs if path.startswith(wanted)))
    tests: dict[str, list[str]] = {}
    for path in sorted(inputs & answers):
        tests.setdefault(path.rsplit("/", 1)[0], []).append(path)
    settings = (path.rsplit("/", 1)[0] for path in paths if path.endswith((LEGACY_FILE, MODERN_FILE)))
    inner: dict[str, set[str]] = {}
    for name in (*tests, *settings):
        parts = name.split("/")
        for count in range(1, len(parts)):
            inner.setdefault("/".join(parts[:count]), set()).add("/".join(parts[: count + 1]))
    return replace(_folder(package, DATA, inner, tests), lonely=lonely)


def _inside_files(path: str) -> bool:
    return any(part.endswith(".files") for part in path.split("/")[:-1])


def _folder(package: Package, name: str, inner: dict[str, set[str]], tests: dict[str, list[str]]) -> Folder:
    names = sorted(inner.get(name, ()))
    if name == DATA:
        names = [one for one in names if one in (f"{DATA}/sample", f"{DATA}/secret")]
    folders = tuple(_folder(package, one, inner, tests) for one in names)
    return Folder(name, tuple(tests.get(name, ())), folders, _settings(package, name))


def _settings(package: Package, name: str) -> Values | None:
    for file, known in ((MODERN_FILE, MODERN_KEYS), (LEGACY_FILE, LEGACY_KEYS)):
        if (path := f"{name}/{file}") in package.files:
            values = read_yaml(package.files[path], path)
            values.only(known)
            return values
    return None


def _case_name(path: str) -> str:
    return path.removeprefix(f"{DATA}/")


def _by_name(cases: list[Case], groups: list[Group]) -> tuple[Group | Case, ...]:
    """Tests and folders together; the samples come first, as their name says."""
    return tuple(sorted((*cases, *groups), key=lambda member: member.name))


# --- Kattis, legacy: each test has a score, a group's grader makes one of many -------------------------------------


def legacy_tree(root: Folder) -> Group:
    """A folder without settings takes those of the nearest one above it that has any."""
    return _legacy(root, Values({}, LEGACY_FILE))


def _legacy(folder: Folder, above: Values) -> Group:
    values = folder.settings or above
    flags = values.words("grader_flags")
    if values.text("grading", "default") != "default":
        raise NotSupported(values.place, "a grader of the package's own is not run here")
    if wrong := [flag for flag in flags if flag not in FLAGS]:
        raise values.fail("grader_flags", f"{wrong[0]!r} is no flag of the default grader")
    accept, reject = values.exact("accept_score"), values.exact("reject_score")
    points, rejected = (ONE if accept is None else accept), (ZERO if reject is None else reject)
    cases = [Case(_case_name(path), points, rejected) for path in folder.tests]
    members = _by_name(cases, [_legacy(inner, values) for inner in folder.folders])
    least, most = _range(values)
    sample = _case_name(f"{DATA}/sample")
    return Group(
        name=_case_name(folder.name),
        members=members,
        aggregate=cast("Aggregate", _last(flags, ("sum", "avg", "min", "max"), "sum")),
        most=most,
        least=least,
        verdict=_verdict(flags),
        any_accepted="accept_if_any_accepted" in flags,
        stop=values.one_of("on_reject", ("break", "continue", "first_error", "worst_error", "grade"), "break")
        == "break",
        uncounted=(sample,) if "ignore_sample" in flags else (),
    )


def _verdict(flags: tuple[str, ...]) -> VerdictRule:
    last = _last(flags, ("worst_error", "first_error", "always_accept"), "worst_error")
    return {"worst_error": "worst", "first_error": "first", "always_accept": "accept"}[last]  # type: ignore[return-value]


def _last(flags: tuple[str, ...], of: tuple[str, ...], default: str) -> str:
    return next((flag for flag in reversed(flags) if flag in of), default)


def _range(values: Values) -> tuple[Fraction | None, Fraction | None]:
    words = values.words("range")
    if not words:
        return None, None
    if len(words) != 2:
        raise values.fail("range", "must be two numbers")
    ends = [None if word.lstrip("+-") in ("inf", "infinity") else values.as_exact("range", word) for word in words]
    return ends[0], ends[1]


# --- DOMjudge: a group with an accept_score is worth that, all or nothing ------------------------------------------


def domjudge_tree(root: Folder, *, scoring: bool) -> Group:
    """Tests in a folder without settings are judged, and weigh nothing, in a problem with scores."""
    if scoring:
        return _domjudge(root)
    cases = (Case(_case_name(path)) for folder in root.folders for path in sorted(folder.all_tests()))
    return Group(DATA, tuple(cases), stop=True)


def _domjudge(folder: Folder) -> Group:
    values = folder.settings or Values({}, LEGACY_FILE)
    flags = values.words("grader_flags")
    accept = values.exact("accept_score")
    groups = tuple(_domjudge(inner) for inner in folder.folders)
    cases = tuple(
        Case(_case_name(path), scored=accept is None and folder.settings is not None) for path in folder.tests
    )
    silent = [one.name for one, inner in zip(groups, folder.folders, strict=True) if inner.settings is None]
    if "ignore_sample" in flags:
        silent.append("sample")
    aggregate = cast("Aggregate", _last(flags, ("sum", "avg", "min", "max"), "sum"))
    leaf = not groups and accept is not None
    return Group(
        name=_case_name(folder.name),
        members=(*cases, *groups),
        aggregate="all" if leaf else aggregate,
        points=accept if leaf and accept is not None else ONE,
        stop=False,
        uncounted=(*silent, *(case.name for case in cases if groups)),
    )


# --- 2023-07: the whole is worth 100 unless it says otherwise, and groups say how much of it they are --------------


def modern_tree(root: Folder, *, scoring: bool) -> Group:
    sample, secret = ([one for one in root.folders if one.name == f"{DATA}/{part}"] for part in ("sample", "secret"))
    if not scoring:
        _forbid_scores(root)
        return Group(DATA, tuple(_plain(one) for one in (*sample, *secret)))
    if not secret:
        raise ProblemError("data/secret", "there is no such folder")
    return Group(DATA, (*(_plain(one) for one in sample), _secret(secret[0])), uncounted=("sample",) if sample else ())


def _plain(folder: Folder) -> Group:
    cases = [Case(_case_name(path)) for path in folder.tests]
    return Group(_case_name(folder.name), _by_name(cases, [_plain(inner) for inner in folder.folders]))


def _forbid_scores(folder: Folder) -> None:
    for key in ("max_score", "score_aggregation", "require_pass"):
        if folder.settings and folder.settings.has(key):
            raise folder.settings.fail(key, "only a problem of the type scoring has scores")
    for inner in folder.folders:
        _forbid_scores(inner)


def _secret(folder: Folder) -> Group:
    if folder.folders and folder.tests:
        raise ProblemError(folder.name, "has tests beside groups; one or the other")
    if not folder.folders:
        return _modern(folder, "sum", Fraction(100))
    values = folder.settings or Values({}, MODERN_FILE)
    aggregate = values.one_of("score_aggregation", ("pass-fail", "sum", "min"), "sum")
    most = _max_score(values, Fraction(100))
    groups = tuple(_modern(inner, "pass-fail", None) for inner in folder.folders)
    members = tuple(replace(one, points=ZERO) if aggregate == "pass-fail" else one for one in groups)
    return Group(
        _case_name(folder.name), members, "all" if aggregate == "pass-fail" else cast("Aggregate", aggregate),
        points=most or ZERO, most=most, requires=values.words("require_pass"),
    )  # fmt: skip


def _modern(folder: Folder, usual: str, most: Fraction | None) -> Group:
    values = folder.settings or Values({}, f"{folder.name}/{MODERN_FILE}")
    if values.has("static_validation_score"):
        raise NotSupported(values.place, "programs that judge a source instead of an output are not run here")
    aggregate = values.one_of("score_aggregation", ("pass-fail", "sum", "min"), usual)
    most = _max_score(values, most)
    paths = sorted(folder.all_tests())
    if not paths:
        raise ProblemError(folder.name, "is a group without a test")
    each = None if most is None else most / len(paths) if aggregate == "sum" else most
    scored = aggregate != "pass-fail"
    cases = tuple(
        Case(
            _case_name(path),
            ONE if each is None else each,
            most=each if scored else None,
            scored=scored and each is None,
        )
        for path in paths
    )
    if aggregate == "pass-fail" and most is None and values.has("score_aggregation"):
        raise values.fail("max_score", "is missing: a group that passes or fails needs a score of its own")
    return Group(
        _case_name(folder.name), cases, cast("Aggregate", aggregate) if scored else "all",
        points=most or ZERO, most=most, requires=values.words("require_pass"),
    )  # fmt: skip


def _max_score(values: Values, default: Fraction | None) -> Fraction | None:
    return (
        None
        if values.text("max_score") == "unbounded"
        else values.exact("max_score")
        if values.has("max_score")
        else default
    )
