"""`python -m bench.load starts|udelar|faults [CANDIDATES]`: the load recipes and the fault run, as parts of docs/benchmarks.md.

Everything is on this machine: web processes, worker, PostgreSQL and the simulated candidates.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.facts import machine

ROOT = Path(__file__).resolve().parent.parent
USERS = {"starts": 2_000, "udelar": 3_000, "faults": 1_000}
TITLES = {
    "starts": "{users:,} prepared starts at one moment",
    "udelar": "The UDELAR recipe with {users:,} candidates",
    "faults": "Faults with {users:,} candidates",
}
SAYS = {
    "starts": "Prepared: attempt, consent and the statement that the passkey signed. When all have started, all read their papers at one moment.",
    "udelar": "16 questions on 8 pages, 30 to 90 s of thought for each page, all within 180 s; a live channel for everybody, each receipt and seal verified.",
    "faults": "`python -m loadtests faults`; what each fault is stands in [faults.md](faults.md).",
}


def play(command: list[str]) -> None:
    """What the recipe says while it runs goes to stderr."""
    subprocess.run([sys.executable, "-m", "loadtests", *command], cwd=ROOT, stdout=sys.stderr, check=False)


def loaded(recipe: str, users: int) -> str:
    """One run of a recipe, as Markdown."""
    command = [recipe] if recipe == "starts" else ["run", recipe]
    with tempfile.TemporaryDirectory(prefix="invigil-bench-") as folder:
        play([*command, "--users", str(users), "--out", folder])
        result: dict[str, Any] = json.loads((Path(folder) / "result.json").read_text())
    rows = [
        f"| {step['name']} | {step['count']:,} | {step['p50']:.0f} | {step['p95']:.0f} | {step['p99']:.0f} |"
        f" {step['worst']:.0f} | {step['errors']} | {step['last_after']:.1f} |"
        for step in result["steps"]
    ]
    cpu = ", ".join(f"{part} {share:.0%}" for part, share in result["cpu"]["share"].items())
    people = result["people"]
    return "\n".join(
        [
            "| step | count | p50 ms | p95 | p99 | worst | errors | last after s |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"{people['through']:,} of {users:,} came through, {people['saves_proven']:,} saves proven, {result['failed']} requests failed.",
            f"CPU of one core: {cpu}.",
        ]
    )


def broken(users: int) -> str:
    """One run of all faults, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="invigil-bench-") as folder:
        file = Path(folder) / "faults.json"
        play(["faults", "--candidates", str(users), "--json", str(file)])
        result: dict[str, Any] = json.loads(file.read_text())
    lost = "\n".join(f"| {name} | {count} |" for name, count in result["lost"].items())
    faults = ", ".join(f"{name} {count:,}" for name, count in result["injected"].items() if count)
    return (
        f"| lost | |\n|---|---:|\n{lost}\n\n{result['answers_acknowledged']:,} answers acknowledged, "
        f"{result['submitted']:,} submitted. Injected: {faults}."
    )


def part(recipe: str, users: int | None = None) -> str:
    """The whole part with its heading."""
    count = users or USERS[recipe]
    body = broken(count) if recipe == "faults" else loaded(recipe, count)
    return f"### {TITLES[recipe].format(users=count)}\n\n{machine()}\n\n{SAYS[recipe]}\n\n{body}\n"


if __name__ == "__main__":
    print(part(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
