"""How far a long analysis has come, on standard error: one line that renews itself on a terminal, a line each tenth else."""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from proctor.flag import plain_seconds


class Progress:
    """`total` is what the recording says it lasts, in seconds; None where it does not say. No `out`, no words. Call it with each time seen."""

    def __init__(self, what: str, start: datetime, total: float | None, out: TextIO | None) -> None:
        self._what, self._start, self._total, self._out = what, start, total, out
        self._step = -1
        self._open = False

    def __call__(self, at: datetime) -> None:
        if self._out is None:
            return
        second = (at - self._start).total_seconds()
        every = 1.0 if self._out.isatty() else max((self._total or 600.0) / 10, 10.0)
        if int(second / every) == self._step:
            return
        self._step = int(second / every)
        passed = at - self._start
        whole = f" of {self._total:.0f} s" if self._total else ""
        line = f"{self._what}: {plain_seconds(passed)}{whole}"
        if self._out.isatty():
            self._out.write(f"\r{line}\033[K")
            self._open = True
        else:
            self._out.write(line + "\n")
        self._out.flush()

    def done(self) -> None:
        """End the line that renews itself."""
        if self._open and self._out is not None:
            self._out.write("\r\033[K")
            self._out.flush()
