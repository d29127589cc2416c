"""A problem package as a code item: what an author pastes into an exam. Pure; refuses what would be judged otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grading.kinds.code.reading import MAX_TESTS
from grading.kinds.code.values import MAX_CHARS
from grading.programs.compare import Exact, Lines, Tokens
from grading.programs.errors import NotSupported
from grading.programs.judge import program_of
from grading.programs.problem import Author, Problem, Test
from grading.programs.program import Program
from grading.programs.scoring import Case, Group
from sandbox.job import BOUNDS
from sandbox.languages import LANGUAGES

SECONDS = 2.0  # where a package leaves the limit to be found
USUAL = ("python", "c", "cpp", "java", "javascript")


@dataclass(frozen=True)
class Imported:
    """The item as an exam file has it, and what its author should know: what was left out or counts otherwise here."""

    data: dict[str, Any]
    notes: tuple[str, ...] = ()


def item_of(problem: Problem, points: float, languages: Sequence[str] = ()) -> Imported:
    """Raises `NotSupported` with the part that a code item cannot say."""
    _refuse(problem)
    tests = _named(problem)
    allowed = tuple(languages) or problem.languages or USUAL
    groups, notes = list(_groups(problem, points, tests)), list(problem.notes)
    compare, said = _comparison(problem)
    notes += said
    data: dict[str, Any] = {
        "id": re.sub(r"[^a-z0-9]+", "-", problem.name.lower()).strip("-")[:40] or "problem",
        "kind": "code",
        "title": problem.name[:200],
        "prompt": problem.statement.strip() or problem.name,
        "points": points,
        "languages": list(allowed),
        **compare,
    }
    if problem.author:
        data[problem.author.role] = _author(problem.author)
    data["limits"] = _limits(problem)
    data["tests"] = [_test(test, tests[test.name]) for test in problem.tests]
    if groups:
        data["groups"] = groups
    reference = next(filter(None, (_reference(problem, one.name, allowed) for one in problem.submissions)), None)
    if reference:
        data["reference"] = reference
    else:
        notes.append("no accepted submission of one file in these languages: give it a reference solution")
    if given := problem.include.get("default"):
        data["given"] = {name: _text(text, name) for name, text in given.items()}
    return Imported(data, tuple(notes))


def _refuse(problem: Problem) -> None:
    if problem.multi_pass:
        raise NotSupported(problem.name, "an item runs a program once for each test, not in several passes")
    if len(problem.tests) > MAX_TESTS:
        raise NotSupported(problem.name, f"it has {len(problem.tests)} tests, and an item at most {MAX_TESTS}")
    if any(language != "default" for language in problem.include):
        raise NotSupported(f"{problem.name}: include", "files for one language only are not given to candidates here")
    for test in problem.tests:
        if test.args or (problem.author and test.checker_args):
            raise NotSupported(f"{problem.name}: {test.name}", "a test of an item has no arguments")
        if test.compare != problem.tests[0].compare:
            raise NotSupported(f"{problem.name}: {test.name}", "all tests of an item are compared in the same way")


def _named(problem: Problem) -> dict[str, str]:
    """Names as people read them: without the folders' common start."""
    return {test.name: test.name.removeprefix("secret/").replace("/", " ")[:120] for test in problem.tests}


def _test(test: Test, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "stdin": _text(test.input, test.name),
        "expect": _text(test.answer, test.name),
    }
    if test.files:
        found["files"] = {path: _text(data, f"{test.name}: {path}") for path, data in test.files.items()}
    return found if test.sample else {**found, "hidden": True}


def _text(data: bytes, place: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotSupported(place, "an item's tests and files are text, and this is none") from error


def _comparison(problem: Problem) -> tuple[dict[str, Any], list[str]]:
    how = problem.tests[0].compare
    if problem.author:
        return ({"compare": "checker"} if problem.author.role == "checker" else {}), []
    if isinstance(how, Exact):
        return {"compare": "exact"}, []
    if isinstance(how, Lines) and how.case_sensitive:
        return {}, ["outputs are compared word by word: line ends count no more than blanks"]
    if isinstance(how, Tokens) and not how.space_sensitive:
        notes = (
            [] if how.case_sensitive else ["capitals and small letters differ here, which they do not in the package"]
        )
        if how.absolute is None and how.relative is None:
            return {}, notes
        if how.absolute == how.relative and how.absolute is not None:
            return {"compare": "float", "tolerance": float(how.absolute)}, notes
    raise NotSupported(f"{problem.name}: the comparison", f"an item cannot compare outputs like this: {how}")


def _limits(problem: Problem) -> dict[str, Any]:
    limits = problem.limits.limits("", problem.limits.seconds or SECONDS)
    return {
        "cpu_seconds": limits.cpu_seconds,
        "wall_seconds": limits.wall_seconds,
        "memory_mib": min(limits.memory_bytes, int(BOUNDS["memory_bytes"][1])) // 2**20,
        "output_kib": min(limits.output_bytes // 1024, 8192),
    }


def _author(author: Author) -> dict[str, Any]:
    if author.program.args:
        raise NotSupported(author.role, "a checker of an item has no arguments of its own")
    return {**_program(author.program, author.role), "protocol": author.protocol}


def _program(program: Program, place: str) -> dict[str, Any]:
    """With the entry called as an item's programs are."""
    main = LANGUAGES[program.language].main if program.language in LANGUAGES else ""
    if (
        not main
        or (program.language == "java" and program.entry != main)
        or (main in program.files and program.entry != main)
    ):
        raise NotSupported(
            place, f"its main file is {program.entry!r}, and an item's is {main or 'in a language here'}"
        )
    files = {main if name == program.entry else name: _text(data, name) for name, data in program.files.items()}
    told = {"source": files[main]} if len(files) == 1 else {"files": files}
    return {"language": program.language, **told}


def _reference(problem: Problem, name: str, allowed: Sequence[str]) -> dict[str, Any] | None:
    submission = next(one for one in problem.submissions if one.name == name)
    if not name.startswith("accepted/"):
        return None
    program = program_of(problem, submission)
    if isinstance(program, str) or program.language not in allowed or len(program.files) > 1:
        return None
    try:
        found = _program(program, name)
    except NotSupported:
        return None
    return found if len(found.get("source", "")) <= MAX_CHARS else None


def _groups(problem: Problem, points: float, names: dict[str, str]) -> Iterator[dict[str, Any]]:
    samples = {test.name for test in problem.tests if test.sample}
    if not problem.scoring:
        hidden = [names[test.name] for test in problem.tests if not test.sample]
        yield {"name": "all", "rule": "all", "points": points, "tests": hidden or list(names.values())}
        return
    parts = [one for one in _leaves(problem.tree) if not {case.name for case in one.cases()} <= samples]
    worth = [_worth(one) for one in parts]
    whole = sum(worth, Fraction(0))
    if whole <= 0:
        raise NotSupported(problem.tree.name, "its tests are worth nothing")
    known = {one.name for one in parts}
    for one, part in zip(parts, worth, strict=True):
        if missing := set(one.requires) - known:
            raise NotSupported(one.name, f"it needs {min(missing)!r}, which is no group of an item")
        rule = "sum" if len(tuple(one.cases())) == 1 and one.aggregate != "all" else one.aggregate
        found = {"name": one.name, "rule": rule, "points": float(part / whole * Fraction(points))}
        found["tests"] = [names[case.name] for case in one.cases()]
        yield {**found, "needs": list(one.requires)} if one.requires else found


def _leaves(group: Group) -> Iterator[Group]:
    """The groups that hold tests, where those above only add up."""
    inner = [member for member in group.members if isinstance(member, Group) and member.name not in group.uncounted]
    cases = [member for member in group.members if isinstance(member, Case) and member.name not in group.uncounted]
    if inner and (cases or group.aggregate != "sum" or group.requires):
        raise NotSupported(group.name, "groups of an item lie side by side and add up")
    for one in inner:
        yield from _leaves(one)
    if cases and not inner:
        yield group


def _worth(group: Group) -> Fraction:
    cases = tuple(group.cases())
    values = {case.points for case in cases}
    if any(case.scored or case.rejected for case in cases):
        raise NotSupported(group.name, "tests whose points a program decides, or that give points when wrong")
    if group.aggregate == "all":
        return group.points
    if len(values) > 1 or group.aggregate not in ("sum", "min"):
        raise NotSupported(group.name, "tests of one group are worth the same, and add up or count as the worst")
    if group.stop and group.aggregate == "sum" and len(cases) > 1:
        raise NotSupported(group.name, "tests after the first that fails would count here")
    (each,) = values
    return each * len(cases) if group.aggregate == "sum" else each
