"""`python -m loadtests report FOLDER`: one page from every run in the folder, to be read without a network."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from loadtests.charts import lines, table
from loadtests.machine import PARTS

STYLE = """
:root { color-scheme: light dark; --ink: #16211f; --paper: #fcfdfc; --soft: #56635f; --grid: #d3dad7;
  --c0: #0b5d6b; --c1: #9a3412; --c2: #6d28a8; --c3: #3f6212; --c4: #9d174d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eeec; --paper: #111918; --soft: #a7b4b0; --grid: #33403c;
  --c0: #7cc7d4; --c1: #f5a97f; --c2: #c9a3f0; --c3: #b5d37a; --c4: #f29ac0; } }
body { margin: 0 auto; padding: 2rem 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 2px solid var(--grid); padding-top: 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th[scope=row], thead th:first-child { text-align: left; font-weight: 600; }
.wide { overflow-x: auto; } svg { width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--soft); }
.grid { stroke: var(--grid); } .line { fill: none; stroke-width: 2; } figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } p.note { color: var(--soft); }
""" + "".join(f".line.c{n} {{ stroke: var(--c{n}); }} svg text.c{n} {{ fill: var(--c{n}); }}\n" for n in range(5))
CHARTED = ("save", "start", "page: paper", "submit", "frame: until it is kept", "verify: file")


def write(folder: Path) -> Path:
    """Read every `result.json` in the folder and below; the page, `report.html` in the folder."""
    runs = [json.loads(file.read_text()) for file in sorted(folder.rglob("result.json"))]
    if not runs:
        raise SystemExit(f"{folder} holds no result.json: run a recipe first")
    runs.sort(key=lambda run: (run["recipe"], run["users"] * run["hurry"]))
    body = "".join([_growth(runs) if len(runs) > 1 else "", *(_run(run) for run in runs)])
    page = folder / "report.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Load</title><style>{STYLE}</style><body><main><h1>Load</h1>{body}</main></body></html>"
    )
    return page


def equal_rate(run: dict[str, Any]) -> int:
    """How many candidates at the recipe's own pace send as much."""
    return round(float(run["users"] * run["hurry"]))


def _step(run: dict[str, Any], name: str) -> dict[str, Any]:
    return next((each for each in run["steps"] if each["name"] == name), {})


def _growth(runs: list[dict[str, Any]]) -> str:
    """Candidates against the save's 99th percentile and the CPU, recipe by recipe."""
    said = []
    for recipe in sorted({run["recipe"] for run in runs}):
        some = [run for run in runs if run["recipe"] == recipe]
        if len(some) < 2:
            continue
        xs = [equal_rate(run) for run in some]
        rows = [
            (
                str(equal_rate(run)),
                *(_step(run, "save").get(key, "–") for key in ("p50", "p95", "p99")),
                *(run["cpu"]["share"].get(part, 0.0) * 100 for part in (*PARTS, "others")),
                run["failed"],
            )
            for run in some
        ]
        heads = (
            "Candidates at the recipe's pace",
            "save p50 ms",
            "p95",
            "p99",
            *(f"CPU % {part}" for part in (*PARTS, "others")),
            "errors",
        )
        said.append(f"<h2>Growth: {escape(recipe)}</h2>{table(heads, rows)}")
        if len(set(xs)) > 1:
            p99 = {"p99 of a save": [_step(run, "save").get("p99") for run in some]}
            cpu = {part: [run["cpu"]["share"].get(part, 0.0) * 100 for run in some] for part in PARTS}
            said.append(lines("99th percentile of a save by candidates", xs, p99, unit="ms", x_unit="candidates"))
            said.append(lines("CPU by candidates", xs, cpu, unit="% of a core", x_unit="candidates"))
    return "".join(said)


def _run(run: dict[str, Any]) -> str:
    """One run: its conditions, its steps, its charts."""
    people = run["people"]
    scaled = (
        f" Think times, ramp and looks at the clock were divided by {run['hurry']:g}: the same rate as {equal_rate(run):,} candidates."
        if run["hurry"] != 1
        else ""
    )
    heads = ("Step", "count", "p50 ms", "p95", "p99", "worst", "errors", "last after s")
    rows = [
        (
            step["name"],
            step["count"],
            *(step[key] for key in ("p50", "p95", "p99", "worst")),
            step["errors"],
            step["last_after"],
        )
        for step in run["steps"]
    ]
    errors = "".join(
        f"<li>{escape(said)}: {count}</li>" for said, count in {**run["said"], **people["stopped"]}.items()
    )
    return "".join(
        [
            f"<h2>{escape(run['recipe'])}, {run['users']:,} candidates</h2>",
            (
                f"<p>{people['through']:,} of {run['users']:,} came through in {run['took']:,.0f} s; {people['saves_proven']:,} saves with a"
                f" proven receipt; {run['failed']:,} failed requests.{scaled}</p>"
            ),
            (
                f'<p class="note">{escape(run["machine"])}, {escape(run["at"])}; {run["web_workers"] or "?"} web processes,'
                f" {run['locust_processes']} Locust; prepared in {run['prepared_in']:.0f} s; all start within {run['ramp']:g} s.</p>"
            ),
            table(heads, rows),
            f"<h3>What went wrong</h3><ul>{errors}</ul>" if errors else "",
            _charts(run),
        ]
    )


def _charts(run: dict[str, Any]) -> str:
    series = run["series"]
    steps = {name: series["steps"][name] for name in CHARTED if name in series["steps"]}
    xs = [at * series["span"] for at in range(len(series["errors"]))]
    cpu = run["cpu"]["series"]
    shares = {part: [value * 100 for value in cpu[part]] for part in (*PARTS, "others")} if cpu else {}
    return "".join(
        [
            "<h3>Over time</h3>",
            lines(
                "99th percentile by step",
                xs,
                {name: step["p99"] for name, step in steps.items()},
                unit="ms",
                x_unit="seconds",
            ),
            lines(
                "Median by step", xs, {name: step["p50"] for name, step in steps.items()}, unit="ms", x_unit="seconds"
            ),
            lines(
                "Requests per second by step",
                xs,
                {name: step["per_second"] for name, step in steps.items()},
                unit="per second",
                x_unit="seconds",
            ),
            lines(
                "Failed requests", xs, {"failed": series["errors"]}, unit=f"in {series['span']:g} s", x_unit="seconds"
            ),
            lines("CPU", cpu.get("at", []), shares, unit="% of a core", x_unit="seconds"),
            table(
                ("CPU", "% of a core", "seconds"),
                [
                    (part, share * 100, run["cpu"]["seconds"].get(part, "–"))
                    for part, share in run["cpu"]["share"].items()
                ],
            ),
        ]
    )
