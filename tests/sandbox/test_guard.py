"""Nothing runs on an engine that let a probe through."""

from collections.abc import Iterator

import pytest

from sandbox.engines.base import Engine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import ContainerGone, EngineUnsafe, SandboxFailure
from sandbox.guard import Guarded
from sandbox.job import Interaction, Job, Run, RunOutcome, Verdict

JOB = Job("python", {"main.py": b""}, "main.py", (Run("one"),))


def test_work_passes_once_the_probes_held_and_they_run_once() -> None:
    asked = list[int]()

    def probes(_engine: Engine) -> Iterator[str]:
        asked.append(1)
        return iter(())

    guarded = Guarded(ScriptedEngine([RunOutcome("one", Verdict.OK)]), probes)
    for _ in range(3):
        assert guarded.run(JOB).runs[0].verdict is Verdict.OK
    assert guarded.interact(Interaction(JOB, JOB)).first == ("program",)
    assert asked == [1]


def test_nothing_runs_where_a_probe_got_through() -> None:
    engine = ScriptedEngine([])
    guarded = Guarded(engine, lambda _: iter(["the network is open"]))
    for _ in range(2):
        with pytest.raises(EngineUnsafe, match="network is open"):
            guarded.run(JOB)
    with pytest.raises(EngineUnsafe):
        guarded.interact(Interaction(JOB, JOB))
    assert engine.jobs == []


def test_probes_that_could_not_run_prove_nothing_and_run_again() -> None:
    tries = iter([ContainerGone("away"), None])

    def probes(_engine: Engine) -> Iterator[str]:
        if failure := next(tries):
            raise failure
        return iter(())

    guarded = Guarded(ScriptedEngine([]), probes)
    with pytest.raises(SandboxFailure):
        guarded.run(JOB)
    assert guarded.run(JOB).runs[0].verdict is Verdict.SKIPPED
