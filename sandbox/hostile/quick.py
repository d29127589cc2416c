"""The few probes that matter most, for a worker to run before it takes its first job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile import kernel, network, secrets, supervisor
from sandbox.hostile.prelude import AFTER, HELD
from sandbox.hostile.probe import LIMITS, Attempt
from sandbox.job import Job, Run, Verdict

LOOK: Final[dict[str, Attempt]] = {
    "kernel": kernel.SURFACE,
    "mounts": kernel.MOUNTS,
    "namespaces": kernel.NAMESPACES,
    "rings": kernel.RINGS,
    "keys": kernel.KEYS,
    "sockets": network.FAMILIES,
    "network": network.OUTSIDE,
    "secrets": secrets.SECRETS,
    "outside": secrets.OUTSIDE_WORK,
    "privileges": secrets.PRIVILEGES,
    "descriptors": supervisor.DESCRIPTORS,
}
# Where these get through, the container is gone and tells nothing; so they come last, in a job of their own.
STRIKE: Final[dict[str, Attempt]] = {"trace": supervisor.TRACE, "kill": supervisor.KILL}
# Each probe is a file of one job: one container, started once. Any of them looks around when asked for "after".
CHOOSE: Final = b"import runpy, sys\nrunpy.run_path(f'{sys.argv[1]}.py' if sys.argv[1] != 'after' else sys.argv[2])\n"


def job(attempts: Mapping[str, Attempt]) -> Job:
    sources = {f"{name}.py": attempt.text().encode() for name, attempt in attempts.items()}
    look = Run(AFTER, args=(AFTER, *sources, "main.py"))
    runs = (*(Run(name, args=(name,)) for name in attempts), look)
    return Job("python", {**sources, "main.py": CHOOSE}, "main.py", runs, LIMITS)


def quick(engine: Engine) -> Iterator[str]:
    """What got through, in words; nothing when the walls hold. Takes two seconds. Raises `SandboxFailure`."""
    for attempts in (LOOK, STRIKE):
        problems = list(_problems(engine, attempts))
        yield from problems
        if problems:
            return


def _problems(engine: Engine, attempts: Mapping[str, Attempt]) -> Iterator[str]:
    for one in engine.run(job(attempts)).runs:
        want = b"clean\n" if one.name == AFTER else HELD
        if one.verdict is not Verdict.OK or one.stdout != want:
            yield f"{one.name}: {one.verdict}, said {one.stdout[:300]!r} {one.stderr[-200:]!r}"
