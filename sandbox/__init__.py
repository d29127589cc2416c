"""Runs untrusted programs in a locked-down container and says exactly how each run ended."""

from __future__ import annotations

from sandbox.errors import InvalidJob, SandboxError, SandboxFailure
from sandbox.job import (
    EngineInfo,
    Interaction,
    InteractionOutcome,
    Job,
    Limits,
    Outcome,
    Result,
    Run,
    RunOutcome,
    Verdict,
    Work,
)

__all__ = [
    "EngineInfo",
    "Interaction",
    "InteractionOutcome",
    "InvalidJob",
    "Job",
    "Limits",
    "Outcome",
    "Result",
    "Run",
    "RunOutcome",
    "SandboxError",
    "SandboxFailure",
    "Verdict",
    "Work",
]
