"""The fake shipped beside the real thing, so that a grading test needs no containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.errors import SandboxFailure
from sandbox.job import EngineInfo, Interaction, InteractionOutcome, Job, Outcome, RunOutcome, Verdict

SCRIPTED = EngineInfo(image="scripted", runtime="scripted", engine="scripted", kernel="scripted")


class ScriptedEngine:
    """Runs nothing: answers each run by its name from what it was given, `SKIPPED` when it was given nothing.

    Give it a `SandboxFailure` instead and every job fails with it. In an interaction the program ends first.
    """

    def __init__(self, outcomes: Mapping[str, RunOutcome] | Iterable[RunOutcome] | SandboxFailure) -> None:
        self._failure = outcomes if isinstance(outcomes, SandboxFailure) else None
        self._outcomes: dict[str, RunOutcome] = {}
        if isinstance(outcomes, Mapping):
            self._outcomes = dict(outcomes)
        elif not isinstance(outcomes, SandboxFailure):
            self._outcomes = {outcome.name: outcome for outcome in outcomes}
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        if self._failure:
            raise self._failure
        skipped = (RunOutcome(run.name, Verdict.SKIPPED) for run in job.runs)
        return Outcome(tuple(self._outcomes.get(one.name, one) for one in skipped), SCRIPTED)

    def interact(self, interaction: Interaction) -> InteractionOutcome:
        program, interactor = self.run(interaction.program), self.run(interaction.interactor)
        return InteractionOutcome(program, interactor, tuple("program" for _ in program.runs))
