"""The real platform in processes of its own: embedded PostgreSQL, web processes, a worker; started and killed by us."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0  # seconds for the first start, also on a busy machine: initdb, migrations, two web processes


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def docker_host() -> str | None:
    """The engine for candidates' code: the one that set-up found, or the one that runs in the state folder."""
    if host := os.environ.get("INVIGIL_DOCKER_HOST"):
        return host
    file = ROOT / "var" / "docker" / "docker.sock"
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(file))
        except OSError:
            return None
    return f"unix://{file}"


class PlatformStopped(AssertionError):
    """The platform did not come up, or not come back."""


@dataclass
class Platform:
    """One installation in a folder that is thrown away. `source` is the working copy that runs; `public` its address."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    source: Path = ROOT
    public: str = ""
    web_workers: int = 2
    settings: dict[str, str] = field(default_factory=dict)  # more of them, by their full names

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What the processes are told; nothing of the caller's own INVIGIL_* reaches them."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INVIGIL_")}
        host = docker_host()
        return {
            **kept,
            "INVIGIL_STATE_DIR": str(self.folder),
            "INVIGIL_PORT": str(self.port),
            "INVIGIL_PUBLIC_URL": self.public or self.url,
            "INVIGIL_WEB_WORKERS": str(self.web_workers),
            "INVIGIL_GALLERY": "1",
            "INVIGIL_MODELS_DIR": str(ROOT / ".cache" / "models"),
            **({"INVIGIL_DOCKER_HOST": host} if host else {}),
            **self.settings,
        }

    @property
    def said(self) -> Path:
        """Where the supervisor's own words go: beside the state folder, whose disk may be full."""
        return self.folder.parent / f"{self.folder.name}.log"

    def start(self) -> None:
        """Start and return; `until_up` waits."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "exam_api.cli", "up"], cwd=self.source, env=self.env, stdout=out, stderr=out
            )

    def stop(self) -> None:
        """In good order; whatever does not listen is killed."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    async def healthy(self) -> bool:
        """Whether the web answers and the database answers the web."""
        async with httpx.AsyncClient(base_url=self.url, timeout=3) as client:
            try:
                return (await client.get("/api/health")).status_code == 200
            except httpx.HTTPError:
                return False

    async def until_up(self, patience: float = PATIENCE) -> float:
        """Seconds until the platform answers; fails with the end of its log when that takes too long."""
        began = time.monotonic()
        while not await self.healthy():
            if time.monotonic() - began > patience:
                raise PlatformStopped(
                    f"the platform did not answer in {patience:.0f} s\n{self.tail()}\n{self.tail('logs/web.log')}"
                )
            await asyncio.sleep(0.2)
        return time.monotonic() - began

    def tail(self, name: str = "", lines: int = 30) -> str:
        """The end of a log: the supervisor's, or logs/web.log, logs/worker.log."""
        file = self.folder / name if name else self.said
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else ""

    async def account(self, email: str, name: str, *roles: str) -> str:
        """Make an account with the operator's command line; its activation code."""
        command = [sys.executable, "-m", "exam_api.cli", "account", "create", "--email", email, "--name", name]
        command += [part for role in roles for part in ("--role", role)]
        ran = await asyncio.to_thread(
            subprocess.run, command, cwd=self.source, env=self.env, capture_output=True, text=True, check=False
        )
        found = re.search(r"#(\S+)", ran.stdout)
        assert found, ran.stdout + ran.stderr
        return found.group(1)

    # --- what can be killed ---

    async def pid(self, name: str) -> int:
        """The process id of `web-1`, `web-2`, `worker` or `postgres` (the postmaster), once that process lives."""
        for _ in range(int(PATIENCE / 0.1)):
            if pid := self.living(name):
                return pid
            await asyncio.sleep(0.1)
        raise PlatformStopped(f"{name} did not start again\n{self.tail()}")

    def living(self, name: str) -> int | None:
        """The process id, if that process lives now."""
        pid = self._noted(name)
        return pid if pid is not None and Path(f"/proc/{pid}").exists() else None

    def _noted(self, name: str) -> int | None:
        """What the state folder says now; a file may be caught half written."""
        if name == "postgres":
            file = self.folder / "postgres" / "postmaster.pid"
            words = file.read_text().split() if file.exists() else []
            return int(words[0]) if words else None
        file = self.folder / "processes"
        rows = (line.split() for line in file.read_text().splitlines()) if file.exists() else ()
        return next((int(row[1]) for row in rows if len(row) == 2 and row[0] == name), None)

    def kill(self, *pids: int) -> None:
        """SIGKILL: no goodbye."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def database_url(self) -> str:
        """For a look from outside: the socket that the running PostgreSQL names."""
        lines = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/postgres?host={lines[4].strip()}"
