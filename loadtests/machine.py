"""How much CPU each part of the platform used, second by second, read from /proc."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARTS = ("web", "worker", "postgres", "locust")
Pids = Mapping[str, Iterable[int]]


def pids_of(state: Path | None, locust: Iterable[int]) -> dict[str, list[int]]:
    """The processes of an installation by part, from what its supervisor notes in the state folder."""
    found: dict[str, list[int]] = {"locust": list(locust)}
    if state is None:
        return found
    noted = state / "processes"
    for line in noted.read_text().splitlines() if noted.exists() else ():
        name, _, pid = line.partition(" ")
        found.setdefault(name.partition("-")[0], []).append(int(pid))
    postmaster = state / "postgres" / "postmaster.pid"
    if postmaster.exists():
        found["postgres"] = [int(postmaster.read_text().split()[0])]
    return found


def seconds(pid: int) -> float:
    """CPU seconds of a process and all its children, living or gone. What has died meanwhile counts no more."""
    with suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        own = sum(int(fields[at]) for at in (11, 12, 13, 14)) / TICKS  # utime, stime, cutime, cstime
        return own + sum(seconds(child) for child in _children(pid))
    return 0.0


def _children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    with suppress(OSError):
        return [int(word) for word in file.read_text().split()]
    return []


def machine() -> tuple[float, float, float]:
    """(busy, stolen by other machines, all) CPU seconds of the whole machine since it started."""
    numbers = [int(word) / TICKS for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(numbers) - numbers[3] - numbers[4], numbers[7], sum(numbers)


@dataclass
class Watch:
    """Looks every second from a thread of its own, until told to stop. `rows`: seconds since the epoch and per part."""

    state: Path | None
    locust: list[int]
    rows: list[dict[str, float]] = field(default_factory=list)
    _seen: dict[tuple[str, int], float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End with one last look."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while True:
            ended = self._stop.wait(1.0 if self.rows else 0.0)
            for part, pids in pids_of(self.state, self.locust).items():
                for pid in pids:  # who has ended keeps what was used
                    self._seen[part, pid] = max(self._seen.get((part, pid), 0.0), seconds(pid))
            busy, stolen, _ = machine()
            used = {part: sum(value for (name, _), value in self._seen.items() if name == part) for part in PARTS}
            self.rows.append({"at": time.time(), **used, "machine": busy, "stolen": stolen})
            if ended:
                return
