"""`python -m sandbox run LANG FILE [--tests DIR]`: one program, as a candidate's, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sandbox import writing
from sandbox.engines.docker import DockerEngine
from sandbox.errors import InvalidJob
from sandbox.job import MAX_JOB_BYTES, MIB, Job, Limits, Outcome, Run, RunOutcome, Verdict
from sandbox.languages import LANGUAGES
from sandbox.run import run

Same = Callable[[bytes, bytes], bool]
ANSWERS = (".ans", ".out", ".a")


@dataclass(frozen=True)
class Test:
    """One test of a folder: NAME.in, with NAME.ans (or .out) beside it where the output is known."""

    run: Run
    answer: bytes | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = (
        f"LANG is one of {', '.join(LANGUAGES)}, or left out where FILE's ending says it; more files lie beside FILE"
    )
    parser.add_argument("words", metavar="LANG FILE", nargs="+", help=words)
    parser.add_argument(
        "--tests", type=Path, metavar="DIR", help="a folder of NAME.in and NAME.ans; else standard input"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="processor time of each run")
    parser.add_argument("--memory", type=int, default=256, help="MiB of each run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write how each run ended there as JSON")


def run_file(engine: DockerEngine, options: argparse.Namespace, same: Same) -> int:
    """Run a program and say how it ended; exits 0 when every run ended well, and as expected where that is known."""
    writing.check(options.json)
    tests = tuple(read_tests(options.tests)) if options.tests else None
    _job(options, tests or (Test(Run("run")),))  # what is wrong with it is said before anybody types its input
    engine.check_runtime()
    tests = tests or (Test(Run("run", _input())),)
    outcome = run(_job(options, tests), engine)
    if outcome.compile_log:
        print(outcome.compile_log, file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(as_json(outcome, tests, same), indent=1), encoding="utf-8")
    if options.tests:
        return _table(outcome, tests, same)
    one = outcome.runs[0]
    sys.stdout.buffer.write(one.stdout)
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(one.stderr)
    print(f"[{told(one)}]", file=sys.stderr)
    return 0 if one.verdict is Verdict.OK else 1


def told(one: RunOutcome) -> str:
    """How a run ended, in a line."""
    ended = f"signal {one.signal}" if one.signal else f"exit {one.exit_code}"
    return f"{one.verdict}: {ended}, {one.cpu_seconds:.3f} s of processor, {one.wall_seconds:.3f} s, {one.peak_bytes / MIB:.1f} MiB"


def read_tests(folder: Path) -> Iterator[Test]:
    """The folder's tests in the order of their names. Raises `InvalidJob` where there is none."""
    inputs = sorted(folder.glob("*.in")) if folder.is_dir() else []
    if not inputs:
        raise InvalidJob(f"{folder} holds no test: a test is a file NAME.in, and NAME.ans beside it")
    for file in inputs:
        answers = (file.with_suffix(ending) for ending in ANSWERS)
        answer = next((_read(one) for one in answers if one.exists()), None)
        yield Test(Run(file.stem, _read(file)), answer)


def _job(options: argparse.Namespace, tests: tuple[Test, ...]) -> Job:
    words: list[str] = options.words
    named = words[0] in LANGUAGES and len(words) > 1
    paths = [Path(word) for word in (words[1:] if named else words)]
    language = words[0] if named else language_of(paths[0])
    files = {path.name: _read(path) for path in paths}
    if len(files) < len(paths):
        raise InvalidJob("two of the files have the same name")
    limits = Limits(cpu_seconds=options.seconds, wall_seconds=3 * options.seconds, memory_bytes=options.memory * MIB)
    return Job(language, files, paths[0].name, tuple(test.run for test in tests), limits)


def language_of(path: Path) -> str:
    """The language that files with this ending are in. Raises `InvalidJob` where there is none."""
    for language in LANGUAGES.values():
        if path.suffix in language.suffixes:
            return language.name
    known = ", ".join(ending for language in LANGUAGES.values() for ending in language.suffixes)
    raise InvalidJob(f"{path} ends in none of {known}; name the language before the file")


def _read(path: Path) -> bytes:
    """A file, or what comes through a pipe. Raises `InvalidJob` where it is more than a job may have."""
    with path.open("rb") as file:
        return _bounded(file, str(path))


def _input() -> bytes:
    return b"" if sys.stdin is None or sys.stdin.isatty() else _bounded(sys.stdin.buffer, "standard input")


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(MAX_JOB_BYTES + 1)
    if len(data) > MAX_JOB_BYTES:
        raise InvalidJob(f"{name} has more than {MAX_JOB_BYTES // MIB} MiB")
    return data


def as_json(outcome: Outcome, tests: tuple[Test, ...], same: Same) -> dict[str, Any]:
    """Everything that is known, as JSON values; `expected` is None where the output is not known."""
    runs = [
        {
            **{key: value for key, value in asdict(one).items() if key != "files"},
            "stdout": one.stdout.decode(errors="replace"), "stderr": one.stderr.decode(errors="replace"),
            "expected": None if test.answer is None else one.verdict is Verdict.OK and same(one.stdout, test.answer),
        }
        for test, one in zip(tests, outcome.runs, strict=True)
    ]  # fmt: skip
    return {
        "runs": runs,
        "compile_log": outcome.compile_log,
        "compile_seconds": outcome.compile_seconds,
        "engine": asdict(outcome.engine),
    }


def _table(outcome: Outcome, tests: tuple[Test, ...], same: Same) -> int:
    good = 0
    for test, one in zip(tests, outcome.runs, strict=True):
        known = one.verdict is Verdict.OK and test.answer is not None
        right = not known or same(one.stdout, test.answer or b"")
        good += one.verdict is Verdict.OK and right
        said = ("as expected" if right else "another output than expected") if known else ""
        print(f"{one.name:20} {told(one):80} {said}".rstrip(), flush=True)
    print(
        f"{good} of {len(tests)} ended well"
        + (", with the output expected" if any(one.answer for one in tests) else "")
    )
    return 0 if good == len(tests) else 1
