"""Row 63: two programs that talk, and one of them does not keep to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile.meeting import side, together
from sandbox.hostile.probe import FAILED, FINE, FLOODED, LIMITS, TIMED, Probe
from sandbox.job import Verdict

WALL: Final = 1.2
HEAD: Final = "import os, sys, time\nsys.setrecursionlimit(100)\n"
ASK: Final = "print(20, flush=True)\nsys.exit(0 if sys.stdin.readline() == '40\\n' else 3)\n"
ANSWER: Final = "print(2 * int(sys.stdin.readline()), flush=True)\n"
LISTEN: Final = "while sys.stdin.buffer.read1(65536): pass\n"
FLOOD: Final = "while True: os.write(1, b'x' * 4096)\n"
ANY: Final = tuple(one for one in Verdict if one not in (Verdict.COMPILE_ERROR, Verdict.SKIPPED))


@dataclass(frozen=True)
class Case:
    """What the solution and the interactor do, the verdicts that are right for each, and who ends first ("" for either)."""

    name: str
    solution: str
    interactor: str
    solution_ends: tuple[Verdict, ...] = FINE
    interactor_ends: tuple[Verdict, ...] = FINE
    first: str = ""


# A writer whose reader has gone is told so by its next write, and fails; Python says so with exit code 1 or 120.
CASES: Final = (
    Case("both keep to it", ANSWER, ASK),
    Case("the solution ends at once", "sys.exit(0)\n", ASK, interactor_ends=(*FAILED, *FINE), first="program"),
    Case("the solution fails at once", "sys.exit(5)\n", ASK, FAILED, (*FAILED, *FINE), "program"),
    Case("the solution never answers", "sys.stdin.readline(); time.sleep(60)\n", ASK, (Verdict.WALL_LIMIT,), (*TIMED, *FAILED)),
    Case("the solution never flushes", "sys.stdout.write(sys.stdin.readline())\ntime.sleep(60)\n", ASK, (Verdict.WALL_LIMIT,), (*TIMED, *FAILED)),
    Case("the solution floods", FLOOD, LISTEN, (*FLOODED, *TIMED), ANY),
    Case("the solution shuts its mouth", "os.close(1); time.sleep(60)\n", ASK, (Verdict.WALL_LIMIT,), (*FAILED, *TIMED)),
    Case("the interactor rejects at once", LISTEN, "sys.exit(3)\n", interactor_ends=FAILED, first="interactor"),
    Case("the interactor accepts at once", LISTEN, "sys.exit(0)\n", first="interactor"),
    Case("the interactor crashes", LISTEN, "os.abort()\n", interactor_ends=FAILED, first="interactor"),
    Case("the interactor floods", "time.sleep(60)\n", FLOOD, (Verdict.WALL_LIMIT, *FAILED), (*FLOODED, *TIMED)),
    Case("both wait for ever", "sys.stdin.readline()\n", "sys.stdin.readline()\n", (Verdict.WALL_LIMIT, *FINE, *FAILED), (*TIMED, *FINE, *FAILED)),
)  # fmt: skip


def _cases(engine: Engine) -> Iterator[str]:
    limits = replace(LIMITS, wall_seconds=WALL, output_bytes=200_000)
    for case in CASES:
        sides = (side(source, limits, head=HEAD, tail="") for source in (case.solution, case.interactor))
        outcome = together(engine, *sides)
        got = outcome.program.runs[0], outcome.interactor.runs[0]
        for name, one, right in zip(
            ("solution", "interactor"), got, (case.solution_ends, case.interactor_ends), strict=True
        ):
            if one.verdict not in right:
                yield f"{case.name}: the {name} ended {one.verdict} {one.stderr[-100:]!r}"
            if one.wall_seconds > WALL + 1.5:
                yield f"{case.name}: the {name} ended after {one.wall_seconds:.1f} s"
        if case.first and outcome.first[0] != case.first:
            yield f"{case.name}: {outcome.first[0]} is said to have ended first"


PROBES: Final = (
    Probe(
        63,
        "talk that breaks off",
        "End early, never flush, flood the other side, crash, wait for each other: twelve cases.",
        "Each side has its own verdict, who ended first is known, and nobody waits beyond the limit.",
        scenario=_cases,
    ),
)
