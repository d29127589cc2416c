"""`make bench`: run every benchmark and write docs/benchmarks.md."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from bench import extra_time, log, save_answer

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Benchmarks

Measured by `make bench` on the machine and at the time that each part names. Every figure stands beside a peer or a limit
that was measured in the same run.

"""


def frames() -> str:
    """In a process of its own: it pins itself to one core."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "bench.frames"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment).stdout


def printed(run: Callable[[], None]) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        run()
    return said.getvalue()


def saves() -> str:
    return printed(save_answer.main)


def times() -> str:
    return printed(extra_time.main)


def public_log() -> str:
    return printed(log.main)


def main() -> None:
    """Print and write."""
    parts = []
    for name, run in (("saves", saves), ("extra time", times), ("public log", public_log), ("frames", frames)):
        print(f"{name} …", flush=True)
        parts.append(run().strip())
        print(parts[-1], flush=True)
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "benchmarks.md").write_text(HEAD + "\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
