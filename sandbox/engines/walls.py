"""The walls of a container: everything that we ask of the engine for it, in one place.

A container starts before its job is known, so its walls come in a few sizes. The exact limits of a run are watched by
the supervisor; these walls stand behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from docker.types import Ulimit

from sandbox.errors import InvalidJob
from sandbox.job import MIB, Job
from sandbox.languages import LANGUAGES

LABEL: Final = "org.invigil.sandbox"
SUPERVISOR_BYTES: Final = 32 * MIB
INODES: Final = 16384
MEMORY: Final = tuple(mib * MIB for mib in (704, 1408, 2816, 5632, 11264))
DISK: Final = tuple(mib * MIB for mib in (128, 256, 512, 1024, 2048))
PROCESSES: Final = (130, 1100)
# What Docker hides by itself, which a list of our own replaces; then what tells of the host or of a neighbour: locks,
# load and keys of everybody. The last is the way to the terminals, of which the host has a few thousand for all.
MASKED: Final = (
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    "/proc/locks", "/proc/key-users", "/proc/kallsyms", "/proc/modules", "/proc/interrupts", "/proc/softirqs",
    "/proc/vmstat", "/proc/diskstats", "/proc/buddyinfo", "/proc/zoneinfo", "/proc/pagetypeinfo", "/proc/schedstat",
    "/proc/pressure", "/proc/cmdline", "/dev/pts/ptmx",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Walls:
    """Bytes at which the kernel ends everything, bytes of each folder that can be written, processes and threads."""

    memory_bytes: int
    disk_bytes: int
    processes: int


@dataclass(frozen=True, order=True)
class Cell:
    """A kind of container: the image it is made from, and its walls."""

    family: str
    walls: Walls


def cell_of(job: Job) -> Cell:
    """The smallest kind of container that holds this job. Raises `InvalidJob` for more than the largest has."""
    language = LANGUAGES[job.language]
    step = language.step
    files = job.size() + max(job.limits.file_bytes, step.file_bytes)
    memory = (
        max(job.limits.memory_bytes, step.memory_bytes)
        + SUPERVISOR_BYTES
        + 3 * job.size()
        + 2 * job.limits.output_bytes
    )
    processes = max(job.limits.pids, step.pids) + 1
    walls = Walls(_rung(MEMORY, memory), _rung(DISK, files), _rung(PROCESSES, processes))
    return Cell(language.family, walls)


def _rung(ladder: Sequence[int], need: int) -> int:
    fitting = next((rung for rung in ladder if rung >= need), None)
    if fitting is None:
        raise InvalidJob(f"it needs {need:,}, and the largest container has {ladder[-1]:,}")
    return fitting


@lru_cache(maxsize=2)
def seccomp_profile(runtime: str) -> str:
    """The system call filter. gVisor knows the killing of a process only by the older name, which means a thread."""
    text = Path(__file__).with_name("seccomp.json").read_text(encoding="utf-8")
    return text.replace("SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL") if "runsc" in runtime else text


def payload(walls: Walls, uid: int, core: int | None, runtime: str, owner: str) -> dict[str, Any]:
    """Keyword arguments of the SDK's `create_container`, but for the image; `host_config` is still ours to convert.

    `uid` belongs to this container alone: the kernel counts processes, keys and watches by user. `core` None: any.
    """
    folder = f"rw,nosuid,nodev,exec,size={walls.disk_bytes},nr_inodes={INODES},mode=0700,uid={uid},gid={uid}"
    data = folder.replace("exec", "noexec")
    host: dict[str, Any] = {
        "runtime": runtime,
        "network_mode": "none",
        "ipc_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={seccomp_profile(runtime)}"],
        "pids_limit": walls.processes,
        "mem_limit": walls.memory_bytes,
        "memswap_limit": walls.memory_bytes,  # equal: no swap
        "cpuset_cpus": None if core is None else str(core),
        "tmpfs": {"/work": folder, "/tmp": data, "/dev/shm": data},  # noqa: S108 - the container's own
        "ulimits": [Ulimit(name="core", soft=1, hard=1), Ulimit(name="nofile", soft=1024, hard=1024)],
        "log_config": {"type": "none", "config": {}},
        "privileged": False,
        "init": False,
        "auto_remove": True,  # a killed worker leaves nothing: its end closes our input, and we end
    }
    return {
        "user": f"{uid}:{uid}",
        "stdin_open": True,
        "detach": False,
        "working_dir": "/work",
        "network_disabled": True,
        "labels": {LABEL: owner},
        "host_config": host,
    }
