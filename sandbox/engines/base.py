"""What every engine promises."""

from __future__ import annotations

from typing import Protocol

from sandbox.job import Job, Outcome


class Engine(Protocol):
    """Runs one job in isolation. Safe to call from several threads at once."""

    def run(self, job: Job) -> Outcome:
        """Answer with one outcome per run, in order. Raises `SandboxFailure` when the engine is at fault."""
        ...
