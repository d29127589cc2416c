"""From what the supervisor measured to a verdict. Pure, so the whole table can be tested without a container."""

from __future__ import annotations

import signal

from sandbox.engines.wire import Cause, Report
from sandbox.job import Job, Limits, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

BY_CAUSE = {
    Cause.TIME: Verdict.TIME_LIMIT,
    Cause.WALL: Verdict.WALL_LIMIT,
    Cause.MEMORY: Verdict.MEMORY_LIMIT,
    Cause.OUTPUT: Verdict.OUTPUT_LIMIT,
}


def verdict(report: Report, limits: Limits, set_up_failed: int = 0) -> Verdict:
    """What ended the run first; else what its numbers say, in the order of `Verdict`.

    No verdict is ever read out of an exit code such as 124 or 137: a program may choose those itself. `set_up_failed` is
    the one that only our own script can choose (0: there is none).
    """
    if report.cause in BY_CAUSE:
        return BY_CAUSE[report.cause]
    cases = (
        (report.signal == signal.SIGSYS, Verdict.BLOCKED),
        (report.oom or report.peak > limits.memory_bytes, Verdict.MEMORY_LIMIT),
        (report.cpu_us > limits.cpu_seconds * 1_000_000, Verdict.TIME_LIMIT),
        (report.wall_us > limits.wall_seconds * 1_000_000, Verdict.WALL_LIMIT),
        (report.stdout_cut or report.signal == signal.SIGXFSZ, Verdict.OUTPUT_LIMIT),
        (0 < report.exit_code == set_up_failed, Verdict.SET_UP_FAILED),
        (report.exit_code != 0, Verdict.RUNTIME_ERROR),
    )
    return next((one for holds, one in cases if holds), Verdict.OK)


def run_outcome(job: Job, place: int, report: Report) -> RunOutcome:
    """The outcome of the run at `place` of the job."""
    return RunOutcome(
        name=job.runs[place].name,
        verdict=verdict(report, job.limits, LANGUAGES[job.language].set_up_failed),
        exit_code=report.exit_code if report.exit_code >= 0 else None,
        signal=report.signal or None,
        stdout=report.stdout,
        stderr=report.stderr,
        cpu_seconds=report.cpu_us / 1e6,
        wall_seconds=report.wall_us / 1e6,
        peak_bytes=report.peak,
        stdout_cut=report.stdout_cut,
        stderr_cut=report.stderr_cut,
        files={job.collect[index]: data for index, data in report.files},
    )


def compiled(report: Report) -> bool:
    return report.cause is Cause.ENDED and report.exit_code == 0


def compile_log(report: Report) -> str:
    """What the compiler said, with the reason in words when a limit stopped it."""
    reasons = {
        Cause.TIME: "The compiler used too much processor time and was stopped.",
        Cause.WALL: "The compiler took too long and was stopped.",
        Cause.MEMORY: "The compiler used too much memory and was stopped.",
        Cause.OUTPUT: "The compiler said too much and was stopped.",
        Cause.NO_ARTEFACT: "The compiler left no program behind.",
    }
    said = (report.stdout + report.stderr).decode(errors="replace")
    return "\n".join(filter(None, (said.rstrip("\n"), reasons.get(report.cause))))


def not_compiled(job: Job) -> tuple[RunOutcome, ...]:
    return tuple(RunOutcome(run.name, Verdict.COMPILE_ERROR) for run in job.runs)


def skipped(job: Job, done: int = 0) -> tuple[RunOutcome, ...]:
    """The runs from `done` on, as not run."""
    return tuple(RunOutcome(run.name, Verdict.SKIPPED) for run in job.runs[done:])
