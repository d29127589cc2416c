"""Handing a job over, with the engine that ships as a fake."""

import pytest

from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import EngineUnavailable, SandboxFailure
from sandbox.job import Job, Outcome, Run, RunOutcome, Verdict
from sandbox.run import run

JOB = Job("python", {"main.py": b""}, "main.py", (Run("one"), Run("two")))


def test_a_scripted_engine_answers_by_name_and_keeps_the_jobs() -> None:
    one = RunOutcome("one", Verdict.OK, 0, stdout=b"42\n")
    engine = ScriptedEngine([one])
    outcome = run(JOB, engine)
    assert outcome.runs == (one, RunOutcome("two", Verdict.SKIPPED))
    assert engine.jobs == [JOB]
    assert run(JOB, ScriptedEngine({"one": one})).runs == outcome.runs


def test_our_failure_is_an_exception() -> None:
    with pytest.raises(EngineUnavailable, match="does not answer"):
        run(JOB, ScriptedEngine(EngineUnavailable("gone")))


def test_an_engine_that_answers_something_else_is_a_failure() -> None:
    class Forgetful(ScriptedEngine):
        def run(self, job: Job) -> Outcome:
            outcome = super().run(job)
            return Outcome(outcome.runs[:1], outcome.engine)

    with pytest.raises(SandboxFailure, match="two"):
        run(JOB, Forgetful(()))
