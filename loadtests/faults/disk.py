"""A small disk of its own for the state folder, so that it can be full or read-only. Needs the right to mount."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

BALLAST = "ballast"
STEPS = (64 << 20, 1 << 20, 4096)


class CannotMount(Exception):
    """This machine lets us mount no disk of our own (it takes root); the faults of the disk are left out."""


@dataclass(frozen=True)
class Disk:
    """A mounted tmpfs."""

    folder: Path

    @classmethod
    def mount(cls, folder: Path, megabytes: int) -> Disk:
        """Raises `CannotMount`."""
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "invigil-faults", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (subprocess.CalledProcessError, OSError) as error:
            raise CannotMount(str(CannotMount.__doc__)) from error
        return cls(folder)

    def fill(self) -> None:
        """To the last block."""
        file = os.open(self.folder / BALLAST, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            size = 0
            for step in STEPS:
                try:
                    while True:
                        os.posix_fallocate(file, size, step)
                        size += step
                except OSError:
                    continue
        finally:
            os.close(file)

    def free(self) -> None:
        """Room again."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def read_only(self, patience: float = 8.0) -> None:
        """Refused for as long as anybody has a file open for writing; raises `CannotMount` after `patience` seconds."""
        until = time.monotonic() + patience
        while not self._remount("ro"):
            if time.monotonic() > until:
                raise CannotMount("Somebody still writes to the disk, so it cannot be made read-only.")
            time.sleep(0.1)

    def writable(self) -> None:
        self._remount("rw")

    def _remount(self, how: str) -> bool:
        command = ["mount", "-o", f"remount,{how}", str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def unmount(self) -> None:
        """Lazily: a process that still ends may hold a file."""
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)
