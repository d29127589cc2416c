"""`python -m sandbox doctor`: what this machine lacks, as a list for people and as JSON."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from sandbox import writing
from sandbox.doctor import examine
from sandbox.engines.docker import DockerEngine


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", type=Path, metavar="FILE", help="write every check there as JSON")


def doctor(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Say what holds, and how to mend what does not; 1 where a check fails, 2 where the engine cannot be examined."""
    writing.check(options.json)
    checks = []
    for check in examine(engine):
        checks.append(check)
        print(f"{'ok  ' if check.holds else 'FAIL'} {check.name:22} {check.found}", flush=True)
        if check.fix:
            print(f"     {check.fix}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(check) for check in checks], indent=1), encoding="utf-8")
    if any(check.final for check in checks):
        return 2
    return 0 if all(check.holds for check in checks) else 1
