"""What a language must say: how to compile (inside the jail), how to run, and a program that shows both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Command = tuple[str, ...]

PROGRAM: Final = ".program"  # a name no job file can have: names never start with a dot
MIB: Final = 1024 * 1024
SCRIPTS: Final = "/usr/lib/invigil"  # in the image: sandbox/images/scripts


@dataclass(frozen=True)
class Step:
    """Limits of a compile step: seconds and bytes. Its log is cut at `log_bytes`."""

    cpu_seconds: float = 20.0
    wall_seconds: float = 60.0
    memory_bytes: int = 512 * MIB
    log_bytes: int = 64 * 1024
    file_bytes: int = 64 * MIB
    pids: int = 8


@dataclass(frozen=True)
class Hello:
    """A program that shows that a language works here: it reads `stdin` and prints `stdout`."""

    source: bytes
    stdin: bytes = b"20 22\n"
    stdout: bytes = b"42\n"


@dataclass(frozen=True)
class Language:
    """Commands run in the folder of the files, as lists of words: no shell ever sees a candidate's name.

    `compile(entry, names)` gives the command that checks or builds; `artefact` is the one file it must leave
    behind ("" when it leaves none). `run(entry, memory)` gives the command to which a run's arguments are added;
    `memory` is the run's limit in bytes. `family` is the image, `title` for people, `suffixes` the endings of its
    files, the usual one first, and `main` the name of a program's first file. Below `least_memory` bytes and
    `least_pids` processes and threads nothing in this language can start. `set_up_failed` is the exit code with which
    our own script says that what it was to set up for the program is broken: no program can choose it. 0: there is none.
    """

    name: str
    title: str
    family: str
    suffixes: tuple[str, ...]
    compile: Callable[[str, Sequence[str]], Command]
    run: Callable[[str, int], Command]
    hello: Hello
    main: str
    artefact: str = ""
    step: Step = Step()
    least_memory: int = 8 * MIB
    least_pids: int = 1
    set_up_failed: int = 0

    @property
    def suffix(self) -> str:
        return self.suffixes[0]


def sources(entry: str, names: Sequence[str], suffixes: Sequence[str]) -> Command:
    """The files to hand to a compiler, the entry among them, as paths: a name alone could be read as an option."""
    found = sorted({entry, *(name for name in names if name.endswith(tuple(suffixes)))})
    return tuple(f"./{name}" for name in found)


def run_program(_entry: str, _memory: int) -> Command:
    """What a compiler left runs by itself."""
    return (f"./{PROGRAM}",)
