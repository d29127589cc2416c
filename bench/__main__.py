"""`make bench` runs every benchmark, `python -m bench NAME …` some, and each writes its part of docs/benchmarks.md."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

from bench import extra_time, load, log, sandbox, save_answer, save_profile

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Benchmarks

Measured by `make bench` on the machine and at the time that each part names. Every figure stands beside a peer or a limit
that was measured in the same run.

"""


MISSED = 1  # what a benchmark returns that measured everything, and found a target missed


def alone(module: str, *arguments: str) -> str:
    """In a process of its own: it pins itself to one core, or its libraries talk. Progress goes to stderr."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    if ran.returncode not in {0, MISSED} or not ran.stdout.startswith("###"):
        raise SystemExit(f"{module} broke off ({ran.returncode})")
    return ran.stdout


def printed(run: Callable[[], None]) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        run()
    return said.getvalue()


def saves() -> str:
    return printed(save_answer.main)


def times() -> str:
    return printed(extra_time.main)


def public_log(sizes: tuple[int, ...] = log.SIZES) -> str:
    return printed(lambda: log.main(sizes))


def profile() -> str:
    return printed(save_profile.main)


def judging() -> str:
    return printed(sandbox.main)


PARTS: dict[str, Callable[[], str]] = {
    "saves": saves,
    "profile": profile,
    "starts": lambda: load.part("starts"),
    "udelar": lambda: load.part("udelar"),
    "faults": lambda: load.part("faults"),
    "times": times,
    "log": public_log,
    "credentials": lambda: alone("credentials"),
    "frames": lambda: alone("frames"),
    "sandbox": judging,
    "proctor_accuracy": lambda: alone("proctor_accuracy"),
    "proctor_speed": lambda: alone("proctor_speed"),
    "flag_delay": lambda: alone("flag_delay"),
    "twente": lambda: alone("twente"),
}
FILE = ROOT / "docs" / "benchmarks.md"


def kept() -> dict[str, str]:
    """The parts that stand in the file, by name."""
    text = FILE.read_text() if FILE.exists() else ""
    found = {}
    for piece in text.split("<!-- part: ")[1:]:
        name, _, body = piece.partition(" -->")
        found[name] = body.strip()
    return found


def main() -> int:
    """Measure the named parts (all, where none is named), print them, and put them into the file; the others stay.
    Numbers are sizes of the public log: `python -m bench log 1000000`. Other words are parts of how right proctoring is:
    `python -m bench proctor_accuracy phone clean` measures these two beside what it kept from runs before.

    1 where a target is missed.
    """
    sizes = tuple(int(each) for each in sys.argv[1:] if each.isdecimal())
    words = [each for each in sys.argv[1:] if not each.isdecimal()]
    only = [argument for each in words if each not in PARTS for argument in ("--only", each)]
    accuracy = partial(alone, "proctor_accuracy", *only)
    measures: dict[str, Callable[[], str]] = {**PARTS, "log": lambda: public_log(sizes or log.SIZES)}
    measures["proctor_accuracy"] = accuracy
    parts, names = kept(), [each for each in words if each in PARTS] or list(PARTS)
    for name in names:
        print(f"{name} …", flush=True)
        parts[name] = measures[name]().strip()
        print(parts[name], flush=True)
        # After each: a run of hours that breaks off loses only what was under way.
        FILE.write_text(HEAD + "".join(f"<!-- part: {each} -->\n{parts[each]}\n\n" for each in PARTS if each in parts))
    return int(any("**missed**" in parts[name] for name in names))


if __name__ == "__main__":
    raise SystemExit(main())
