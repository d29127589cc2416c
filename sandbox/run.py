"""The one dangerous line: hand work to an engine."""

from __future__ import annotations

from typing import overload

from sandbox.again import MORE, near, near_talk, settled, settled_talk
from sandbox.engines.base import Engine
from sandbox.errors import SandboxFailure
from sandbox.job import Interaction, InteractionOutcome, Job, Outcome, Result, Work


@overload
def run(work: Job, engine: Engine) -> Outcome: ...
@overload
def run(work: Interaction, engine: Engine) -> InteractionOutcome: ...
def run(work: Work, engine: Engine) -> Result:
    """Run a job or an interaction on `engine`, with one outcome per run, in the work's order.

    Runs that end within a tenth of a time limit are run twice more, and the middle reading counts. Raises
    `SandboxFailure` when the sandbox, not the program, is at fault; that is never a verdict.
    """
    if isinstance(work, Interaction):
        both = _talk(work, engine)
        more = near_talk(work, both)
        return settled_talk(both, [_talk(more, engine) for _ in range(MORE)]) if more else both
    outcome = _once(work, engine)
    again = near(work, outcome)
    return settled(outcome, [_once(again, engine) for _ in range(MORE)]) if again else outcome


def _talk(work: Interaction, engine: Engine) -> InteractionOutcome:
    both = engine.interact(work)
    _check(work.program, both.program)
    _check(work.interactor, both.interactor)
    return both


def _once(job: Job, engine: Engine) -> Outcome:
    outcome = engine.run(job)
    _check(job, outcome)
    return outcome


def _check(job: Job, outcome: Outcome) -> None:
    asked = [one.name for one in job.runs]
    answered = [one.name for one in outcome.runs]
    if asked != answered:
        raise SandboxFailure(f"asked for runs {asked}, got {answered}")
