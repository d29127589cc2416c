"""Runs that ended near a time limit are run again: one reading of a clock is no verdict when it could be the other.

Pure. The sandbox stops a program a tenth past its limit, so an endless loop is never near it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sandbox.job import Job, Limits, Outcome, RunOutcome, Verdict

BAND: Final = 0.10  # of the limit, on both sides
MORE: Final = 2  # readings beside the first; the middle one of three counts
MOST: Final = 20  # runs of one job that are run again
JUDGED_BY_TIME: Final = (Verdict.OK, Verdict.TIME_LIMIT, Verdict.WALL_LIMIT, Verdict.RUNTIME_ERROR)


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
