"""The one dangerous line: hand a job to an engine."""

from __future__ import annotations

from sandbox.engines.base import Engine
from sandbox.errors import SandboxFailure
from sandbox.job import Job, Outcome


def run(job: Job, engine: Engine) -> Outcome:
    """Run `job` on `engine` and answer with one outcome per run, in the job's order.

    Raises `SandboxFailure` when the sandbox, not the program, is at fault; that is never a verdict.
    """
    outcome = engine.run(job)
    asked = [one.name for one in job.runs]
    answered = [one.name for one in outcome.runs]
    if asked != answered:
        raise SandboxFailure(f"asked for runs {asked}, got {answered}")
    return outcome
