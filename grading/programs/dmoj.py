"""DMOJ problem folders: an init.yml, the files it names, and (as in DMOJ's own suite) submissions in tests/*/test.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from grading.programs.archive import Package, read_archive
from grading.programs.checker import Protocol
from grading.programs.compare import Comparison, Exact, Lines, Tokens, Unordered
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.expectations import WORDS, our_language
from grading.programs.problem import Author, Expected, Problem, ProblemLimits, Submission, Test
from grading.programs.program import Program, Sources
from grading.programs.scoring import ONE, Case, Group
from grading.programs.values import Values, read_yaml
from grading.programs.verdict import Judgement

INIT = "init.yml"
REFUSED = {
    "generator": "tests that a program generates are not generated here: put the finished files into the archive",
    "custom_judge": "a judge written in Python for DMOJ's own interpreter is not run here",
    "signature_grader": "functions that are linked to a driver are not judged from this format",
    "custom_header": "functions that are linked to a driver are not judged from this format",
    "file_io": "programs that must read and write named files are not judged here",
    "validator": "a program that checks the tests is not run here",
}
KNOWN = (
    "archive", "test_cases", "points", "checker", "interactive", "unbuffered", "binary_data", "hints", "symlinks",
    "output_limit_length", "output_prefix_length", "time_limit", "memory_limit", "wall_time_factor",
    "pretest_test_cases", "meta", "grader_args",
)  # fmt: skip
UNUSED = ("hints", "symlinks", "output_prefix_length", "wall_time_factor", "pretest_test_cases", "meta", "grader_args")
CASE_KEYS = (
    "in",
    "out",
    "points",
    "batched",
    "dependencies",
    "output_limit_length",
    "output_prefix_length",
    "checker",
    "time_limit",
    "memory_limit",
)
PROTOCOLS: dict[str, Protocol] = {"default": "plain", "testlib": "testlib", "coci": "coci"}
LANGUAGES = {"JAVA": "java", "CPP": "cpp", "PY": "python", "PYPY": "python", "C": "c", "V8JS": "javascript", "NODEJS": "javascript", "RUST": "rust", "GO": "go", "SH": "bash", "BASH": "bash", "TS": "typescript", "CLANGX": "cpp", "CLANG": "c"}  # fmt: skip
_DIGITS = re.compile(r"\d+")


class _Files:
    """Files of the archive, or else of the folder."""

    def __init__(self, package: Package, archive: str) -> None:
        self.package = package
        self.inner: Mapping[str, bytes] = {}
        if archive:
            if archive not in package.files:
                raise ProblemError(f"{INIT}: archive", f"there is no {archive!r} in the folder")
            # As it lies in the archive: DMOJ's names are paths from its root.
            inner = read_archive(package.files[archive], archive)
            top = "" if inner.name == archive.split(".", maxsplit=1)[0] else f"{inner.name}/"
            self.inner = {**inner.files, **{top + name: data for name, data in inner.files.items()}}

    def get(self, name: str, place: str) -> bytes:
        found = self.inner.get(name, self.package.files.get(name))
        if found is None:
            raise ProblemError(place, f"there is no file {name!r} in the archive or the folder")
        return found


def read_dmoj(package: Package) -> Problem:
    """Raises `ProblemError` for what is wrong and `NotSupported` for what is right and not done here."""
    settings = read_yaml(package.files.get(INIT, b""), INIT)
    _refuse(settings)
    settings.only(KNOWN)
    files = _Files(package, settings.text("archive"))
    author = _author(settings, files)
    compare = Lines(by_words=True) if author else _compare(settings)
    rows = _rows(settings, files)
    usual = settings.exact("points")
    tests, members = _cases(rows, files, compare, usual)
    limits = ProblemLimits(
        seconds=settings.number("time_limit", 0) or 2.0,
        memory_mib=max(1, settings.whole("memory_limit", 256 * 1024) // 1024),
        output_mib=max(1, settings.whole("output_limit_length", 32 * 1024 * 1024) // (1024 * 1024)),
    )
    return Problem(
        name=package.name,
        tests=tests,
        tree=_gated("data", members),
        author=author,
        scoring=True,
        limits=limits,
        submissions=tuple(_submissions(package, limits)),
        flavour="dmoj",
        notes=tuple(_notes(settings)),
    )


def _notes(settings: Values) -> Iterator[str]:
    yield from (f"{key} is not used" for key in UNUSED if settings.has(key))
    if settings.data.get("unbuffered"):
        yield "unbuffered: a program that does not flush what it prints is not helped here"


def _refuse(settings: Values) -> None:
    for key, why in REFUSED.items():
        if settings.has(key):
            raise NotSupported(f"{INIT}: {key}", why)
    if code := [str(key) for key in settings.data if str(key).endswith("++")]:
        raise NotSupported(f"{INIT}: {code[0]}", "a key that ends in ++ is a program, and is not run here")


def _author(settings: Values, files: _Files) -> Author | None:
    if settings.has("interactive"):
        values = settings.inner("interactive")
        return Author(role="interactor", protocol=_protocol(values), program=_program(values, files))
    if _checker(settings)[0] == "bridged":
        values = settings.inner("checker").inner("args")
        return Author(role="checker", protocol=_protocol(values), program=_program(values, files))
    return None


def _program(values: Values, files: _Files) -> Program:
    for key in ("flags", "args_format_string"):
        if values.has(key) and values.data[key]:
            raise NotSupported(
                f"{values.place}: {key}", "compiler flags and command lines of one's own are not supported"
            )
    names = values.words("files")
    if not names:
        raise values.fail("files", "is missing")
    found = {name: files.get(name, values.place) for name in names}
    program = Sources(found, dmoj_language(values.text("lang")), names[0]).found()
    if program is None:
        raise NotSupported(values.place, f"no file tells a language: {', '.join(names)}")
    return program


def _protocol(values: Values) -> Protocol:
    name = values.text("type", "default")
    if name not in PROTOCOLS:
        raise NotSupported(f"{values.place}: type", f"{name!r} is none of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def dmoj_language(code: str) -> str:
    """Our name for one of DMOJ's ("CPP17"), "" where we have none."""
    if code.upper() in ("PY2", "PYPY2"):
        return ""
    return LANGUAGES.get(re.sub(r"\d+$", "", code.upper()), our_language(code))


def _checker(settings: Values) -> tuple[str, Values]:
    value = settings.data.get("checker")
    if isinstance(value, Mapping):
        inner = settings.inner("checker")
        return inner.text("name"), inner.inner("args")
    return settings.text("checker", "standard"), Values({}, INIT)


def _compare(settings: Values) -> Comparison:
    name, args = _checker(settings)
    if name.endswith(".py") or "/" in name:
        raise NotSupported(
            f"{INIT}: checker",
            "a checker written in Python for DMOJ's own interpreter is not run here; a bridged one is",
        )
    if name.startswith("floats"):
        near = Decimal(10) ** -args.whole("precision", 6, least=0, most=30)
        mode = {"floatsabs": "absolute", "floatsrel": "relative"}.get(name, args.text("error_mode", "default"))
        return Tokens(absolute=None if mode == "relative" else near, relative=None if mode == "absolute" else near)
    named: dict[str, Comparison] = {
        "standard": Lines(by_words=True),
        "identical": Exact(strict=True),
        "rstripped": Lines(),
        "easy": Unordered("letters"),
        "sorted": Unordered("words" if args.text("split_on", "lines") == "whitespace" else "lines"),
        "unordered": Unordered("words"),
    }
    if name not in named:
        raise NotSupported(f"{INIT}: checker", f"{name!r} is none of {', '.join([*named, 'floats', 'bridged'])}")
    return named[name]


def _rows(settings: Values, files: _Files) -> list[Values]:
    cases = settings.data.get("test_cases")
    if isinstance(cases, list):
        return [Values(row, f"{INIT}: test_cases {number}") for number, row in enumerate(cases, 1)]
    pattern = settings.inner("test_cases")
    if pattern.has("input_format") or pattern.has("output_format"):
        raise NotSupported(f"{INIT}: test_cases", "a pattern of names is not run here: list the cases one by one")
    return list(_found(files, pattern.words("case_points")))


def _found(files: _Files, points: tuple[str, ...]) -> Iterator[Values]:
    """Cases by the numbers in the files' names, as DMOJ finds them where none is listed."""
    names = files.inner or files.package.files
    groups: dict[int, dict[int, dict[str, str]]] = {}
    for ending in ("in", "out"):
        for name in names:
            if found := numbers_of(name, ending):
                groups.setdefault(found[0], {}).setdefault(found[1], {})[ending] = name
    for number, group in enumerate(sorted(groups)):
        worth = points[number] if number < len(points) else "1"
        cases = [dict(groups[group][place]) for place in sorted(groups[group])]
        row = {"points": worth, **cases[0]} if set(groups[group]) == {0} else {"points": worth, "batched": cases}
        yield Values(row, f"{INIT}: test {group}")


def numbers_of(name: str, ending: str) -> tuple[int, int] | None:
    """The group and the place in it (0: alone) that DMOJ reads out of a file's name when an init.yml lists no cases.

    The last number is the case, one before it, after something that is no letter, the batch. Its own rule is a pattern
    that takes a second for a long name.
    """
    found = list(_DIGITS.finditer(name))
    if (
        not found
        or not (name.startswith(ending) or f".{ending}" in name)
        or any(map(str.isspace, name[found[-1].end() :]))
    ):
        return None
    case = int(found[-1][0][-9:])
    if len(found) > 1:
        before = found[-2]
        between = name[before.end() : found[-1].start()]
        starts = before.start() == 0 or not (name[before.start() - 1].isalnum() or name[before.start() - 1] == "_")
        if starts and not any(map(str.isspace, between)):
            return int(before[0][-9:]), case
    return case, 0


def _cases(
    rows: list[Values], files: _Files, compare: Comparison, usual: Fraction | None
) -> tuple[tuple[Test, ...], list[tuple[Group, Fraction]]]:
    """The tests, and for each row its group with its points."""
    tests: list[Test] = []
    groups: list[tuple[Group, Fraction]] = []
    batches: list[str] = []
    for number, row in enumerate(rows, 1):
        row.only(CASE_KEYS)
        points = row.exact("points")
        points = points if points is not None else usual if usual is not None else ONE
        batched = row.data.get("batched")
        if batched is not None and not isinstance(batched, list):
            raise row.fail("batched", "must be a list of cases")
        inner = [row] if batched is None else [Values(one, f"{row.place}.{at}") for at, one in enumerate(batched, 1)]
        names = [str(number)] if batched is None else [f"{number}/{at}" for at in range(1, len(inner) + 1)]
        tests += [_test(name, one, files, compare) for name, one in zip(names, inner, strict=True)]
        cases = tuple(Case(name, points, most=points) for name in names)
        requires = tuple(_batch(row, batches, word) for word in row.words("dependencies"))
        group = Group(
            f"group {number}",
            cases,
            "min" if batched is not None else "sum",
            verdict="worst",
            stop=True,
            requires=requires,
        )
        if batched is not None:
            batches.append(group.name)
        groups.append((group, points))
    if not tests:
        raise ProblemError(f"{INIT}: test_cases", "there is none")
    return tuple(tests), groups


def _batch(row: Values, batches: list[str], word: str) -> str:
    """The name of the batch with that number; batches count from 1, and only earlier ones can be needed."""
    if not word.isdecimal() or not 1 <= int(word[:9]) <= len(batches):
        raise row.fail("dependencies", f"there is no earlier batch number {word}")
    return batches[int(word) - 1]


def _test(name: str, row: Values, files: _Files, compare: Comparison) -> Test:
    for key in ("checker", "time_limit", "memory_limit"):
        if row.has(key):
            raise NotSupported(f"{row.place}: {key}", "one test with rules of its own is not supported")
    read = {key: files.get(row.text(key), row.place) if row.has(key) else b"" for key in ("in", "out")}
    return Test(name, read["in"], read["out"], compare=compare)


def _gated(name: str, members: list[tuple[Group, Fraction]]) -> Group:
    """A group that is worth nothing is a gate: when it fails, nothing after it is judged."""
    groups = [group for group, _ in members]
    for at, (group, points) in enumerate(members[:-1]):
        if points == 0:
            rest = _gated(f"after {group.name}", members[at + 1 :])
            rest = Group(rest.name, rest.members, requires=(group.name,), verdict="worst")
            return Group(name, (*groups[: at + 1], rest), verdict="worst")
    return Group(name, tuple(groups), verdict="worst")


def _submissions(package: Package, usual: ProblemLimits) -> Iterator[Submission]:
    for path in sorted(package.files):
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "tests" and parts[2] == "test.yml":
            values = read_yaml(package.files[path], path)
            folder = path.rsplit("/", 1)[0]
            sources = {name: package.files.get(f"{folder}/{name}", b"") for name in values.words("source")}
            language = dmoj_language(values.text("language"))
            refused = "" if language else f"the sandbox has no {values.text('language')}"
            limits = ProblemLimits(
                seconds=values.number("time", 2.0),
                memory_mib=max(1, values.whole("memory", 65536) // 1024),
                output_mib=usual.output_mib,
            )
            yield Submission(folder, Sources(sources, language), (_expected(values),), refused, limits)


def _expected(values: Values) -> Expected:
    words = values.words("expect")
    cases = values.words("cases") if isinstance(values.data.get("cases"), list) else ()
    named = {**WORDS, "SC": Judgement.SK, "PE": Judgement.WA, "IE": Judgement.JE, "IR": Judgement.RTE}
    if wrong := [word for word in (*words, *cases) if word not in named]:
        raise values.fail("expect", f"{wrong[0]!r} is no verdict that is known here")
    results = frozenset(named[word] for word in words)
    score = values.exact("points") if values.has("points") else values.exact("score")
    results |= {Judgement.NO} if Judgement.WA in results else set()
    return Expected(
        results, cases=tuple(named[word] for word in cases), score=None if score is None else (score, score)
    )
