"""What every engine promises."""

from __future__ import annotations

from typing import Protocol

from sandbox.job import Interaction, InteractionOutcome, Job, Outcome


class Engine(Protocol):
    """Runs work in isolation. Safe to call from several threads at once."""

    def run(self, job: Job) -> Outcome:
        """Answer with one outcome per run, in order. Raises `SandboxFailure` when the engine is at fault."""
        ...

    def interact(self, interaction: Interaction) -> InteractionOutcome:
        """Let the two programs talk, run by run. Raises `SandboxFailure` when the engine is at fault."""
        ...
