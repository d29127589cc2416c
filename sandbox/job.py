"""What may be asked of the sandbox, and what it answers. Pure values: nothing here runs anything.

A `Job` is one program and the runs it must survive; an `Interaction` is two programs that talk to each other.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sandbox.errors import InvalidJob
from sandbox.languages import LANGUAGES

MIB = 1024 * 1024
MAX_JOB_BYTES = 64 * MIB  # files, inputs and arguments together
MAX_RUNS = 500
MAX_FILES = 500
MAX_COLLECTED = 16

# Least and most of each limit. A judge that took 0 as "no limit" has been broken that way before, so
# nothing here can mean "none" (Judge0 1.13.0).
BOUNDS: dict[str, tuple[float, float]] = {
    "cpu_seconds": (0.01, 300),
    "wall_seconds": (0.01, 900),
    "memory_bytes": (4 * MIB, 8192 * MIB),
    "pids": (1, 1024),
    "output_bytes": (1, 64 * MIB),
    "file_bytes": (1, 1024 * MIB),
}


@dataclass(frozen=True)
class Limits:
    """What one run may use, in seconds and bytes. `pids` counts threads too; `file_bytes` is the largest file.

    Files live in memory and count towards `memory_bytes`.
    """

    cpu_seconds: float = 2.0
    wall_seconds: float = 6.0
    memory_bytes: int = 256 * MIB
    pids: int = 64
    output_bytes: int = MIB
    file_bytes: int = 16 * MIB

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            kinds = (int, float) if name.endswith("_seconds") else (int,)
            if isinstance(value, bool) or not isinstance(value, kinds):
                raise InvalidJob(f"limit {name} is {value!r}, not a number of the right kind")
            if not (math.isfinite(value) and least <= value <= most):
                raise InvalidJob(f"limit {name} is {value}, outside {least:g} to {most:g}")


@dataclass(frozen=True)
class Run:
    """One test: what the program reads, its arguments, and files of its own beside the job's.

    The expected answer is not part of it. A file of the run takes the place of the job's file of that name.
    """

    name: str
    stdin: bytes = b""
    args: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", dict(self.files))
        if not self.name:
            raise InvalidJob("a run has no name")
        if any("\0" in arg for arg in self.args):
            raise InvalidJob(f"an argument of run {self.name!r} holds a NUL character")
        for name in self.files:
            check_name(name)

    def size(self) -> int:
        return len(self.stdin) + sum(len(arg.encode()) for arg in self.args) + sum(map(len, self.files.values()))


@dataclass(frozen=True)
class Job:
    """One submission: its files, and the runs it must survive. All runs share one fresh container.

    `files` maps a relative path ("main.py", "lib/tree.py") to its bytes; `entry` names one of them. `collect` names
    the files that each run may leave for us: plain files only, together at most `limits.output_bytes`.
    Raises `InvalidJob` for an unknown language, an unsafe name, an absent entry, no runs, or too much of anything.
    """

    language: str
    files: Mapping[str, bytes]
    entry: str
    runs: tuple[Run, ...]
    limits: Limits = field(default_factory=Limits)
    collect: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", dict(self.files))  # ours alone: the caller's may change later
        if self.language not in LANGUAGES:
            raise InvalidJob(f"language {self.language!r} is not one of {', '.join(LANGUAGES)}")
        for name in (*self.files, *self.collect):
            check_name(name)
        for own in {frozenset[str](), *(frozenset(run.files) for run in self.runs)}:
            _check_tree(frozenset(self.files) | own)
        if self.entry not in self.files:
            raise InvalidJob(f"entry {self.entry!r} is not among the files")
        names = [run.name for run in self.runs]
        if not 1 <= len(names) <= MAX_RUNS or len(set(names)) != len(names):
            raise InvalidJob(f"a job has 1 to {MAX_RUNS} runs, each with its own name")
        if len(set(self.collect)) != len(self.collect) or len(self.collect) > MAX_COLLECTED:
            raise InvalidJob(f"a job collects at most {MAX_COLLECTED} files, each once")
        if len(self.files) + sum(len(run.files) for run in self.runs) > MAX_FILES or self.size() > MAX_JOB_BYTES:
            raise InvalidJob(f"more than {MAX_FILES} files or {MAX_JOB_BYTES} bytes in one job")

    def size(self) -> int:
        return sum(map(len, self.files.values())) + sum(run.size() for run in self.runs)


@dataclass(frozen=True)
class Interaction:
    """Two programs that talk: what one prints the other reads, run by run, each in a container of its own.

    Their runs pair up by place, so both have equally many; `Run.stdin` is not used. A run is over when both have
    ended; the first one's end closes what the other reads. Raises `InvalidJob` where the runs do not pair up.
    """

    program: Job
    interactor: Job

    def __post_init__(self) -> None:
        if len(self.program.runs) != len(self.interactor.runs):
            raise InvalidJob("the two sides of an interaction have different numbers of runs")
        if any(run.stdin for job in (self.program, self.interactor) for run in job.runs):
            raise InvalidJob("a run of an interaction has an input of its own; the other program is its input")


def check_name(name: str) -> None:
    """Raise `InvalidJob` unless `name` is a plain relative path that cannot leave its folder or fool a reader."""
    parts = name.split("/")
    if not all(parts) or len(parts) > 8 or len(name.encode(errors="replace")) > 255:
        raise InvalidJob(f"file name {name!r} is empty somewhere, too deep or too long")
    if any(part[0] in ".-" or len(part.encode(errors="replace")) > 100 for part in parts):
        raise InvalidJob(f"a part of {name!r} starts with a dot or a dash, or is longer than 100 bytes")
    # Category C: control and formatting characters (NUL, right-to-left override), lone surrogates, unassigned.
    if "\\" in name or any(unicodedata.category(sign).startswith("C") for sign in name):
        raise InvalidJob(f"file name {name!r} holds a character that is not allowed")


def _check_tree(names: frozenset[str]) -> None:
    folders = {name[:at] for name in names for at, sign in enumerate(name) if sign == "/"}
    if clash := folders & names:
        raise InvalidJob(f"{min(clash)!r} is both a file and a folder")


class Verdict(StrEnum):
    """How a run ended. Whether its output is right is not the sandbox's to say.

    When several hold, the first in this order is given: COMPILE_ERROR, BLOCKED, MEMORY_LIMIT, TIME_LIMIT,
    WALL_LIMIT, OUTPUT_LIMIT, SET_UP_FAILED, RUNTIME_ERROR, OK. SET_UP_FAILED: what the run was given could not be set
    up for the program (SQL), so nothing is known about it: the mistake is in the test. BLOCKED: the system call filter ended it. SKIPPED: an earlier run
    took the container down with it. Our own failure is an exception (`SandboxFailure`), never a verdict.
    """

    OK = "ok"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    COMPILE_ERROR = "compile_error"
    BLOCKED = "blocked"
    SET_UP_FAILED = "set_up_failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class RunOutcome:
    """What one run did. `exit_code` is None after a signal, `signal` None after an exit; both None if it never ran.

    `cpu_seconds` sums every process of the run; `peak_bytes` is the most memory seen (0 when it never ran).
    `stdout` and `stderr` are cut at their caps; the flags tell. `files` holds what was asked for with `Job.collect`
    and was there: a link, a pipe or a file beyond the cap is as good as absent.
    """

    name: str
    verdict: Verdict
    exit_code: int | None = None
    signal: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0
    stdout_cut: bool = False
    stderr_cut: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class EngineInfo:
    """What judged it, so that a regrade years later can say why it differs.

    `image` is the digest of the image, `tools` the compilers and interpreters in it ("gcc 12.2.0").
    """

    image: str
    runtime: str
    engine: str
    kernel: str
    tools: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One `RunOutcome` per run, in the job's order; `compile_log` is what the compiler said, and how long it took."""

    runs: tuple[RunOutcome, ...]
    engine: EngineInfo
    compile_log: str = ""
    compile_seconds: float = 0.0


@dataclass(frozen=True)
class InteractionOutcome:
    """Both sides of an interaction, and who ended first in each run ("program" or "interactor").

    An interactor that does not compile leaves its runs COMPILE_ERROR, and the program's SKIPPED.
    """

    program: Outcome
    interactor: Outcome
    first: tuple[Literal["program", "interactor"], ...]


Work = Job | Interaction
Result = Outcome | InteractionOutcome
