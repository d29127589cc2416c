"""Rows 59 and 60: what a program can make the host write down; and the container that is asked for, as the engine sees it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sandbox.engines.base import Engine
from sandbox.engines.docker import DockerEngine
from sandbox.hostile.host import containers, inspect
from sandbox.hostile.probe import FINE, LIMITS, Attempt, Note, Probe
from sandbox.run import run

MOST_MESSAGES: Final = 200  # the kernel itself limits each kind to ten in five seconds
KERNEL_LOG: Final = "/dev/kmsg"

CRASHES: Final = Attempt(
    """
    int main(void) {
        struct timespec start, now;
        clock_gettime(CLOCK_MONOTONIC, &start);
        do {
            pid_t child = fork();
            if (child == 0 && is("crash")) *(volatile int *)(intptr_t)8 = 1;
            if (child == 0) syscall(SYS_ptrace, 16, 1, 0, 0), _exit(0);
            waitpid(child, NULL, 0);
            clock_gettime(CLOCK_MONOTONIC, &now);
        } while (now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9 < 0.5);
        puts("held");
    }
    """,
    FINE,
    language="c",
    limits=replace(LIMITS, cpu_seconds=2),
    ways=("crash", "forbidden call"),
)
TALKER: Final = Attempt("os.write(1, b'x' * 500_000)\ntime.sleep(1.5)\n", says=None)

# What must stand in the container's configuration (Docker Engine API, "Inspect a container"), and what may.
WALLS: Final[dict[str, tuple[Any, ...]]] = {
    "NetworkMode": ("none",),
    "IpcMode": ("none", "private"),
    "PidMode": ("", "private"),
    "UTSMode": ("",),
    "UsernsMode": ("",),
    "Privileged": (False,),
    "ReadonlyRootfs": (True,),
    "Binds": (None, []),
    "Mounts": (None, []),
    "Devices": (None, []),
    "DeviceRequests": (None, []),
    "VolumesFrom": (None, []),
    "CapAdd": (None, []),
    "CapDrop": (["ALL"],),
    "PublishAllPorts": (False,),
    "OomKillDisable": (None, False),
}


def _log_bounded(engine: Engine) -> Iterator[str]:
    before = _kernel_messages(None)
    outcome = run(CRASHES.job(), engine)
    yield from CRASHES.problems(outcome)
    written = _kernel_messages(before) if before is not None else None
    if written is None:
        yield Note("the kernel's log may not be read from here")
    elif written > MOST_MESSAGES:
        yield f"{written} lines in the kernel's log"


def _kernel_messages(since: int | None) -> int | None:
    """How many messages came after number `since`; the newest number where None; None where we may not see."""
    newest, counted = since or 0, 0
    try:
        log = os.open(KERNEL_LOG, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        while True:
            with suppress(BrokenPipeError):  # overwritten while we read: the next one is there
                number = int(os.read(log, 8192).split(b",", 2)[1])
                newest, counted = max(newest, number), counted + (since is not None and number > since)
    except BlockingIOError:
        return newest if since is None else counted
    finally:
        os.close(log)


def _walls_as_asked(engine: Engine) -> Iterator[str]:
    """While a program talks, look at its container from outside."""
    if not isinstance(engine, DockerEngine):
        yield Note("this engine has no containers to look at")
        return
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, TALKER.job(), engine)
        seen: dict[str, Any] | None = None
        until = time.monotonic() + 20
        while seen is None and not running.done() and time.monotonic() < until:
            for one in containers(engine):
                seen = seen or inspect(engine, one)
            time.sleep(0.02)
        yield from TALKER.problems(running.result())
    if seen is None:
        yield "its container was never seen"
        return
    yield from _container_problems(seen)
    root = Path(engine.facts().get("DockerRootDir", "/nowhere")) / "containers" / seen["Id"]
    if list(root.glob("*-json.log*")):
        yield f"the engine keeps a log below {root}"


def _container_problems(seen: Mapping[str, Any]) -> Iterator[str]:
    host: dict[str, Any] = seen["HostConfig"]
    for name, right in WALLS.items():
        if host.get(name, right[0]) not in right:
            yield f"{name} is {host.get(name)!r}"
    options = list(host.get("SecurityOpt") or [])
    if not any(one.startswith("no-new-privileges") for one in options) or not any(
        one.startswith("seccomp=") for one in options
    ):
        yield "no-new-privileges or the system call filter is missing"
    if "seccomp=unconfined" in options or "apparmor=unconfined" in options:
        yield f"something is unconfined: {[one for one in options if 'unconfined' in one]}"
    if host.get("LogConfig", {}).get("Type") != "none":
        yield f"the engine logs what it says: {host.get('LogConfig')}"
    if (
        not 0 < int(host.get("Memory") or 0) == int(host.get("MemorySwap") or 0)
        or not int(host.get("PidsLimit") or 0) > 0
    ):
        yield f"limits: {[host.get(name) for name in ('Memory', 'MemorySwap', 'PidsLimit')]}"
    user = str(seen["Config"].get("User") or "0").partition(":")[0]
    if user in ("0", "root"):
        yield "it runs as root"
    strange = [one for one in seen.get("Mounts") or [] if one.get("Type") != "tmpfs"]
    if strange or any("size=" not in options for options in (host.get("Tmpfs") or {}).values()):
        yield f"mounts: {strange}, {host.get('Tmpfs')}"


PROBES: Final = (
    Probe(
        59,
        "fill the host's log",
        "Crash, and make forbidden calls, as often as possible.",
        "The kernel's log grows by a few lines.",
        scenario=_log_bounded,
        alone=True,
    ),
    Probe(
        60,
        "fill the container's log",
        "Talk, so that the engine writes it down.",
        "No log is kept, and every wall of the container stands as seen from outside.",
        scenario=_walls_as_asked,
    ),
)
