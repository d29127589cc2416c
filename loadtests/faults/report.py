"""The run as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from loadtests.faults.run import Came

SHOWN = 5  # losses of one kind that are told in words


def show(came: Came, words: Mapping[str, str]) -> dict[str, Any]:
    """Print the tables; the same as data."""
    console = Console(width=118)
    console.print(_faults(came, words))
    console.print(_losses(came))
    for name, found in came.verdict.losses.items():
        for each in found[:SHOWN]:
            console.print(f"{name}: {each}", markup=False)
    for kind, why in came.could_not.items():
        console.print(f"Not done: {words[kind]}. {why}")
    for kind in came.missing:
        console.print(f"Never happened: {words[kind]}. A run without it proves nothing about it.")
    return {
        "candidates": came.plan.candidates,
        "browsers": came.plan.browsers,
        "seed": came.plan.seed,
        "seconds": round(came.seconds),
        "exam_requests": came.requests,
        "answers_typed": came.verdict.typed,
        "answers_acknowledged": came.verdict.acknowledged,
        "submitted": came.verdict.submitted,
        "sent_again": came.repeats,
        "injected": {kind: came.injected[kind] for kind in came.plan.kinds},
        "back_after_seconds": {kind: [round(each, 1) for each in times] for kind, times in came.back.items()},
        "could_not": came.could_not,
        "pages_meanwhile": came.pages,
        "lost": {name: len(found) for name, found in came.verdict.losses.items()},
        "good": came.good,
    }


def _faults(came: Came, words: Mapping[str, str]) -> Table:
    table = Table(title=f"Faults injected (seed {came.plan.seed})", title_style="bold", min_width=96)
    table.add_column("Fault")
    table.add_column("How often", justify="right")
    table.add_column("Back after, at most", justify="right")
    for kind in came.plan.kinds:
        times = came.back.get(kind)
        count = "not possible here" if kind in came.could_not else f"{came.injected[kind]:,}"
        table.add_row(words[kind], count, f"{max(times):.1f} s" if times else "")
    return table


def _losses(came: Came) -> Table:
    verdict = came.verdict
    title = f"{came.plan.candidates:,} candidates, {verdict.typed:,} answers typed, {came.seconds:.0f} s"
    table = Table(title=title, title_style="bold", show_header=False, min_width=96)
    table.add_row("exam requests through the network", f"{came.requests:,}")
    table.add_row("answers acknowledged by a verified receipt", f"{verdict.acknowledged:,}")
    table.add_row("answers sent again", f"{came.repeats:,}")
    table.add_row("submissions, sealed and compared", f"{verdict.submitted:,}")
    for name, found in verdict.losses.items():
        table.add_row(f"[bold]{name}[/bold]", f"[bold]{len(found)}[/bold]")
    return table
