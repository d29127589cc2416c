"""Which runs are read again, and which of their readings counts."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.again import is_near, near, near_talk, settled, settled_talk
from sandbox.engines.scripted import SCRIPTED, ScriptedEngine
from sandbox.job import Interaction, InteractionOutcome, Job, Limits, Outcome, Run, RunOutcome, Verdict
from sandbox.run import run

LIMITS = Limits(cpu_seconds=1, wall_seconds=3)
JOB = Job("python", {"main.py": b""}, "main.py", (Run("one"), Run("two")), LIMITS)


def read(cpu: float, verdict: Verdict = Verdict.OK, name: str = "one", wall: float = 0.0) -> RunOutcome:
    return RunOutcome(name, verdict, cpu_seconds=cpu, wall_seconds=wall or cpu)


def test_only_what_time_could_turn_is_read_again() -> None:
    assert is_near(read(0.95), LIMITS)
    assert is_near(read(1.05, Verdict.TIME_LIMIT), LIMITS)
    assert is_near(read(0.1, wall=2.9), LIMITS)
    assert not is_near(read(0.5), LIMITS)
    assert not is_near(read(1.2, Verdict.TIME_LIMIT), LIMITS)
    assert not is_near(read(0.95, Verdict.MEMORY_LIMIT), LIMITS)
    assert not is_near(read(0.95, Verdict.OUTPUT_LIMIT), LIMITS)


def test_only_the_runs_near_the_limit_run_again() -> None:
    again = near(JOB, Outcome((read(0.2), read(0.99, name="two")), SCRIPTED))
    assert again is not None
    assert [one.name for one in again.runs] == ["two"]
    assert near(JOB, Outcome((read(0.2), read(0.3, name="two")), SCRIPTED)) is None


def test_a_job_that_is_near_its_limit_everywhere_is_judged_as_it_is() -> None:
    runs = tuple(Run(str(n)) for n in range(30))
    outcome = Outcome(tuple(read(0.99, name=str(n)) for n in range(30)), SCRIPTED)
    assert near(replace(JOB, runs=runs), outcome) is None


def test_the_middle_reading_counts() -> None:
    slow, fast, middle = read(1.08, Verdict.TIME_LIMIT), read(0.9), read(0.97)
    told = settled(Outcome((slow,), SCRIPTED), [Outcome((fast,), SCRIPTED), Outcome((middle,), SCRIPTED)])
    assert told.runs == (middle,)


def test_something_else_than_time_leaves_the_first_reading() -> None:
    first, other = read(0.95), read(0.0, Verdict.SKIPPED)
    assert settled(Outcome((first,), SCRIPTED), [Outcome((other,), SCRIPTED)] * 2).runs == (first,)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.9, 1.1), min_size=3, max_size=3))
def test_the_order_of_the_readings_does_not_matter(times: list[float]) -> None:
    readings = [read(cpu, Verdict.TIME_LIMIT if cpu > 1 else Verdict.OK) for cpu in times]
    outcomes = [Outcome((one,), SCRIPTED) for one in readings]
    assert settled(outcomes[0], outcomes[1:]).runs[0].cpu_seconds == sorted(times)[1]


def test_three_readings_are_asked_of_the_engine() -> None:
    engine = ScriptedEngine([read(0.95), read(0.2, name="two")])
    run(JOB, engine)
    assert [len(job.runs) for job in engine.jobs] == [2, 1, 1]


TALK = Interaction(JOB, replace(JOB, runs=(Run("one", args=("1",)), Run("two", args=("2",)))))


def talked(*runs: RunOutcome, said: str = "", first: int = 2) -> InteractionOutcome:
    judge = tuple(RunOutcome(run.name, Verdict.OK, stderr=said.encode()) for run in runs)
    return InteractionOutcome(Outcome(runs, SCRIPTED), Outcome(judge, SCRIPTED), tuple("program" for _ in runs[:first]))


def test_a_talk_near_the_limit_is_held_again_with_both_sides() -> None:
    again = near_talk(TALK, talked(read(0.2), read(1.05, Verdict.TIME_LIMIT, "two")))
    assert again is not None
    assert [(one.name, other.args) for one, other in zip(again.program.runs, again.interactor.runs, strict=True)] == [
        ("two", ("2",))
    ]
    assert near_talk(TALK, talked(read(0.2), read(0.3, name="two"))) is None
    assert near_talk(TALK, talked(read(0.2), read(0.99, name="two"), first=1)) is None  # the second never began


def test_the_middle_talk_counts_with_what_its_interactor_said() -> None:
    began = talked(read(0.2), read(1.05, Verdict.TIME_LIMIT, "two"), said="first")
    more = [talked(read(0.92, name="two"), said="second"), talked(read(0.98, name="two"), said="third")]
    told = settled_talk(began, more)
    assert [run.cpu_seconds for run in told.program.runs] == [0.2, 0.98]
    assert [run.stderr for run in told.interactor.runs] == [b"first", b"third"]
    assert told.first == began.first


def test_three_talks_are_asked_of_the_engine() -> None:
    class Talking(ScriptedEngine):
        def interact(self, interaction: Interaction) -> InteractionOutcome:
            asked.append(len(interaction.program.runs))
            return talked(
                *(
                    read(0.95, name=run.name) if run.name == "one" else read(0.1, name="two")
                    for run in interaction.program.runs
                )
            )

    asked = list[int]()
    run(TALK, Talking(()))
    assert asked == [2, 1, 1]
