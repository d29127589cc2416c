"""What a language must say: how to compile (inside the jail) and how to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Command = tuple[str, ...]

PROGRAM = ".program"  # a name no job file can have: names never start with a dot


@dataclass(frozen=True)
class Step:
    """Limits of a compile step: seconds and bytes. Its log is cut at `log_bytes`."""

    cpu_seconds: float = 20.0
    wall_seconds: float = 40.0
    memory_bytes: int = 512 * 1024 * 1024
    log_bytes: int = 64 * 1024
    file_bytes: int = 64 * 1024 * 1024
    pids: int = 8


@dataclass(frozen=True)
class Language:
    """Commands run in the folder of the files, as lists of words: no shell ever sees a candidate's name.

    `compile(entry, names)` gives the command that checks or builds; `artefact` is the one file it must leave
    behind ("" when it leaves none). `run(entry)` gives the command to which a run's arguments are added.
    """

    name: str
    suffix: str
    compile: Callable[[str, Sequence[str]], Command]
    run: Callable[[str], Command]
    artefact: str = ""
    step: Step = Step()
