"""What may be asked of the sandbox, and what it answers. Pure values: nothing here runs anything."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.errors import InvalidJob
from sandbox.languages import LANGUAGES

MIB = 1024 * 1024
MAX_JOB_BYTES = 64 * MIB  # files, inputs and arguments together
MAX_RUNS = 500
MAX_FILES = 500

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
    """One test: what the program reads and its arguments. The expected answer is not part of it."""

    name: str
    stdin: bytes = b""
    args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            raise InvalidJob("a run has no name")
        if any("\0" in arg for arg in self.args):
            raise InvalidJob(f"an argument of run {self.name!r} holds a NUL character")

    def size(self) -> int:
        return len(self.stdin) + sum(len(arg.encode()) for arg in self.args)


@dataclass(frozen=True)
class Job:
    """One submission: its files, and the runs it must survive. All runs share one fresh container.

    `files` maps a relative path ("main.py", "lib/tree.py") to its bytes; `entry` names one of them.
    Raises `InvalidJob` for an unknown language, an unsafe name, an absent entry, no runs, or too much of anything.
    """

    language: str
    files: Mapping[str, bytes]
    entry: str
    runs: tuple[Run, ...]
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", dict(self.files))  # ours alone: the caller's may change later
        if self.language not in LANGUAGES:
            raise InvalidJob(f"language {self.language!r} is not one of {', '.join(LANGUAGES)}")
        for name in self.files:
            check_name(name)
        _check_tree(frozenset(self.files))
        if self.entry not in self.files:
            raise InvalidJob(f"entry {self.entry!r} is not among the files")
        names = [run.name for run in self.runs]
        if not 1 <= len(names) <= MAX_RUNS or len(set(names)) != len(names):
            raise InvalidJob(f"a job has 1 to {MAX_RUNS} runs, each with its own name")
        if len(self.files) > MAX_FILES or self.size() > MAX_JOB_BYTES:
            raise InvalidJob(f"more than {MAX_FILES} files or {MAX_JOB_BYTES} bytes in one job")

    def size(self) -> int:
        return sum(map(len, self.files.values())) + sum(run.size() for run in self.runs)


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

    When several hold, the first in this order is given: COMPILE_ERROR, MEMORY_LIMIT, TIME_LIMIT, WALL_LIMIT,
    OUTPUT_LIMIT, RUNTIME_ERROR, OK. SKIPPED: an earlier run took the container down with it.
    """

    OK = "ok"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    COMPILE_ERROR = "compile_error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class RunOutcome:
    """What one run did. `exit_code` is None after a signal, `signal` None after an exit; both None if it never ran.

    `cpu_seconds` sums every process of the run; `peak_bytes` is the most memory seen (0 when it never ran).
    `stdout` and `stderr` are cut at their caps; the flags tell.
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


@dataclass(frozen=True)
class EngineInfo:
    """What judged it, so that a regrade years later can say why it differs."""

    image: str
    runtime: str
    engine: str
    kernel: str


@dataclass(frozen=True)
class Outcome:
    """One `RunOutcome` per run, in the job's order; `compile_log` is what the compiler said."""

    runs: tuple[RunOutcome, ...]
    engine: EngineInfo
    compile_log: str = ""
