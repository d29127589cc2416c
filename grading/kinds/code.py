"""A program that is run against tests in the sandbox; each test that passes earns its points.

A test gives its `stdin` to the program and compares what it prints with `expect`. Candidates see the tests that
are not `hidden`. Leave `points` out of all tests and each counts the same; give them to all, and they add up to
the item's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from grading.compare import Compare, same_output
from grading.kinds.base import Common, Item, Response, read_text
from grading.mark import Grade, Graded, Tools, Ungraded
from grading.reading import Fields, Path, unique
from sandbox.job import BOUNDS, Job, Limits, Outcome, Run, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

MAX_CHARS = 64_000
SHOWN_CHARS = 400
MIB = 1024 * 1024

ENDINGS: dict[Verdict, str] = {
    Verdict.RUNTIME_ERROR: "the program stopped with an error",
    Verdict.TIME_LIMIT: "the program used more computing time than allowed",
    Verdict.WALL_LIMIT: "the program did not finish in time",
    Verdict.MEMORY_LIMIT: "the program used more memory than allowed",
    Verdict.OUTPUT_LIMIT: "the program printed more than allowed",
}


@dataclass(frozen=True)
class Test:
    """One input and the output it must lead to. `points` 0 means an equal share."""

    name: str
    expect: str
    stdin: str = ""
    hidden: bool = False
    points: float = 0.0


@dataclass(frozen=True)
class CodeLimits:
    """What one test run may use, in units that authors think in."""

    cpu_seconds: float = 2.0
    wall_seconds: float = 6.0
    memory_mib: int = 256
    processes: int = 64
    output_kib: int = 1024

    def limits(self) -> Limits:
        return Limits(
            cpu_seconds=self.cpu_seconds,
            wall_seconds=self.wall_seconds,
            memory_bytes=self.memory_mib * MIB,
            pids=self.processes,
            output_bytes=self.output_kib * 1024,
        )


@dataclass(frozen=True, kw_only=True)
class Code(Item):
    """`compare` and `tolerance` are explained at `grading.compare.same_output`."""

    kind: ClassVar[str] = "code"
    language: str
    tests: tuple[Test, ...]
    starter: str = ""
    compare: Compare = "tokens"
    tolerance: float = 1e-6
    limits: CodeLimits = CodeLimits()

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        return cls(
            **common,
            language=fields.one_of("language", tuple(LANGUAGES)),
            tests=_tests(fields, common["points"]),
            starter=fields.text("starter", "", longest=MAX_CHARS),
            compare=cast("Compare", fields.one_of("compare", ("exact", "tokens", "float"), cls.compare)),
            tolerance=fields.number("tolerance", cls.tolerance, least=0, most=1),
            limits=_limits(fields),
        )

    def shown(self) -> dict[str, Any]:
        tests = [
            {"name": test.name, "stdin": test.stdin, "expect": test.expect} for test in self.tests if not test.hidden
        ]
        return {
            "language": self.language,
            "starter": self.starter,
            "tests": tests,
            "hidden_tests": len(self.tests) - len(tests),
            "cpu_seconds": self.limits.cpu_seconds,
            "memory_mib": self.limits.memory_mib,
        }

    def check(self, response: Response) -> None:
        read_text(response, "source", MAX_CHARS)

    def is_blank(self, response: Response) -> bool:
        """The starter, handed back unchanged, is no answer."""
        return read_text(response, "source", MAX_CHARS).strip() in ("", self.starter.strip())

    def plan(self, response: Response) -> tuple[Job, ...]:
        source = read_text(response, "source", MAX_CHARS).encode()
        entry = f"main{LANGUAGES[self.language].suffix}"
        runs = tuple(Run(str(number), test.stdin.encode()) for number, test in enumerate(self.tests, 1))
        return (Job(self.language, {entry: source}, entry, runs, self.limits.limits()),)

    def mark(self, response: Response, outcomes: Sequence[Outcome], tools: Tools) -> Grade:
        runs = outcomes[0].runs if len(outcomes) == 1 else ()
        if len(runs) != len(self.tests):
            return Ungraded(self.points, "The program has not been run: it waits for a sandbox.", "failure")
        evidence = {"tests": [self._evidence(test, run) for test, run in zip(self.tests, runs, strict=True)]}
        if any(run.verdict is Verdict.SKIPPED for run in runs):
            reason = "The sandbox stopped before every test had run, so the tests must run again."
            return Ungraded(self.points, reason, "failure", evidence)
        if runs[0].verdict is Verdict.COMPILE_ERROR:
            log = outcomes[0].compile_log
            feedback = f"The program does not compile.\n{_excerpt(log)}"
            return Graded(
                0.0, self.points, 1.0, certain=True, feedback=feedback, evidence={**evidence, "compile_log": log}
            )
        return self._score(runs, evidence)

    def _score(self, runs: Sequence[RunOutcome], evidence: dict[str, Any]) -> Graded:
        passed = [self._passes(test, run) for test, run in zip(self.tests, runs, strict=True)]
        points = (
            self.points
            if all(passed)
            else math.fsum(self._worth(t) for t, ok in zip(self.tests, passed, strict=True) if ok)
        )
        lines = [f"{sum(passed)} of {len(passed)} tests passed."]
        hidden = 0
        for test, run, ok in zip(self.tests, runs, passed, strict=True):
            hidden += test.hidden
            if not ok:
                lines.append(f"Hidden test {hidden}: {_ending(run)}." if test.hidden else _told(test, run))
        return Graded(
            min(points, self.points), self.points, 1.0, certain=True, feedback="\n".join(lines), evidence=evidence
        )

    def _passes(self, test: Test, run: RunOutcome) -> bool:
        if run.verdict is not Verdict.OK:
            return False
        try:
            output = run.stdout.decode()
        except UnicodeDecodeError:
            return False
        return same_output(output, test.expect, self.compare, self.tolerance)

    def _worth(self, test: Test) -> float:
        return test.points or self.points / len(self.tests)

    def _evidence(self, test: Test, run: RunOutcome) -> dict[str, Any]:
        return {
            "name": test.name,
            "hidden": test.hidden,
            "verdict": run.verdict.value,
            "passed": self._passes(test, run),
            "points": self._worth(test),
            "stdout": _excerpt(run.stdout.decode(errors="replace")),
            "stderr": _excerpt(run.stderr.decode(errors="replace")),
            "cpu_seconds": run.cpu_seconds,
        }


def _ending(run: RunOutcome) -> str:
    return ENDINGS.get(run.verdict, "the output is not the expected one")


def _told(test: Test, run: RunOutcome) -> str:
    if run.verdict is not Verdict.OK:
        return f"Test {test.name!r}: {_ending(run)}.\n{_excerpt(run.stderr.decode(errors='replace'))}".rstrip()
    printed = _excerpt(run.stdout.decode(errors="replace"))
    return f"Test {test.name!r}: expected {_excerpt(test.expect)!r}, and the program printed {printed!r}."


def _excerpt(text: str) -> str:
    """The end of a long text: the last lines of an error say most. Without what no database can store."""
    clean = text.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return clean if len(clean) <= SHOWN_CHARS else "…" + clean[-SHOWN_CHARS:]


def _tests(fields: Fields, points: float) -> tuple[Test, ...]:
    rows = fields.rows("tests", least=1, most=100)
    tests = tuple(_test(entry, path) for entry, path in rows)
    unique([(test.name, (*path, "name")) for test, (_, path) in zip(tests, rows, strict=True)], "test name")
    total = math.fsum(test.points for test in tests)
    if total and not all(test.points for test in tests):
        raise fields.fail("tests", "either all tests have points or none has")
    if total and abs(total - points) > 1e-6:
        raise fields.fail("tests", f"their points add up to {total:g}, and the item has {points:g}")
    return tests


def _test(entry: object, path: Path) -> Test:
    fields = Fields(entry, path, ("name", "stdin", "expect", "hidden", "points"))
    return Test(
        name=fields.text("name", longest=120),
        expect=fields.text("expect", "", longest=100_000),
        stdin=fields.text("stdin", "", longest=100_000),
        hidden=fields.flag("hidden", default=False),
        points=fields.number("points", 0.0, above=0),
    )


def _limits(fields: Fields) -> CodeLimits:
    if not fields.has("limits"):
        return CodeLimits()
    own = CodeLimits()
    inner = Fields(fields.value("limits"), (*fields.path, "limits"), tuple(vars(own)))
    return CodeLimits(
        cpu_seconds=inner.number(
            "cpu_seconds", own.cpu_seconds, least=BOUNDS["cpu_seconds"][0], most=BOUNDS["cpu_seconds"][1]
        ),
        wall_seconds=inner.number(
            "wall_seconds", own.wall_seconds, least=BOUNDS["wall_seconds"][0], most=BOUNDS["wall_seconds"][1]
        ),
        memory_mib=inner.whole("memory_mib", own.memory_mib, least=4, most=int(BOUNDS["memory_bytes"][1]) // MIB),
        processes=inner.whole("processes", own.processes, least=1, most=int(BOUNDS["pids"][1])),
        output_kib=inner.whole("output_kib", own.output_kib, least=1, most=int(BOUNDS["output_bytes"][1]) // 1024),
    )
