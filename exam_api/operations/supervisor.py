"""Keeps the platform's processes alive on one machine: PostgreSQL, the web processes, the worker."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from exam_api.operations.postgres import DatabaseWillNotStart, EmbeddedPostgres

log = logging.getLogger("exam_api.supervisor")
PAUSE = 0.3  # seconds between looks; a killed process is back within about a second
SLOWEST = 3.0  # seconds between tries to start PostgreSQL where it does not start
PATIENCE = 15.0  # seconds a process gets to end in good order


@dataclass
class Child:
    """One process of ours and how to start it again."""

    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def ensure(self) -> None:
        """Start it unless it runs. A process that dies at once is given more and more time."""
        if self.process is not None and self.process.poll() is None:
            return
        now = time.monotonic()
        recent = [start for start in self.starts if now - start < 60]
        if recent and now - recent[-1] < min(len(recent) - 1, 10):
            return
        if self.process is not None:
            log.warning("%s ended with %s; starting it again", self.name, self.process.returncode)
        self.starts = [*recent, now]
        with self._open_log() as out:
            self.process = subprocess.Popen(
                self.command, stdout=out, stderr=out, env=dict(self.env), start_new_session=True
            )

    def _open_log(self) -> IO[bytes]:
        """The log, or nothing where the disk takes no more: people go on without a log, not without an exam."""
        try:
            return self.log.open("ab")
        except OSError:
            return Path(os.devnull).open("ab")

    def stop(self) -> None:
        """Ask it to end, then make it."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Start everything, look after it, stop everything. Every process may be killed at any time."""

    def __init__(self, state_dir: Path, env: Mapping[str, str], *, web_workers: int, workers: int = 1) -> None:
        self.state_dir = state_dir
        self.noted = ""  # what the file of our processes says
        self.failed = 0  # tries to start PostgreSQL since it last ran
        self.again_at = 0.0
        logs = state_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)  # tracebacks are for operators
        ours = [sys.executable, "-m", "exam_api.cli"]
        self.children = [
            Child(f"web-{number}", [*ours, "serve"], logs / "web.log", env) for number in range(1, web_workers + 1)
        ]
        # The first is called as it is where there is only one.
        names = ["worker", *(f"worker-{number}" for number in range(2, workers + 1))][:workers]
        self.children += [Child(name, [*ours, "work"], logs / "worker.log", env) for name in names]

    def end_leftovers(self) -> None:
        """Processes of ours whose supervisor was killed still hold the address and the queue: end them first."""
        file = self.state_dir / "processes"
        noted = [line.split()[1] for line in file.read_text().splitlines()] if file.exists() else []
        for pid in noted:
            try:
                if b"exam_api.cli" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    log.warning("ending process %s, left over from before", pid)
                    os.killpg(int(pid), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                continue
        file.unlink(missing_ok=True)

    def look_after(self, postgres: EmbeddedPostgres | None) -> None:
        """One look: start what does not run. What cannot be started now is tried again, for as long as it takes."""
        for child in self.children:
            child.ensure()
        said = "".join(f"{child.name} {child.process.pid}\n" for child in self.children if child.process)
        if said != self.noted:
            self._note(said)
        if postgres is not None:
            self._ensure(postgres)

    def _note(self, said: str) -> None:
        """Which processes are ours, for whoever comes after us."""
        part = self.state_dir / "processes.part"
        try:
            part.write_text(said)
            part.replace(self.state_dir / "processes")
        except OSError as error:
            log.warning("the state folder takes no files: %s", error)
        else:
            self.noted = said

    def _ensure(self, postgres: EmbeddedPostgres) -> None:
        """A full or read-only disk keeps PostgreSQL from starting until somebody makes room: giving up would help nobody."""
        if time.monotonic() < self.again_at:
            return
        try:
            if postgres.ensure(patience=0):
                log.warning("PostgreSQL was started again")
            self.failed = 0
        except DatabaseWillNotStart:
            self.failed += 1
            self.again_at = time.monotonic() + min(self.failed * PAUSE, SLOWEST)
            if self.failed % 20 == 5:  # at first it may only wait for what its killed predecessor still holds
                log.exception("PostgreSQL does not start; trying until it does")

    def run(self, postgres: EmbeddedPostgres | None) -> None:
        """Look after everything until SIGTERM or SIGINT."""
        ending: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda signum, _: ending.append(signum))
        (self.state_dir / "supervisor.pid").write_text(f"{os.getpid()}\n")
        while not ending:
            self.look_after(postgres)
            time.sleep(PAUSE)
        self.stop(postgres)

    def stop(self, postgres: EmbeddedPostgres | None) -> None:
        """The web first, the database last."""
        for child in self.children:
            child.stop()
        if postgres is not None:
            postgres.stop()
