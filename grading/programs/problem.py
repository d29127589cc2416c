"""A programming problem as every format here is read into it and written from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from grading.programs.checker import Protocol
from grading.programs.compare import DEFAULT, Comparison
from grading.programs.program import Program, Sources
from grading.programs.scoring import Group
from grading.programs.verdict import Judgement
from sandbox.job import BOUNDS, Limits

MIB = 1024 * 1024
# A program may wait, and be starved for a moment on a busy machine, before it counts as idle.
WALL_FACTOR, WALL_EXTRA = 1.5, 2.0


@dataclass(frozen=True)
class ProblemLimits:
    """What one test may use. `seconds` of processor time; None: to be found from the accepted submissions.

    `multipliers` lengthen it per language. `to_slowest` and `resolution` say how it is found: that many times the
    slowest accepted submission, rounded up to a multiple of the resolution.
    """

    seconds: float | None = None
    memory_mib: int = 2048
    output_mib: int = 8
    passes: int = 2
    check_seconds: float = 60
    check_memory_mib: int = 2048
    multipliers: Mapping[str, float] = field(default_factory=dict)
    to_slowest: float = 5.0
    resolution: float = 1.0

    def limits(self, language: str, seconds: float) -> Limits:
        """The sandbox's limits for a submission in that language; `seconds` stands where the problem says none."""
        cpu = _within("cpu_seconds", (self.seconds or seconds) * self.multipliers.get(language, 1.0))
        return Limits(
            cpu_seconds=cpu,
            wall_seconds=_within("wall_seconds", cpu * WALL_FACTOR + WALL_EXTRA),
            memory_bytes=int(_within("memory_bytes", self.memory_mib * MIB)),
            output_bytes=int(_within("output_bytes", self.output_mib * MIB)),
            file_bytes=64 * MIB,
        )

    def check_limits(self) -> Limits:
        cpu = _within("cpu_seconds", self.check_seconds)
        return Limits(
            cpu_seconds=cpu,
            wall_seconds=_within("wall_seconds", 2 * cpu),
            memory_bytes=int(_within("memory_bytes", self.check_memory_mib * MIB)),
            output_bytes=8 * MIB,
            file_bytes=64 * MIB,
        )


def _within(name: str, value: float) -> float:
    least, most = BOUNDS[name]
    return min(max(value, least), most)


@dataclass(frozen=True)
class Test:
    """One test. `answer` goes to the comparison or the checker, never to the program; a sample may be shown.

    `args` and `files` are the program's, `checker_args` the checker's or interactor's.
    """

    name: str
    input: bytes
    answer: bytes
    sample: bool = False
    args: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    compare: Comparison = DEFAULT
    checker_args: tuple[str, ...] = ()


@dataclass(frozen=True)
class Author:
    """A program that judges: a checker reads the output when the program has ended, an interactor talks to it."""

    program: Program
    role: Literal["checker", "interactor"] = "checker"
    protocol: Protocol = "kattis"


@dataclass(frozen=True)
class Expected:
    """What a submission should end in. Whatever is empty or None is not asked for.

    `results`: the verdict is one of these. `permitted`: every test's is. `required`: at least one test's is. `cases`:
    every test's, in order.
    `score`: from, to. `grades`: the verdicts of the secret groups, in order. `groups`: the same for parts of the
    tests, by a pattern of their names. `message`: a part of some judge's message. `manual`: a person has to look.
    `refused`: it must not get as far as being judged.
    """

    results: frozenset[Judgement] = frozenset()
    permitted: frozenset[Judgement] = frozenset()
    required: frozenset[Judgement] = frozenset()
    cases: tuple[Judgement, ...] = ()
    score: tuple[Fraction, Fraction] | None = None
    grades: tuple[Judgement, ...] = ()
    groups: Mapping[str, Expected] = field(default_factory=dict)
    message: str = ""
    partial: bool = False
    manual: bool = False
    refused: bool = False
    source: str = ""

    def asks(self) -> bool:
        """Whether anything is asked for that a machine can check."""
        one = self.results or self.permitted or self.required or self.cases or self.score or self.grades or self.groups
        return bool(one or self.message or self.partial or self.refused)


@dataclass(frozen=True)
class Submission:
    """A program that came with the problem. `refused` says why it cannot be judged as it is, "" where it can.

    `limits` are its own, where they are not the problem's.
    """

    name: str
    sources: Sources
    expected: tuple[Expected, ...] = ()
    refused: str = ""
    limits: ProblemLimits | None = None


@dataclass(frozen=True)
class Problem:
    """Tests, how outputs are judged, how the results are scored, and the submissions that came along.

    `tests` are in the order in which they are judged; `tree` names each of them once. `author` is None where outputs
    are compared. `include` are files that every submission is given, by language ("default": all). `flavour` says
    whose rules its scores follow. `notes` are for the author: what was in the package and is not used.
    """

    name: str
    tests: tuple[Test, ...]
    tree: Group
    author: Author | None = None
    scoring: bool = False
    multi_pass: bool = False
    limits: ProblemLimits = ProblemLimits()
    languages: tuple[str, ...] = ()
    include: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    submissions: tuple[Submission, ...] = ()
    statement: str = ""
    flavour: Literal["kattis", "domjudge", "dmoj", "coderunner"] = "kattis"
    stop_early: bool = True
    notes: tuple[str, ...] = ()

    @property
    def interactive(self) -> bool:
        return self.author is not None and self.author.role == "interactor"

    def test(self, name: str) -> Test:
        return next(one for one in self.tests if one.name == name)
