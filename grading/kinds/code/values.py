"""What an author says about a code item, as frozen values: tests, groups, limits, programs of the author's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grading.programs.checker import Protocol
from grading.programs.program import Program
from sandbox.job import BOUNDS, Limits
from sandbox.languages import LANGUAGES

MAX_CHARS = 64_000
MIB = 1024 * 1024

Compare = Literal["exact", "tokens", "float", "checker"]
Mode = Literal["program", "function", "unit"]
Rule = Literal["sum", "min", "all"]
Feedback = Literal["none", "verdicts", "samples", "full"]
Texts = Mapping[str, str]
"""Files by name. Never changed after it was read."""

COMPARISONS = ("exact", "tokens", "float", "checker")
MODES = ("program", "function", "unit")
RULES = ("sum", "min", "all")
FEEDBACK = ("none", "verdicts", "samples", "full")
PROTOCOLS = ("kattis", "testlib", "coci", "plain")
WITH_FUNCTIONS = ("python", "javascript", "c")


@dataclass(frozen=True)
class Test:
    """One input and what it must lead to. `points` 0 means an equal share.

    A program reads `stdin` and finds `files` beside it; `expect` is the output, or what a checker or interactor is
    told. A function is called with `args`, or `call` is run beside the candidate's code and its last expression is the
    value; it must be `returns` (`unordered`: its members in any order), or end with the exception `raises`. Of unit tests, `run` names one.
    """

    name: str
    expect: str = ""
    stdin: str = ""
    hidden: bool = False
    points: float = 0.0
    files: Texts | None = None
    args: tuple[Any, ...] = ()
    call: str = ""
    returns: Any = None
    raises: str = ""
    unordered: bool = False
    run: str = ""


@dataclass(frozen=True)
class Types:
    """The types of a function's arguments and of its value, for languages that must know them (`function_c`)."""

    arguments: tuple[str, ...] = ()
    returns: str = "void"


@dataclass(frozen=True)
class TestGroup:
    """Tests that are scored together, by their names: their sum, the worst of them, or all or nothing.

    `needs` names groups whose every test must pass, or this one counts nothing.
    """

    name: str
    points: float
    tests: tuple[str, ...]
    rule: Rule = "sum"
    needs: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class LanguageLimits:
    """How one language's limits differ: times `factor` for both times, or a limit of its own (0: none of its own)."""

    language: str
    factor: float = 1.0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory_mib: int = 0
    processes: int = 0

    def of(self, common: CodeLimits) -> CodeLimits:
        return CodeLimits(
            cpu_seconds=self.cpu_seconds or _bounded("cpu_seconds", common.cpu_seconds * self.factor),
            wall_seconds=self.wall_seconds or _bounded("wall_seconds", common.wall_seconds * self.factor),
            memory_mib=self.memory_mib or common.memory_mib,
            processes=self.processes or common.processes,
            output_kib=common.output_kib,
        )


def _bounded(name: str, value: float) -> float:
    least, most = BOUNDS[name]
    return min(max(value, least), most)


@dataclass(frozen=True)
class AuthorProgram:
    """A checker, an interactor or a reference solution: one `source`, or several `files` of which one is the main file."""

    language: str
    source: str = ""
    files: Texts | None = None
    protocol: Protocol = "kattis"

    def program(self) -> Program:
        main = LANGUAGES[self.language].main
        texts = {main: self.source} if self.files is None else self.files
        return Program(self.language, {name: text.encode() for name, text in texts.items()}, main)


@dataclass(frozen=True)
class Forbid:
    """What the exercise asks not to use. A remark for the candidate, never a wall: the sandbox is the wall.

    `required`: where it is used all the same, a person decides what the answer is worth.
    """

    imports: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    required: bool = False
