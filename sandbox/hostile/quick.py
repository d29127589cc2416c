"""The few probes that matter most, for a worker to run before it takes its first job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile import kernel, network, secrets, supervisor
from sandbox.hostile.prelude import AFTER, HELD
from sandbox.hostile.probe import LIMITS, Attempt
from sandbox.job import Job, Run, Verdict

QUICK: Final[dict[str, Attempt]] = {
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
    "kill": supervisor.KILL,
    "trace": supervisor.TRACE,
    "descriptors": supervisor.DESCRIPTORS,
}
# Each probe is a file of one job: one container, started once.
CHOOSE: Final = b"import runpy, sys\nrunpy.run_path(f'{sys.argv[1]}.py' if sys.argv[1] != 'after' else 'kill.py')\n"


def job() -> Job:
    files = {"main.py": CHOOSE, **{f"{name}.py": attempt.text().encode() for name, attempt in QUICK.items()}}
    look = Run(AFTER, args=(AFTER, *files))
    return Job("python", files, "main.py", (*(Run(name, args=(name,)) for name in QUICK), look), LIMITS)


def quick(engine: Engine) -> Iterator[str]:
    """What got through, in words; nothing when the walls hold. Takes a second. Raises `SandboxFailure`."""
    for one in engine.run(job()).runs:
        want = b"clean\n" if one.name == AFTER else HELD
        if one.verdict is not Verdict.OK or one.stdout != want:
            yield f"{one.name}: {one.verdict}, said {one.stdout[:300]!r} {one.stderr[-200:]!r}"
