"""Runs that ended near a time limit are run again: one reading of a clock is no verdict when it could be the other.

Pure. The sandbox stops a program a tenth past its limit, so an endless loop is never near it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from sandbox.job import Interaction, InteractionOutcome, Job, Limits, Outcome, RunOutcome, Verdict

BAND: Final = 0.10  # of the limit, on both sides
MORE: Final = 2  # readings beside the first; the middle one of three counts
MOST: Final = 20  # runs of one job that are run again
JUDGED_BY_TIME: Final = (Verdict.OK, Verdict.TIME_LIMIT, Verdict.WALL_LIMIT, Verdict.RUNTIME_ERROR)

Talk = tuple[RunOutcome, RunOutcome, Literal["program", "interactor"]]


def is_near(run: RunOutcome, limits: Limits) -> bool:
    """Whether another reading could give another verdict."""
    if run.verdict not in JUDGED_BY_TIME:
        return False
    pairs = (run.cpu_seconds, limits.cpu_seconds), (run.wall_seconds, limits.wall_seconds)
    return any((1 - BAND) * limit <= used <= (1 + BAND) * limit for used, limit in pairs)


def near(job: Job, outcome: Outcome) -> Job | None:
    """The same job with only the runs that ended near a limit; None where none did, or so many that time is not the matter."""
    names = {run.name for run in outcome.runs if is_near(run, job.limits)}
    if not names or len(names) > MOST:
        return None
    return replace(job, runs=tuple(run for run in job.runs if run.name in names))


def near_talk(work: Interaction, both: InteractionOutcome) -> Interaction | None:
    """The same for an interaction: only the program's times can turn its verdict, and both sides run again."""
    again = near(work.program, both.program)
    if again is None:
        return None
    names = {run.name for run in again.runs}
    places = [place for place, run in enumerate(work.program.runs) if run.name in names and place < len(both.first)]
    if not places:
        return None
    sides = (
        replace(side, runs=tuple(side.runs[place] for place in places)) for side in (work.program, work.interactor)
    )
    return Interaction(*sides)


def settled_talk(both: InteractionOutcome, more: Sequence[InteractionOutcome]) -> InteractionOutcome:
    """The outcome with the middle reading of each talk that was read more than once: both sides of that one talk."""
    talks: dict[str, list[Talk]] = {}
    for one in (both, *more):
        for talk in zip(one.program.runs, one.interactor.runs, one.first, strict=False):
            talks.setdefault(talk[0].name, []).append(talk)
    chosen = {}
    for name, readings in talks.items():
        middle = _middle([program for program, _, _ in readings])
        chosen[name] = next(talk for talk in readings if talk[0] is middle)
    names = [run.name for run in both.program.runs]
    rest = dict(zip(names, zip(both.program.runs, both.interactor.runs, strict=True), strict=True))
    pairs = [chosen[name][:2] if name in chosen else rest[name] for name in names]
    return InteractionOutcome(
        replace(both.program, runs=tuple(program for program, _ in pairs)),
        replace(both.interactor, runs=tuple(interactor for _, interactor in pairs)),
        tuple(chosen[name][2] for name in names[: len(both.first)]),
    )


def settled(outcome: Outcome, more: Sequence[Outcome]) -> Outcome:
    """The outcome with the middle reading of each run that was read more than once, by its processor time."""
    readings: dict[str, list[RunOutcome]] = {}
    for one in more:
        for run in one.runs:
            readings.setdefault(run.name, []).append(run)
    return replace(outcome, runs=tuple(_middle([run, *readings.get(run.name, ())]) for run in outcome.runs))


def _middle(readings: list[RunOutcome]) -> RunOutcome:
    timed = [run for run in readings if run.verdict in JUDGED_BY_TIME]
    if len(timed) < len(readings):  # something else than time went on: the first reading says what
        return readings[0]
    return sorted(timed, key=lambda run: (run.cpu_seconds, run.wall_seconds))[len(timed) // 2]
