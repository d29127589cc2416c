"""`python -m sandbox judge PACKAGE...`: judge the submissions that come with a problem, and compare with what they should end in."""

from __future__ import annotations

import argparse
import fnmatch
import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grading.programs.archive import read_file, read_folder
from grading.programs.checker import number
from grading.programs.errors import ProblemError
from grading.programs.judge import DEFAULT_SECONDS, Judged, jobs, program_of, start, step, verdict
from grading.programs.matching import agrees, names, shown
from grading.programs.problem import Expected, Problem, Submission
from grading.programs.program import Program, Sources
from grading.programs.readers import read_problems
from grading.programs.verdict import Judgement
from sandbox import writing
from sandbox.errors import InvalidJob, SandboxFailure
from sandbox.job import BOUNDS, Result, Work

Runner = Callable[[Work], Result]
MOST_WORKERS = 256
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Line:
    """One submission and what came of it. `left_out` says why it was not judged; `broke` why it could not be."""

    problem: str
    submission: Submission
    judged: Judged | None = None
    differences: tuple[str, ...] = ()
    left_out: str = ""
    broke: str = ""
    seconds: float = 0.0

    @property
    def mark(self) -> str:
        if self.broke or (self.judged and self.judged.judgement is Judgement.JE and not self._break_expected()):
            return "BROKE"
        if self.left_out:
            return "ok" if self._refusal_expected() else "left"
        if self.differences:
            return "DIFF"
        return "ok" if any(one.asks() for one in self.submission.expected) else "look"

    def _break_expected(self) -> bool:
        return any(Judgement.JE in one.results for one in self.submission.expected)

    def _refusal_expected(self) -> bool:
        return any(one.refused for one in self.submission.expected)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "packages",
        type=Path,
        nargs="+",
        metavar="PACKAGE",
        help="a folder or an archive; a folder of packages; a CodeRunner XML file",
    )
    parser.add_argument(
        "--submissions",
        nargs="*",
        default=[],
        metavar="NAME",
        help="only these: names or patterns below submissions/, or other files and folders; all where none is named",
    )
    parser.add_argument(
        "--scoring",
        choices=("auto", "kattis", "domjudge"),
        default="auto",
        help="whose rules a package's scores follow",
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=DEFAULT_SECONDS,
        help="time limit where the package has none and no accepted submission shows one",
    )
    parser.add_argument("--workers", type=_workers, default=os.cpu_count() or 1, help="submissions judged at once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as JSON")


def _seconds(text: str) -> float:
    """For argparse, which tells what the exception says."""
    least, most = BOUNDS["cpu_seconds"]
    value = number(text)
    if value is None or not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no number of seconds from {least:g} to {most:g}")
    return float(value)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no whole number from 1 to {MOST_WORKERS}")
    return int(text[:9])


def judge(run: Runner, options: argparse.Namespace) -> int:
    """Judge a problem package's submissions; 0 when all ended as expected, 1 when one did not, 2 where one could not be judged.

    Raises `OSError` where the report could not be written.
    """
    writing.check(options.json)
    lines: list[Line] = []
    could_not = False
    unknown = set(options.submissions)
    for path in _packages(options.packages):
        try:
            problems = read_problems(path, options.scoring)
        except (ProblemError, OSError) as error:
            _say(f"{path}: {error}", sys.stderr)
            could_not = True
            continue
        could_not = could_not or all(isinstance(problem, ProblemError) for problem in problems)
        for problem in problems:
            if isinstance(problem, ProblemError):
                _say(f"\nleft out: {problem}", sys.stderr)
            else:
                done, found = _judge_problem(run, problem, options)
                lines.extend(done)
                unknown -= found
    for name in sorted(unknown):
        _say(f"no submission is named {name}", sys.stderr)
    _say(matrix(lines))
    _say(summary(lines))
    if options.json:
        options.json.write_text(json.dumps([as_json(line) for line in lines], indent=1), encoding="utf-8")
    if could_not or unknown or any(line.broke for line in lines):
        return 2
    return int(any(line.mark in ("DIFF", "BROKE") for line in lines))


def _packages(paths: Iterable[Path]) -> Iterator[Path]:
    """Each path, or the packages that lie in it when it is none itself."""
    for path in paths:
        inside = [one for one in sorted(path.iterdir()) if one.is_dir() and _is_package(one)] if path.is_dir() else []
        yield from inside if inside and not _is_package(path) else [path]


def _is_package(path: Path) -> bool:
    return any((path / name).is_file() for name in ("problem.yaml", "init.yml", "domjudge-problem.ini"))


def _judge_problem(run: Runner, problem: Problem, options: argparse.Namespace) -> tuple[list[Line], set[str]]:
    """What came of its submissions, and which of the names that were asked for it has."""
    _say(
        f"\n{problem.name}: {len(problem.tests)} tests, {len(problem.submissions)} submissions, scored by the rules of {problem.flavour}"
    )
    for note in problem.notes:
        _say(f"  note: {note}")
    picked, found = _picked(problem, options.submissions)
    if not picked:
        return [], found
    seconds = _time_limit(run, problem, options) if problem.limits.seconds is None else problem.limits.seconds
    done: list[Line] = []
    with ThreadPoolExecutor(max(1, options.workers)) as pool:
        waiting = [pool.submit(judge_one, run, problem, submission, seconds) for submission in picked]
        for number, future in enumerate(as_completed(waiting), 1):
            line = future.result()
            done.append(line)
            _say(f"  [{number}/{len(picked)}] {described(line)}")
    return sorted(done, key=lambda line: line.submission.name), found


def _picked(problem: Problem, wanted: Sequence[str]) -> tuple[list[Submission], set[str]]:
    if not wanted:
        return list(problem.submissions), set()
    picked: dict[str, Submission] = {}
    found: set[str] = set()
    for pattern in wanted:
        plain = pattern.rstrip("/").removeprefix("submissions/")
        ours = [
            one
            for one in problem.submissions
            if one.name == plain or one.name.startswith(f"{plain}/") or fnmatch.fnmatchcase(one.name, plain)
        ]
        if not ours and (path := Path(pattern)).exists():
            package = read_folder(path) if path.is_dir() else read_file(path)
            ours = [Submission(pattern, Sources(dict(package.files)))]
        if ours:
            found.add(pattern)
        picked.update({one.name: one for one in ours})
    return list(picked.values()), found


def _time_limit(run: Runner, problem: Problem, options: argparse.Namespace) -> float:
    """A multiple of what the slowest accepted submission needs, as the format asks where a package says nothing."""
    slowest = 0.0
    for one in problem.submissions:
        if one.name.startswith("accepted/"):
            line = judge_one(run, problem, one, options.seconds)
            if line.judged and line.judged.judgement is Judgement.AC:
                slowest = max(slowest, *(test.cpu_seconds for test in line.judged.tests))
    limits = problem.limits
    found = max(1.0, math.ceil(slowest * limits.to_slowest / limits.resolution) * limits.resolution)
    seconds = found if slowest else options.seconds
    _say(f"  time limit {seconds:g} s: {limits.to_slowest:g} times the slowest accepted submission ({slowest:.2f} s)")
    return float(seconds)


def judge_one(run: Runner, problem: Problem, submission: Submission, seconds: float) -> Line:
    """One submission from its sources to its differences. Never raises for what the submission or the sandbox does."""
    started = time.monotonic()
    program = program_of(problem, submission)
    if isinstance(program, str):
        return Line(problem.name, submission, left_out=program)
    if submission.limits:
        problem = replace(problem, limits=submission.limits)
    try:
        judged = _judged(run, problem, program, seconds)
    except InvalidJob as error:
        return Line(problem.name, submission, left_out=str(error))
    except (SandboxFailure, ProblemError) as error:
        return Line(problem.name, submission, broke=str(error), seconds=time.monotonic() - started)
    differences = agrees(submission.expected, problem, judged)
    if any(one.refused for one in submission.expected):
        differences.append("it was judged, and should have been refused")
    return Line(problem.name, submission, judged, tuple(differences), seconds=time.monotonic() - started)


def _judged(run: Runner, problem: Problem, program: Program, seconds: float) -> Judged:
    state = start(problem, program, seconds)
    while works := jobs(state):
        state = step(state, [run(work) for work in works])
    return verdict(state)


# --- what is said ---------------------------------------------------------------------------------------------------


def described(line: Line) -> str:
    name = f"{line.mark:5} {line.submission.name}"
    if line.broke or line.left_out:
        return f"{name}: {line.broke or line.left_out}"
    judged = line.judged
    assert judged is not None
    score = "" if judged.score is None else f" {shown(judged.score)} points"
    slowest = max((test.cpu_seconds for test in judged.tests), default=0.0)
    said = f"{name}: {judged.judgement}{score}, expected {wanted(line.submission.expected)}, slowest {slowest:.2f} s, took {line.seconds:.1f} s"
    return said + "".join(f"\n          {reason}" for reason in (*line.differences, *judged.problems[:3]))


def wanted(expected: Sequence[Expected]) -> str:
    """What was expected, in a few words."""
    return "; ".join(filter(None, map(_wanted, expected))) or "nothing"


def _wanted(one: Expected) -> str:
    parts = [names(one.results)] if one.results else []
    parts += [f"all {names(one.permitted)}"] if one.permitted else []
    parts += [f"some {names(one.required)}"] if one.required else []
    parts += ["cases"] if one.cases else []
    parts += ["score"] if one.score is not None else []
    parts += ["partial score"] if one.partial else []
    parts += ["grades"] if one.grades else []
    parts += ["groups"] if one.groups else []
    parts += ["message"] if one.message else []
    parts += ["a refusal"] if one.refused else []
    parts += ["a look"] if one.manual else []
    return ", ".join(parts)


def matrix(lines: Sequence[Line]) -> str:
    """Expected x got, with the number of differences in brackets where there are any."""
    cells: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        got = (
            line.judged.judgement.value
            if line.judged
            else "broke"
            if line.broke
            else "refused"
            if line.mark == "ok"
            else ""
        )
        if got:
            cells.setdefault((wanted(line.submission.expected), got), []).append(line)
    rows, columns = (sorted({key[part] for key in cells}) for part in (0, 1))
    if not rows:
        return "\nNothing was judged."
    width = max(len("expected"), *map(len, rows))
    head = f"\n{'expected':{width}}  " + "".join(f"{column:>10}" for column in columns)
    body = (
        f"{row:{width}}  " + "".join(f"{_cell(cells.get((row, column), [])):>10}" for column in columns) for row in rows
    )
    return "\n".join([head, *body])


def _cell(lines: Sequence[Line]) -> str:
    wrong = sum(line.mark in ("DIFF", "BROKE") for line in lines)
    return f"{len(lines)} ({wrong}!)" if wrong else str(len(lines) or ".")


def summary(lines: Sequence[Line]) -> str:
    count: Mapping[str, int] = {
        mark: sum(line.mark == mark for line in lines) for mark in ("ok", "DIFF", "BROKE", "look", "left")
    }
    left: dict[str, int] = {}
    for line in lines:
        if line.mark == "left":
            left[line.left_out] = left.get(line.left_out, 0) + 1
    said = f"{count['ok']} of {count['ok'] + count['DIFF'] + count['BROKE']} ended as expected; {count['DIFF']} differ, {count['BROKE']} broke; {count['look']} to be looked at, {count['left']} left out"
    return "\n".join([f"\n{said}", *(f"  left out: {number} because {why}" for why, number in sorted(left.items()))])


def as_json(line: Line) -> dict[str, Any]:
    judged = line.judged
    return {
        "problem": line.problem,
        "submission": line.submission.name,
        "mark": line.mark,
        "expected": wanted(line.submission.expected),
        "left_out": line.left_out,
        "broke": line.broke,
        "differences": list(line.differences),
        "seconds": round(line.seconds, 3),
        "verdict": judged.judgement.value if judged else None,
        "score": None if judged is None or judged.score is None else str(judged.score),
        "compile_log": judged.compile_log if judged else "",
        "problems": list(judged.problems) if judged else [],
        "tests": [
            {
                "name": one.test.name, "verdict": one.judgement.value, "cpu_seconds": round(one.cpu_seconds, 3),
                "wall_seconds": round(one.wall_seconds, 3), "peak_bytes": one.peak_bytes, "passes": one.passes,
                "message": one.message,
            }
            for one in (judged.tests if judged else ())
        ],
    }  # fmt: skip


def _say(text: str, to: Any = None) -> None:
    """What a package says goes to a terminal as text, never as orders to it."""
    print(HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), file=to or sys.stdout, flush=True)
