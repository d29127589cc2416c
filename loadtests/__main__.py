"""Load, measured from outside.

    python -m loadtests run udelar --users 3000     the published recipe, with a platform of its own
    python -m loadtests starts --users 2000         everybody starts at one moment
    python -m loadtests report var/load             one page with tables and charts
    python -m loadtests faults --candidates 1000    everything breaks, and what was lost is counted (--help says more)

Without --url a platform of our own is started in a temporary folder and thrown away. Target only a server of your own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loadtests.recipes import RAMP

RECIPES = ("udelar", "autosave_storm", "frames", "verify", "starts")


def parser() -> argparse.ArgumentParser:
    """All commands."""
    top = argparse.ArgumentParser(
        prog="python -m loadtests", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="play a recipe")
    run.add_argument("recipe", choices=RECIPES)
    starts = commands.add_parser("starts", help="everybody starts at one moment")
    starts.set_defaults(recipe="starts")
    for command, ramp in ((run, RAMP), (starts, 0.0)):
        _options(command, ramp)
    report = commands.add_parser("report", help="one HTML page from the runs in a folder")
    report.add_argument("folder", type=Path)
    commands.add_parser("faults", help="break everything while people write", add_help=False)
    return top


def _options(command: argparse.ArgumentParser, ramp: float) -> None:
    add = command.add_argument
    add("--users", type=int, default=100, help="candidates")
    add("--url", help="a running platform of your own; left out: one is started and thrown away")
    add("--sign-ins", type=Path, default=Path("var/demo/sign-ins.json"), help="with --url: who plans the sitting")
    add("--state", type=Path, help="with --url: its state folder, to measure its processes")
    add("--web-workers", type=int, default=2, help="without --url: web processes")
    add("--processes", type=int, default=1, help="Locust processes")
    add("--hurry", type=float, default=1.0, help="divide think times, ramp and rechecks by this")
    add("--ramp", type=float, default=ramp, help="seconds over which the candidates start")
    add("--recheck", type=float, default=0.0, help="seconds between looks at the clock; 0: none, as the room")
    add("--seconds", type=float, default=60.0, help="how long autosave_storm, frames and verify go on")
    add("--certificate", default="", help="verify: the address of a certificate")
    add("--out", type=Path, help="the folder for the results")


def main() -> int:
    """Run one command."""
    if sys.argv[1:2] == ["faults"]:
        from loadtests.faults.run import main as break_everything  # it has a command line of its own

        return break_everything(sys.argv[2:])
    chosen = parser().parse_args()
    if chosen.command == "report":
        from loadtests.report import write  # needs nothing that the recipes need

        print(write(chosen.folder))
        return 0
    from loadtests.run import run  # loads the web clients; a report needs none

    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
