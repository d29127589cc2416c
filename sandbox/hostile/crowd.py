"""Rows 61 and 62: honest work among hostile work, and workers and engines that are killed."""

from __future__ import annotations

import json
import math
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sandbox.engines.base import Engine
from sandbox.engines.docker import DockerEngine
from sandbox.errors import SandboxFailure
from sandbox.hostile.host import containers
from sandbox.hostile.probe import BRIEF, LIMITS, Attempt, Note, Probe, Scenario
from sandbox.job import Job, Limits, Outcome, Run, Verdict
from sandbox.run import run

MEANWHILE_SECONDS: Final = 20.0
HOSTILE: Final = (
    Attempt("while True:\n    try: os.fork()\n    except OSError: pass\n", says=None, limits=BRIEF),
    Attempt("hoard = []\nwhile True: hoard.append(bytearray(1 << 20))\n", says=None, limits=BRIEF),
    Attempt("while True: os.write(1, b'x' * 65536)\n", says=None, limits=BRIEF),
    Attempt("while True: pass\n", says=None, limits=BRIEF),
)
# Run by a Python of its own: a worker with one long job.
WORKER: Final = """
import json, sys
from sandbox.engines.docker import DockerEngine
from sandbox.job import Job, Limits, Run
given = json.loads(sys.argv[1])
job = Job("python", {"main.py": b"import time\\ntime.sleep(60)\\n"}, "main.py", (Run("one"),), Limits(wall_seconds=60))
DockerEngine(**given).run(job)
"""


def addition(number: int) -> Job:
    """An honest job whose right answer is twice its number."""
    source = b"n = int(input())\nprint(sum(n for _ in range(2)))\n"
    return Job(
        "python", {"main.py": source}, "main.py", (Run("one", str(number).encode()),), replace(LIMITS, cpu_seconds=2)
    )


def honest(engine: Engine, number: int = 21) -> Iterator[str]:
    """A problem when an honest program does not get its due."""
    try:
        outcome = run(addition(number), engine)
    except SandboxFailure as failure:
        yield f"the next run failed: {failure}"
        return
    one = outcome.runs[0]
    if (one.verdict, one.stdout) != (Verdict.OK, f"{2 * number}\n".encode()):
        yield f"the next run was {one.verdict}: {one.stdout[:100]!r} {one.stderr[-100:]!r}"


def crowd(size: int) -> Scenario:
    """`size` submissions at once, a tenth of them hostile."""

    def scenario(engine: Engine) -> Iterator[str]:
        waiting = 2 * (len(engine.cores) if isinstance(engine, DockerEngine) else 1)
        problems = list[str]()

        def timed(number: int) -> float | None:
            started = time.monotonic()
            if number % 10 == 9:
                outcome = run(HOSTILE[number // 10 % len(HOSTILE)].job(), engine)
                if outcome.runs[0].verdict is Verdict.OK:
                    problems.append(f"hostile submission {number} ended well")
                return None
            problems.extend(honest(engine, number))
            return time.monotonic() - started

        with ThreadPoolExecutor(waiting) as pool:
            calm = [one for one in pool.map(timed, [n for n in range(size) if n % 10 != 9][: max(size // 2, 4)]) if one]
            mixed = [one for one in pool.map(timed, range(size)) if one]
        yield from problems
        yield Note(
            f"{size} submissions, {size // 10} hostile: 95 of 100 honest ones in {_p95(mixed):.2f} s, {_p95(calm):.2f} s among themselves"
        )

    return scenario


def _p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1] if times else 0.0


def _killed_worker(engine: Engine) -> Iterator[str]:
    """Kill a worker in mid-run: its container must go by itself, and the next run must be right."""
    if not isinstance(engine, DockerEngine):
        yield Note("this engine has no containers to leave behind")
        return
    given: dict[str, Any] = {
        "base_url": engine.base_url,
        "prefix": engine.prefix,
        "runtime": engine.runtime,
        "owner": f"{engine.owner}-killed",
    }
    command = [sys.executable, "-c", WORKER, json.dumps(given)]
    # `-c` finds this package in the folder that it starts in.
    home = Path(__file__).parents[2]
    with DockerEngine(**given) as left, subprocess.Popen(command, cwd=home) as worker:  # noqa: S603 - ours
        until = time.monotonic() + MEANWHILE_SECONDS
        while not containers(left) and worker.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        found = containers(left)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        if not found:
            yield "the worker's container was never seen"
        while containers(left) and time.monotonic() < until:
            time.sleep(0.1)
        if orphans := containers(left):
            yield f"{len(orphans)} containers outlived their worker"
            left.sweep()
    yield from honest(engine)


def restarted(command: str) -> Scenario:
    """The engine is restarted by `command` in mid-run: that is never the program's fault, and the next run is right."""

    def scenario(engine: Engine) -> Iterator[str]:
        yield from _killed_worker(engine)
        job = Job(
            "python",
            {"main.py": b"import time\ntime.sleep(4)\nprint(1)\n"},
            "main.py",
            (Run("one"),),
            Limits(wall_seconds=20),
        )
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(run, job, engine)
            time.sleep(1.5)
            subprocess.run(shlex.split(command), check=True, timeout=120)  # noqa: S603 - the operator's own command
            try:
                outcome = running.result(timeout=120)
            except SandboxFailure as failure:
                yield Note(f"the run at hand failed as ours: {type(failure).__name__}")
            else:
                assert isinstance(outcome, Outcome)
                if outcome.runs[0].verdict is not Verdict.OK:
                    yield f"the restart became the program's {outcome.runs[0].verdict}"
        until = time.monotonic() + 60
        problems = [""]
        while problems and time.monotonic() < until:
            with suppress(SandboxFailure):
                problems = list(honest(engine))
            time.sleep(0.5)
        yield from problems

    return scenario


PROBES: Final = (
    Probe(
        61,
        "a crowd",
        "Many submissions at once, a tenth of them hostile.",
        "Each honest one gets its due, and soon.",
        scenario=crowd(30),
        alone=True,
    ),
    Probe(
        62,
        "kill the worker",
        "Kill a worker with SIGKILL while a program runs; with an option, restart the engine.",
        "No container is left, the run at hand is nobody's fault, the next one is right.",
        scenario=_killed_worker,
    ),
)
