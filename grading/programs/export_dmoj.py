"""A problem as DMOJ's init.yml and its files."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import yaml

from grading.programs.compare import Comparison, Exact, Lines, Tokens, Unordered
from grading.programs.errors import NotSupported
from grading.programs.export_groups import exact
from grading.programs.problem import Problem
from grading.programs.scoring import Group

LANGUAGES = {
    "python": "PY3",
    "c": "C",
    "cpp": "CPP17",
    "java": "JAVA",
    "javascript": "V8JS",
    "rust": "RUST",
    "go": "GO",
}
TYPES = {"plain": "default", "testlib": "testlib", "coci": "coci"}
Row = dict[str, object]


def dmoj_files(problem: Problem) -> dict[str, bytes]:
    """Raises `NotSupported` for what init.yml cannot say."""
    if problem.include or problem.multi_pass or problem.languages or problem.statement:
        raise NotSupported(
            "problem", "files for each submission, passes, languages and statements are not known to init.yml"
        )
    if problem.submissions:
        raise NotSupported("submissions", "init.yml knows no submissions")
    files: dict[str, bytes] = {}
    settings: Row = {
        "time_limit": problem.limits.seconds,
        "memory_limit": problem.limits.memory_mib * 1024,
        "output_limit_length": problem.limits.output_mib * 1024 * 1024,
    }
    settings |= _judged(problem, files)
    rows = list(_rows(problem, problem.tree))
    settings["test_cases"] = rows
    for test in problem.tests:
        if test.args or test.files or test.checker_args or test.sample:
            raise NotSupported("tests", "arguments, files and samples are not known to init.yml")
        files |= {_file(test.name, "in"): test.input, _file(test.name, "out"): test.answer}
    return {"init.yml": yaml.safe_dump(settings, sort_keys=False).encode(), **files}


def _file(name: str, ending: str) -> str:
    return f"{name.replace('/', '.')}.{ending}"


def _judged(problem: Problem, files: dict[str, bytes]) -> Row:
    if problem.author is None:
        compare = {test.compare for test in problem.tests}
        if len(compare) != 1:
            raise NotSupported("tests", "tests that are compared in different ways are not known to init.yml")
        return {"checker": _checker(*compare)}
    program, protocol = problem.author.program, problem.author.protocol
    if protocol not in TYPES or program.args or program.language not in LANGUAGES:
        raise NotSupported("author", "this kind of checker is not known to DMOJ")
    files |= program.files
    names = [program.entry, *(name for name in program.files if name != program.entry)]
    said = {"files": names, "lang": LANGUAGES[program.language], "type": TYPES[protocol]}
    return {"interactive": said} if problem.interactive else {"checker": {"name": "bridged", "args": said}}


def _checker(compare: Comparison) -> object:
    named: dict[Comparison, object] = {
        Lines(by_words=True): "standard",
        Exact(strict=True): "identical",
        Lines(): "rstripped",
        Unordered("letters"): "easy",
        Unordered("lines"): "sorted",
        Unordered("words"): "unordered",
    }
    if compare in named:
        return named[compare]
    if isinstance(compare, Tokens):
        values = {value for value in (compare.absolute, compare.relative) if value is not None}
        if len(values) == 1:
            places = -next(iter(values)).adjusted()
            mode = "relative" if compare.absolute is None else "absolute" if compare.relative is None else "default"
            return {"name": "floats", "args": {"precision": places, "error_mode": mode}}
    raise NotSupported("tests", "this way of comparing outputs is not known to DMOJ")


def _rows(problem: Problem, tree: Group) -> Iterator[Row]:
    """The rows in order; what stands behind a gate stands after it."""
    batches = [group.name for group in problem.tree.groups() if group.aggregate == "min"]
    for member in tree.members:
        if not isinstance(member, Group):
            raise NotSupported("tree", "DMOJ knows single tests and batches of them, each a group of its own")
        if member.name.startswith("after "):
            yield from _rows(problem, member)
            continue
        points = {case.points for case in member.cases()} or {Fraction(0)}
        row: Row = {"points": exact(next(iter(points)))}
        cases: list[Row] = [{"in": _file(case.name, "in"), "out": _file(case.name, "out")} for case in member.cases()]
        row |= {"batched": cases} if member.aggregate == "min" else cases[0]
        if needed := [batches.index(name) + 1 for name in member.requires if name in batches]:
            row["dependencies"] = needed
        yield row
