"""`python -m bench.sampled FILE serve`: `invigil serve`, and every millisecond of CPU a look at what runs.

The looks go to FILE as JSON on SIGUSR1 and start again from nothing: whose code it was (the innermost frame that belongs to a package), and
in which function of ours. SIGPROF counts CPU time, so waiting costs nothing and does not show.
"""

from __future__ import annotations

import json
import signal
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from types import FrameType

from exam_api.cli import main

ROOT = str(Path(__file__).resolve().parent.parent)
PACKAGES = sysconfig.get_paths()["purelib"]
EVERY = 0.001  # seconds of CPU
FILE = Path(sys.argv.pop(1))  # the rest is what `invigil` reads

owners: Counter[str] = Counter()
places: Counter[str] = Counter()


def owner_of(path: str) -> str | None:
    """The package of a file: ours, or an installed one; None for Python's own."""
    for root in (PACKAGES, ROOT):
        if path.startswith(root):
            return path[len(root) + 1 :].split("/", 1)[0]
    return None


def look(_: int, frame: FrameType | None) -> None:
    """Who runs now."""
    owner = place = None
    while frame is not None and (owner is None or place is None):
        package = owner_of(frame.f_code.co_filename)
        owner = owner or package
        if package in {"exam_api", "credentials", "grading"}:
            place = place or f"{package}: {frame.f_code.co_name}"
        frame = frame.f_back
    owners[owner or "Python itself"] += 1
    places[place or "none of ours"] += 1


def write(_: int, __: FrameType | None) -> None:
    """Hand over, and forget."""
    part = FILE.with_suffix(".part")
    part.write_text(json.dumps({"owners": owners, "places": places}))
    part.rename(FILE)
    owners.clear()
    places.clear()


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, look)
    signal.signal(signal.SIGUSR1, write)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    main()
