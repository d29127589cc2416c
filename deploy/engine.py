"""Makes sure a container engine answers. Standard library only: it runs before the virtual environment exists.

`python3 deploy/engine.py --state DIR` prints the DOCKER_HOST to use, or what a person must do.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Say = Callable[[str], None]

SYSTEM_SOCKET = Path("/var/run/docker.sock")
SOCKET_PATH_MAX = 107  # sockaddr_un holds 108 bytes with the final NUL
CONTROLLERS_V1 = ("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids")
ANSWER_SECONDS = 40.0
POLICY = "#!/bin/sh\n# Written by Invigil's set-up for the time of one installation.\nexit 101\n"
SBIN_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True)
class EngineStatus:
    """`docker_host` is set when an engine answers; otherwise `advice` says, in whole sentences, what to do."""

    docker_host: str | None
    version: str = ""
    started: bool = False
    advice: tuple[str, ...] = ()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def connect(docker_host: str, timeout: float) -> http.client.HTTPConnection:
    """An HTTP connection to `unix:///path` or `tcp://host:port`. Raises ValueError for anything else."""
    kind, _, rest = docker_host.partition("://")
    if kind == "unix":
        return UnixConnection(rest, timeout)
    if kind == "tcp":
        host, _, port = rest.partition(":")
        return http.client.HTTPConnection(host, int(port or 2375), timeout=timeout)
    raise ValueError(f"DOCKER_HOST {docker_host!r} is neither unix:// nor tcp://")


def ask(docker_host: str, path: str, timeout: float = 5.0) -> tuple[int, Any]:
    """GET `path`; the status and the JSON answer. Raises OSError when nobody answers."""
    link = connect(docker_host, timeout)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        body = answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"{docker_host} answers, but not as a container engine") from error
    finally:
        link.close()
    return answer.status, json.loads(body) if body[:1] in (b"{", b"[") else body.decode(errors="replace")


def version_of(docker_host: str) -> str | None:
    """The engine's version, or None when no engine answers there."""
    try:
        status, answer = ask(docker_host, "/version")
    except (OSError, ValueError):
        return None
    return str(answer.get("Version", "?")) if status == 200 and isinstance(answer, dict) else None


def run_dir(state_dir: Path) -> Path:
    """Where the engine keeps what dies with the machine; short, because containerd puts sockets deep inside."""
    return Path("/run") / f"invigil-{hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:12]}"


def socket_of(state_dir: Path) -> Path:
    """The engine's socket: in the state folder, or under /run when that path would not fit into a socket address."""
    near = state_dir / "docker.sock"
    return near if len(os.fsencode(near)) <= SOCKET_PATH_MAX else run_dir(state_dir) / "docker.sock"


def ensure_engine(state_dir: Path, say: Say = print) -> EngineStatus:
    """Find an engine, else install and start one under `state_dir`. Idempotent; never raises for a plain "cannot"."""
    state_dir = state_dir.resolve()
    own = f"unix://{socket_of(state_dir)}"
    for host in filter(None, (os.environ.get("DOCKER_HOST"), own, f"unix://{SYSTEM_SOCKET}")):
        if version := version_of(host):
            return EngineStatus(host, version)
    if os.environ.get("DOCKER_HOST"):
        say(f"DOCKER_HOST is {os.environ['DOCKER_HOST']}, but no engine answers there; trying to start our own")
    if advice := _cannot(state_dir):
        return EngineStatus(None, advice=advice)
    try:
        if not shutil.which("dockerd", path=SBIN_PATH):
            install(("docker.io",), say)
        mount_cgroups(say)
        return _start(state_dir, own, say)
    except (OSError, subprocess.SubprocessError, TimeoutError) as error:
        said = getattr(error, "stderr", "") or str(error)
        return EngineStatus(None, advice=(f"Starting a container engine failed: {said.strip()[-800:]}", *_by_hand()))


def _cannot(state_dir: Path) -> tuple[str, ...]:
    """Why we may not do it ourselves; empty when we may."""
    if os.geteuid() != 0 and SYSTEM_SOCKET.exists():
        return (f"An engine is at {SYSTEM_SOCKET}, but it does not answer this account.", *_by_hand())
    if os.geteuid() != 0:
        return ("No container engine answers, and only root may start one.", *_by_hand())
    if not shutil.which("dockerd", path=SBIN_PATH) and not shutil.which("apt-get"):
        return ("No container engine is installed, and this is not a Debian or Ubuntu machine.", *_by_hand())
    if shutil.disk_usage(next(one for one in (state_dir, *state_dir.parents) if one.exists())).free < 2 << 30:
        return (f"Less than 2 GB are free under {state_dir}; free some space and try again.",)
    return ()


def _by_hand() -> tuple[str, ...]:
    return (
        "Install and start one yourself: on Debian or Ubuntu `sudo apt-get install docker.io && sudo systemctl start docker`.",
        "Then let this account use it (`sudo usermod -aG docker $USER`, sign in again), or set DOCKER_HOST to its address.",
    )


def install(packages: tuple[str, ...], say: Say) -> None:
    """Install Debian packages without the extras. Raises CalledProcessError with apt's own words."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    steps = (
        ["dpkg", "--configure", "-a"],
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", *packages],
    )
    say(f"installing {', '.join(packages)} with apt-get (once)")
    # A package that starts a service has no business doing so here: policy-rc.d 101 forbids it, and is taken away
    # again. One that an interrupted run of ours left behind is known by its text.
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists() or policy.read_text() == POLICY
    if ours:
        policy.write_text(POLICY)
        policy.chmod(0o755)
    try:
        for step in steps:
            subprocess.run(step, env=env, check=True, capture_output=True, text=True, timeout=600)
    finally:
        if ours:
            policy.unlink()


def mount_cgroups(say: Say, root: Path = Path("/sys/fs/cgroup")) -> None:
    """Mount what a bare root lacks: cgroup v2 where the kernel's controllers are free, else each v1 controller.

    Does nothing where cgroups are mounted already.
    """
    if _is_mounted(root / "memory") or (root / "cgroup.controllers").exists():
        return
    table = [line.split() for line in Path("/proc/cgroups").read_text().splitlines()[1:]]
    bound_to_v1 = any(name in CONTROLLERS_V1 and hierarchy != "0" for name, hierarchy, *_ in table)
    if not bound_to_v1:
        say("mounting cgroup v2")
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", str(root)], check=True, capture_output=True, text=True)
        return
    say("mounting the cgroup v1 controllers")
    if not _is_mounted(root):
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "mode=755", "cgroup", str(root)], check=True, capture_output=True, text=True
        )
    for name in (row[0] for row in table if row[0] in CONTROLLERS_V1 and row[3] == "1"):
        (root / name).mkdir(exist_ok=True)
        if not _is_mounted(root / name):
            subprocess.run(
                ["mount", "-t", "cgroup", "-o", name, "cgroup", str(root / name)],
                check=True,
                capture_output=True,
                text=True,
            )


def _is_mounted(path: Path) -> bool:
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return str(path) in points


def storage_driver(state_dir: Path) -> str:
    """`overlay2` where overlay really mounts in `state_dir`, else `vfs`, which is slow but works everywhere."""
    trial = state_dir / "overlay-trial"
    for name in ("lower", "upper", "work", "merged"):
        (trial / name).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={trial}/lower,upperdir={trial}/upper,workdir={trial}/work"
    command = ["mount", "-t", "overlay", "overlay", "-o", options, str(trial / "merged")]
    works = subprocess.run(command, check=False, capture_output=True).returncode == 0
    if works:
        subprocess.run(["umount", str(trial / "merged")], check=True)
    shutil.rmtree(trial, ignore_errors=True)
    return "overlay2" if works else "vfs"


def _start(state_dir: Path, host: str, say: Say) -> EngineStatus:
    """Start dockerd apart from us and wait until it answers. Two callers at once start one engine."""
    for folder in (state_dir, run_dir(state_dir)):
        folder.mkdir(parents=True, exist_ok=True)
    log = state_dir / "dockerd.log"
    with (state_dir / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if version := version_of(host):  # somebody else was faster
            return EngineStatus(host, version)
        child = None if _is_running(state_dir) else _spawn(state_dir, host, log, say)
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            if version := version_of(host):
                return EngineStatus(host, version, started=True)
            if child is not None and child.poll() is not None:
                raise TimeoutError(f"dockerd ended at once; its log {log} says:\n{_tail(log)}")
            time.sleep(0.1)
        if child is not None:
            child.terminate()
    raise TimeoutError(f"dockerd did not answer within {ANSWER_SECONDS:.0f} s; its log {log} says:\n{_tail(log)}")


def _is_running(state_dir: Path) -> bool:
    """Whether the process in our pidfile is still a dockerd. A stale pidfile or socket is taken away."""
    pidfile = state_dir / "dockerd.pid"
    try:
        pid = int(pidfile.read_text())
        if Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd":
            return True
    except (OSError, ValueError):
        pass  # no pidfile, a torn one, or its process is gone: all mean that nothing runs
    pidfile.unlink(missing_ok=True)
    socket_of(state_dir).unlink(missing_ok=True)
    return False


def _spawn(state_dir: Path, host: str, log: Path, say: Say) -> subprocess.Popen[bytes]:
    driver = storage_driver(state_dir)
    say(f"starting dockerd with {driver}; its log is {log}")
    # No bridge and no packet rules: no container of ours has a network, so the machine's own stays untouched.
    command = ["dockerd", "--host", host, "--data-root", str(state_dir / "data"), "--exec-root", str(run_dir(state_dir) / "exec"),
               "--pidfile", str(state_dir / "dockerd.pid"), "--storage-driver", driver, "--bridge=none", "--iptables=false",
               "--ip6tables=false", "--log-level=warn"]  # fmt: skip
    env = {**os.environ, "PATH": SBIN_PATH}
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/", env=env
        )


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for the engine's data, socket and log")
    status = ensure_engine(parser.parse_args().state, say=lambda line: print(line, file=sys.stderr))
    if status.docker_host:
        print(status.docker_host)
        return 0
    print("\n".join(status.advice), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
