"""What happened, as a table, and how to look around."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loadtests.story import Told


def show(told: Told, out: Path, seconds: float) -> None:
    """Print the story's outcome and the sign-ins."""
    console = Console(width=118)
    table = Table(title="What happened", title_style="bold", show_header=False, min_width=96)
    flags = ", ".join(f"{count} × {rule.replace('_', ' ')}" for rule, count in sorted(told.flags.items()))
    waits = f"; {told.waits_for_sandbox} code answers wait for a sandbox" if told.waits_for_sandbox else ""
    rows = [
        ("Attempts", f"{told.attempts} candidates, {told.saves} answers saved, each with a signed receipt"),
        ("Receipts", f"{told.receipts_proven} files checked offline: all proven"),
        ("Frames", f"{told.analysed} analysed of {told.frames}, {told.frames_per_second} frames/s"),
        ("Flags", flags or "none"),
        ("Grades", f"{told.graded_by_machine} by machine, {told.graded_by_person} by a person{waits}"),
        ("Findings", "\n".join(told.findings) or "none"),
        ("Results", f"{told.released} released, {told.passed} passed"),
        ("Certificates", f"{told.certificates} issued"),
        ("Certificate URL", told.certificate_url or "none yet"),
        ("Its verification", f"{told.verification} (offline, from the file alone)" if told.verification else "–"),
        ("Time", f"{seconds:.0f} s"),
    ]
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
    people = Table(
        title="Sign-ins (http://localhost only; made for this demonstration)", title_style="bold", min_width=96
    )
    for heading in ("Who", "E-mail", "Password", "Code"):
        people.add_column(heading)
    for role, account in json.loads((out / "sign-ins.json").read_text()).items():
        people.add_row(role, account["email"], account["password"], "run: make code")
    console.print(people)
