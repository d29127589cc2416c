"""Runs untrusted programs in a locked-down container and says exactly how each run ended."""

from __future__ import annotations

from sandbox.errors import InvalidJob, SandboxError, SandboxFailure
from sandbox.job import EngineInfo, Job, Limits, Outcome, Run, RunOutcome, Verdict

__all__ = [
    "EngineInfo",
    "InvalidJob",
    "Job",
    "Limits",
    "Outcome",
    "Run",
    "RunOutcome",
    "SandboxError",
    "SandboxFailure",
    "Verdict",
]
