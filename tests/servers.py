"""Real servers for tests, each in a folder that is thrown away; a test that needs one that this machine lacks is left out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.servers import find_server
from loadtests.platform import ROOT, free_port

PATIENCE = 10.0


def program(name: str) -> str:
    """Where it is; without it the test is skipped."""
    found = find_server(ROOT, name)
    if found is None:
        pytest.skip(f"{name} is not on this machine; `make test` fetches it on Debian")
    return found


@dataclass
class Server:
    """One process that listens on one port, and can be killed and started again."""

    command: list[str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it takes connections."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        self.stop()
        raise AssertionError(f"{self.command[0]} did not start\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """No goodbye."""
        self.stop(signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    """Redis that keeps nothing: news are of the moment."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running(Server([program("redis-server"), *options], folder / "redis.log", port)) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Started, and stopped at the end."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


def as_nobody() -> bool:
    """Whether servers that refuse to be root have to be told to become somebody else."""
    return os.geteuid() == 0
