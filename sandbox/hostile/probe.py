"""A probe: something hostile that somebody may hand in, and what must be true when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile import prelude
from sandbox.hostile.prelude import AFTER, HELD, OPEN
from sandbox.job import MIB, Job, Limits, Outcome, Run, Verdict
from sandbox.languages import LANGUAGES

LIMITS: Final = Limits(
    cpu_seconds=1, wall_seconds=8, memory_bytes=96 * MIB, pids=32, output_bytes=MIB, file_bytes=16 * MIB
)
BRIEF: Final = replace(LIMITS, cpu_seconds=0.4, wall_seconds=4)  # for what would burn for ever
BURNING: Final = replace(BRIEF, wall_seconds=40)  # where the processor's time must end it, however busy the machine is
SLEEPY: Final = replace(LIMITS, wall_seconds=2.5)  # for what would sleep for ever
ROOMY: Final = replace(LIMITS, cpu_seconds=4, wall_seconds=12, memory_bytes=512 * MIB, pids=96)  # virtual machines

OK, BAD_END = Verdict.OK, Verdict.RUNTIME_ERROR
FINE: Final = (Verdict.OK,)
TIMED: Final = (Verdict.TIME_LIMIT, Verdict.WALL_LIMIT)
FULL: Final = (Verdict.MEMORY_LIMIT,)
FAILED: Final = (Verdict.RUNTIME_ERROR,)
FLOODED: Final = (Verdict.OUTPUT_LIMIT,)
NOT_COMPILED: Final = (Verdict.COMPILE_ERROR,)

_HEADS: Final = {"python": prelude.PYTHON, "c": prelude.C, "cpp": prelude.C}


class Note(str):
    """Said by a scenario about what it saw; not a problem."""

    __slots__ = ()


Check = Callable[[Outcome], Iterator[str]]
Scenario = Callable[[Engine], Iterator[str]]


@dataclass(frozen=True)
class Attempt:
    """One hostile program, run once for each of its `ways` (its first argument).

    `expected` are the verdicts that are right for every way; `says` is the exact output of every way, None for any.
    Programs in Python and C look around after each way, and must find nothing. `check` asks for more.
    """

    source: str
    expected: tuple[Verdict, ...] = FINE
    says: bytes | None = HELD
    language: str = "python"
    limits: Limits = LIMITS
    ways: tuple[str, ...] = ("attack",)
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: tuple[str, ...] = ()
    check: Check | None = None
    looks_around: bool = True

    @property
    def entry(self) -> str:
        return LANGUAGES[self.language].main

    def text(self) -> str:
        """The program, with its head where it looks around; a Python program that reaches its end says "held"."""
        head = _HEADS.get(self.language, "") if self.looks_around else ""
        tail = 'print("held")\n' if self.language == "python" and self.says == HELD else ""
        return head + dedent(self.source) + tail

    def job(self) -> Job:
        """Raises `InvalidJob` where the language is not one of ours."""
        files = {self.entry: self.text().encode(), **self.files}
        runs = list[Run]()
        for way in self.ways:
            runs.append(Run(way, self.stdin, (way,)))
            if self.looks_around and self.language in _HEADS:
                known = sorted({name.split("/")[0] for name in files} | {LANGUAGES[self.language].artefact} - {""})
                runs.append(Run(f"{AFTER} {way}", args=(AFTER, *known)))
        return Job(self.language, files, self.entry, tuple(runs), self._limits(), self.collect)

    def _limits(self) -> Limits:
        """What the probe allows, but no less than the language needs to start."""
        language = LANGUAGES[self.language]
        memory = max(self.limits.memory_bytes, language.least_memory)
        return replace(self.limits, memory_bytes=memory, pids=max(self.limits.pids, language.least_pids))

    def problems(self, outcome: Outcome) -> Iterator[str]:
        """What went otherwise than it must, in words; nothing when the jail held."""
        for one in outcome.runs:
            if one.name.startswith(f"{AFTER} "):
                if one.verdict is not Verdict.COMPILE_ERROR and one.stdout != b"clean\n":
                    yield f"{one.name}: {one.verdict} {one.stdout[:200]!r} {one.stderr[-200:]!r}"
                continue
            if one.verdict not in self.expected:
                yield f"{one.name}: {one.verdict}, {(one.stderr or outcome.compile_log.encode())[-200:]!r}"
            if OPEN in one.stdout or (self.says is not None and one.stdout != self.says):
                yield f"{one.name}: said {one.stdout[:300]!r}"
            if len(one.stdout) > self.limits.output_bytes:
                yield f"{one.name}: {len(one.stdout)} bytes of output were kept"
        if self.check:
            yield from self.check(outcome)


@dataclass(frozen=True)
class Probe:
    """One row of the list. `number` is never given to another; `tries` and `holds` are sentences for a person.

    All of `attempts` must hold, and `scenario` must find no problem. One that is `alone` is measured, so nothing else
    may run beside it.
    """

    number: int
    name: str
    tries: str
    holds: str
    attempts: tuple[Attempt, ...] = ()
    scenario: Scenario | None = None
    alone: bool = False

    @property
    def expected(self) -> tuple[str, ...]:
        """The verdicts that are right, in the order of `Verdict`; none where a scenario judges."""
        allowed = {verdict for attempt in self.attempts for verdict in attempt.expected}
        return tuple(verdict.value for verdict in Verdict if verdict in allowed)


def attacks(outcome: Outcome) -> list[tuple[str, Verdict]]:
    """The ways that were gone, with their verdicts."""
    return [(one.name, one.verdict) for one in outcome.runs if not one.name.startswith(f"{AFTER} ")]
