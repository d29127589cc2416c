"""Kattis problem packages: the legacy format with DOMjudge's additions, and 2023-07 (also named 2025-09).

Facts from the published specifications of the format and from how DOMjudge imports such packages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from grading.programs.archive import MAX_FILE, Package
from grading.programs.compare import DEFAULT, Tokens, read_flags
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.expectations import our_language, read_submissions
from grading.programs.kattis_groups import DATA, Folder, domjudge_tree, folders, legacy_tree, modern_tree
from grading.programs.problem import Author, Problem, ProblemLimits, Test
from grading.programs.program import Sources
from grading.programs.values import Values, read_yaml

MODERN_VERSIONS = ("2023-07-draft", "2023-07", "2025-09-draft", "2025-09", "draft")
LEGACY_VERSIONS = ("legacy", "legacy-icpc")
TYPES = ("pass-fail", "scoring", "multi-pass", "interactive", "submit-answer")
DOMJUDGE_FILES = (
    ".timelimit",
    "domjudge-problem.ini",
    "submissions.json",
    "problem.pdf",
    "problem.html",
    "problem.txt",
)
DOMJUDGE_SECONDS = 10.0
MAX_TITLE = 200
_SCORE = re.compile(rb"@EXPECTED_SCORE@: *-?[\d.]+", re.IGNORECASE)
Flavour = Literal["kattis", "domjudge"]


@dataclass(frozen=True)
class _Kind:
    """What problem.yaml says of how a problem is judged."""

    scoring: bool
    interactive: bool
    multi_pass: bool
    custom: bool


def read_kattis(package: Package, flavour: Flavour | None = None) -> Problem:
    """Read a package. `flavour` None: DOMjudge's rules of scoring where something only DOMjudge has is in it.

    Raises `ProblemError` for what is wrong and `NotSupported` for what is right and not done here.
    """
    settings, place = Values({}, "problem.yaml"), "problem.yaml"
    if place in package.files:
        settings = read_yaml(package.files[place], place)
    elif "domjudge-problem.ini" not in package.files:
        raise ProblemError(package.name, "there is no problem.yaml in it")
    version = settings.text("problem_format_version", "legacy")
    if version not in (*MODERN_VERSIONS, *LEGACY_VERSIONS):
        raise NotSupported(place, f"problem_format_version {version!r} is not one that is read here")
    modern = version in MODERN_VERSIONS
    _refuse(package, settings)
    package = _with_constants(package, settings) if modern else package
    return _build(package, settings, flavour or _flavour(package, modern=modern), modern=modern)


def _build(package: Package, settings: Values, flavour: Flavour, *, modern: bool) -> Problem:
    kind = _kind(package, settings)
    ini = _ini(package)
    if special := [key for key in ("special_run", "special_compare") if ini.get(key)]:
        raise NotSupported("domjudge-problem.ini", f"{special[0]} names a program that is not in the package")
    author = _author(package, kind)
    root = folders(package)
    tests = _tests(package, root, settings, author)
    if not tests:
        raise ProblemError("data", "there is no test in it: an input NAME.in with its answer NAME.ans")
    old_groups = any(path.endswith("/testdata.yaml") for path in package.files)
    if flavour == "domjudge":
        tree = domjudge_tree(root, scoring=kind.scoring)
    elif modern and not old_groups:
        tree = modern_tree(root, scoring=kind.scoring)
    else:
        tree = legacy_tree(root)
    return Problem(
        name=_name(settings, ini, package),
        tests=tests,
        tree=tree,
        author=author,
        scoring=kind.scoring,
        multi_pass=kind.multi_pass,
        limits=_limits(package, settings, ini, flavour, modern=modern),
        languages=_languages(settings),
        include=_include(package),
        submissions=read_submissions(package, modern=modern),
        statement=_statement(package),
        flavour=flavour,
        stop_early=not modern,
        notes=_notes(package, root),
    )


def _refuse(package: Package, settings: Values) -> None:
    if any(path.startswith(("static_validator/", "static_validators/")) for path in package.files):
        raise NotSupported("static_validator", "programs that judge a source instead of an output are not run here")
    if any(path.startswith("graders/") for path in package.files):
        raise NotSupported(
            "graders", "a grader of the package's own is not run here; the default grader's rules are followed"
        )
    if settings.has("grading") and settings.inner("grading").text("objective", "max") == "min":
        raise NotSupported("problem.yaml: grading", "scores that are better when smaller cannot become points")
    for path, why in package.left_out.items():
        if path.startswith(("data/", "output_validator", "include/")):
            raise ProblemError(path, why)


def _kind(package: Package, settings: Values) -> _Kind:
    words = settings.words("type") or ("pass-fail",)
    if wrong := [word for word in words if word not in TYPES]:
        raise settings.fail("type", f"{wrong[0]!r} is none of {', '.join(TYPES)}")
    if "submit-answer" in words:
        raise NotSupported("problem.yaml: type", "answers that are submitted instead of a program are not judged here")
    validation = settings.words("validation") or ("default",)
    if wrong := [
        word for word in validation if word not in ("default", "custom", "interactive", "multi-pass", "score")
    ]:
        raise settings.fail("validation", f"{wrong[0]!r} is not known here")
    custom = "custom" in validation or any(path.startswith("output_validator/") for path in package.files)
    interactive = "interactive" in words or "interactive" in validation
    multi_pass = "multi-pass" in words or "multi-pass" in validation
    return _Kind("scoring" in words, interactive, multi_pass, custom or interactive or multi_pass)


def _author(package: Package, kind: _Kind) -> Author | None:
    if not kind.custom:
        return None
    files = package.below("output_validator") or package.below("output_validators")
    while files and len(tops := {name.split("/", 1)[0] for name in files}) == 1 and all("/" in name for name in files):
        (top,) = tops
        files = {name.removeprefix(f"{top}/"): data for name, data in files.items()}
    if not files:
        raise ProblemError("output_validators", "the problem needs an output validator of its own, and there is none")
    if "build" in files:
        raise NotSupported(
            "output_validators", "its build script is not run; only single-language programs are compiled here"
        )
    if len({name.split("/", 1)[0] for name in files if "/" in name}) > 1:
        raise NotSupported("output_validators", "more than one output validator is not supported")
    program = Sources(files).found()
    if program is None:
        raise NotSupported("output_validators", f"no file of it tells a language: {', '.join(sorted(files)[:5])}")
    return Author(program, "interactor" if kind.interactive else "checker")


def _tests(package: Package, root: Folder, settings: Values, author: Author | None) -> tuple[Test, ...]:
    flags = settings.words("validator_flags")
    top = [folder for name in ("sample", "secret") for folder in root.folders if folder.name == f"{DATA}/{name}"]
    paths = [path for one in top for path in sorted(one.all_tests())]
    return tuple(_test(package, path, root, flags, author) for path in paths)


def _test(package: Package, path: str, root: Folder, flags: tuple[str, ...], author: Author | None) -> Test:
    """One test; what it says itself goes before what its folder says, and that before problem.yaml."""
    own = read_yaml(package.files.get(f"{path}.yaml", b""), f"{path}.yaml")
    above = root.settings_above(path)
    args = own.words("args") if own.has("args") else above.words("args")
    key = next(
        (one for one in ("output_validator_args", "output_validator_flags") if own.has(one) or above.has(one)), ""
    )
    if key:
        flags = (own if own.has(key) else above).words(key)
    compare = read_flags(flags, above.place if key else "problem.yaml: validator_flags") if author is None else DEFAULT
    return Test(
        name=path.removeprefix(f"{DATA}/"),
        input=package.files[f"{path}.in"],
        answer=package.files[f"{path}.ans"],
        sample=path.startswith(f"{DATA}/sample/"),
        args=args,
        files=package.below(f"{path}.files"),
        compare=compare if isinstance(compare, Tokens) else DEFAULT,
        checker_args=flags if author is not None else (),
    )


def _limits(
    package: Package, settings: Values, ini: Mapping[str, str], flavour: Flavour, *, modern: bool
) -> ProblemLimits:
    own = ProblemLimits()
    limits = settings.inner("limits")
    alone = Values(
        {
            "seconds": ini.get("timelimit")
            or package.files.get(".timelimit", b"").decode(errors="replace").strip()
            or None
        },
        "the time limit",
    )
    seconds: float | None = limits.number("time_limit", alone.number("seconds", 0, most=3600), most=3600) or None
    factors = limits.inner("time_multipliers")
    factor = (
        factors.number("ac_to_time_limit", 2.0, most=1000)
        if modern
        else limits.number("time_multiplier", own.to_slowest, most=1000)
    )
    return ProblemLimits(
        seconds=seconds or (DOMJUDGE_SECONDS if flavour == "domjudge" else None),
        memory_mib=limits.whole("memory", own.memory_mib, most=1024 * 1024),
        output_mib=limits.whole("output", own.output_mib, most=1024),
        passes=limits.whole("validation_passes", own.passes, least=1, most=1000),
        check_seconds=limits.number("validation_time", own.check_seconds, most=3600),
        check_memory_mib=limits.whole("validation_memory", own.check_memory_mib, most=1024 * 1024),
        to_slowest=factor,
        resolution=limits.number("time_resolution", own.resolution, above=0.0001, most=3600),
    )


def _ini(package: Package) -> dict[str, str]:
    """`key = "value"` lines of DOMjudge."""
    lines = package.files.get("domjudge-problem.ini", b"").decode(errors="replace").splitlines()
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith((";", "#", "["))]
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def _name(settings: Values, ini: Mapping[str, str], package: Package) -> str:
    if isinstance(settings.data.get("name"), Mapping):
        names = settings.inner("name")
        key = "en" if names.has("en") else next((str(key) for key in names.data), "")
        name = names.text(key)
    else:
        name = settings.text("name") or ini.get("name", "")
    return " ".join(name.split())[:MAX_TITLE] or package.name


def _languages(settings: Values) -> tuple[str, ...]:
    words = settings.words("languages")
    return () if words in ((), ("all",)) else tuple(filter(None, (our_language(word) for word in words)))


def _include(package: Package) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {}
    for path, data in package.below("include").items():
        code, _, name = path.partition("/")
        language = "default" if code == "default" else our_language(code)
        if language and name:
            found.setdefault(language, {})[name] = data
    return found


def _statement(package: Package) -> str:
    """The statement, where it is text: in English if there is one."""
    found = [
        path
        for path in sorted(package.files)
        if re.fullmatch(r"(problem_statement|statement)/problem(\.[\w-]+)?\.(md|tex)", path)
    ]
    found.sort(key=lambda path: (".en." not in path, path.count(".") != 1))
    return package.files[found[0]].decode(errors="replace") if found else ""


def _flavour(package: Package, *, modern: bool) -> Flavour:
    if modern:
        return "kattis"
    marked = any(name in package.files or name in package.left_out for name in DOMJUDGE_FILES)
    scored = any(path.startswith("submissions/") and _SCORE.search(data) for path, data in package.files.items())
    return "domjudge" if marked or scored else "kattis"


def _with_constants(package: Package, settings: Values) -> Package:
    """Names in double braces become their values, in programs and in the settings of groups."""
    constants = settings.inner("constants").data
    if not constants:
        return package
    values = {f"{{{{{key}}}}}".encode(): settings.inner("constants").text(key).encode() for key in constants}
    names = re.compile(b"|".join(re.escape(name) for name in values))
    parts = ("output_validator/", "include/", "submissions/")
    files = {
        path: _filled(names, values, path, data)
        if path.startswith(parts) or path.endswith("/test_group.yaml") else data
        for path, data in package.files.items()
    }  # fmt: skip
    return replace(package, files=files)


def _filled(names: re.Pattern[bytes], values: Mapping[bytes, bytes], path: str, data: bytes) -> bytes:
    size = len(data) + sum(len(values[found[0]]) - len(found[0]) for found in names.finditer(data))
    if size > MAX_FILE:
        raise ProblemError(path, f"with its constants filled in it would have more than {MAX_FILE // 2**20} MiB")
    return names.sub(lambda found: values[found[0]], data)


def _notes(package: Package, root: Folder) -> tuple[str, ...]:
    notes = [
        f"{path} was not read: {why}" for path, why in package.left_out.items() if not path.startswith("submissions/")
    ]
    notes += [f"{path} has an answer and no input" for path in root.lonely]
    for folder in ("input_validators", "input_validator", "output_visualizer", "generators"):
        if any(path.startswith(f"{folder}/") for path in package.files):
            notes.append(f"{folder} is not used")
    return tuple(notes)
