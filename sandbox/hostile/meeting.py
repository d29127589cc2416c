"""Two hostile programs that live at the same time, each in a container of its own, on one core.

They are an interaction, so what one prints the other reads: an honest line to keep in step by, while they look for
another one. What they find they say on standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

from sandbox.engines.base import Engine
from sandbox.hostile import prelude
from sandbox.hostile.probe import LIMITS
from sandbox.job import Interaction, InteractionOutcome, Job, Limits, Run, RunOutcome, Verdict
from sandbox.run import run

STEP = """
def leak(*words): print("OPEN:", *words, file=sys.stderr, flush=True)
def tell(word): os.write(1, word.encode() + b"\\n")
def hear(): return sys.stdin.readline().strip()
"""
TAIL = '\nprint("held", file=sys.stderr, flush=True)\n'


def side(source: str, limits: Limits = LIMITS, *, head: str = prelude.PYTHON + STEP, tail: str = TAIL) -> Job:
    return Job("python", {"main.py": (head + dedent(source) + tail).encode()}, "main.py", (Run("meet"),), limits)


def together(engine: Engine, program: Job, interactor: Job) -> InteractionOutcome:
    outcome = run(Interaction(program, interactor), engine)
    assert isinstance(outcome, InteractionOutcome)
    return outcome


def meet(engine: Engine, program: str, interactor: str) -> Iterator[str]:
    """Problems when both run at once; none where each ended well and found nothing of the other."""
    outcome = together(engine, side(program), side(interactor))
    for name, one in (("first", outcome.program.runs[0]), ("second", outcome.interactor.runs[0])):
        yield from _found(name, one)


def _found(name: str, one: RunOutcome) -> Iterator[str]:
    if one.verdict is not Verdict.OK or one.stderr != b"held\n":
        yield f"{name}: {one.verdict}, {one.stderr[-300:]!r}"
