"""From the requests that Locust's processes wrote to the figures of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from loadtests.machine import PARTS

SPAN = 5.0  # seconds of one point in the charts
STEPS = ("start: statement", "start", "page: room", "page: paper", "page: sheet", "save", "clock", "submit")


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of an ordered list does not exceed; nothing for an empty list."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def read_requests(folder: Path) -> list[tuple[float, str, float, str]]:
    """(when it ended, step, ms, what went wrong) of every request, in order of time."""
    rows = []
    for file in folder.glob("requests-*.csv"):
        for line in file.read_text().splitlines():
            at, name, took, said = line.split(",", 3)
            rows.append((float(at), name, float(took), said))
    return sorted(rows)


def summary(folder: Path, conditions: Mapping[str, Any], cpu: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Everything that a report shows, as JSON values."""
    rows = read_requests(folder)
    began = float((folder / "go").read_text())
    rows = [row for row in rows if row[0] >= began]
    ended = max((row[0] for row in rows), default=began)
    said = Counter(f"{name}: {error}" for _, name, _, error in rows if error)
    people = _people(folder)
    through = [row for row in people if row[2] == "done"]
    return {
        **conditions,
        "took": round(ended - began, 1),
        "failed": sum(said.values()),
        "said": dict(said.most_common(20)),
        "people": {
            "through": len(through),
            "saves_proven": sum(int(row[3]) for row in people),
            "last_after": round(max((float(row[0]) for row in people), default=began) - began, 2),
            "stopped": dict(Counter(row[2] for row in people if row[2] != "done").most_common(10)),
        },
        "steps": _steps(rows, began),
        "series": _series(rows, began, ended),
        "cpu": _cpu(cpu, began, ended, sum(name == "save" for _, name, _, _ in rows)),
    }


def _people(folder: Path) -> list[list[str]]:
    return [line.split(",", 3) for file in folder.glob("people-*.csv") for line in file.read_text().splitlines()]


def _steps(rows: Sequence[tuple[float, str, float, str]], began: float) -> list[dict[str, Any]]:
    times: dict[str, list[float]] = defaultdict(list)
    errors, last = Counter[str](), dict[str, float]()
    for at, name, took, error in rows:
        times[name].append(took)
        errors[name] += bool(error)
        last[name] = at - began
    order = [*(name for name in STEPS if name in times), *sorted(set(times) - set(STEPS))]
    steps = []
    for name in order:
        ordered = sorted(times[name])
        shares = {f"p{int(share * 100)}": percentile(ordered, share) for share in (0.5, 0.95, 0.99)}
        steps.append(
            {
                "name": name,
                "count": len(ordered),
                **shares,
                "worst": ordered[-1],
                "errors": errors[name],
                "last_after": round(last[name], 2),
            }
        )
    return steps


def _series(rows: Sequence[tuple[float, str, float, str]], began: float, ended: float) -> dict[str, Any]:
    """For each span of time: requests of each step per second, its p50 and p99, errors."""
    spans = int((ended - began) // SPAN) + 1
    found: dict[str, list[list[float]]] = {}
    errors = [0] * spans
    for at, name, took, error in rows:
        at_span = int((at - began) // SPAN)
        found.setdefault(name, [[] for _ in range(spans)])[at_span].append(took)
        errors[at_span] += bool(error)
    steps = {}
    for name, all_times in found.items():
        ordered = [sorted(times) for times in all_times]
        steps[name] = {
            "per_second": [round(len(times) / SPAN, 2) for times in ordered],
            "p50": [percentile(times, 0.5) if times else None for times in ordered],
            "p99": [percentile(times, 0.99) if times else None for times in ordered],
        }
    return {"span": SPAN, "errors": errors, "steps": steps}


def _cpu(rows: Sequence[Mapping[str, float]], began: float, ended: float, saves: int) -> dict[str, Any]:
    """Shares of one core by part: over the whole run, and second by second. `others`: what else the machine did."""
    rows = [row for row in rows if began - 1.5 <= row["at"] <= ended + 1.5]
    if len(rows) < 2:
        return {"share": {}, "series": {}, "seconds": {}, "per_save_ms": 0.0}
    first, last = rows[0], rows[-1]
    took = last["at"] - first["at"]
    used = {part: max(0.0, last[part] - first[part]) for part in PARTS}
    others = max(0.0, last["machine"] - first["machine"] - sum(used.values()))
    names = [*PARTS, "others"]
    series: dict[str, list[float]] = {"at": [], **{name: [] for name in names}}
    for one, two in pairwise(rows):
        gap = two["at"] - one["at"]
        if gap < 0.2:
            continue
        each = {part: max(0.0, two[part] - one[part]) / gap for part in PARTS}
        each["others"] = max(0.0, (two["machine"] - one["machine"]) / gap - sum(each.values()))
        series["at"].append(round(two["at"] - began, 1))
        for name in names:
            series[name].append(round(each[name], 3))
    return {
        "share": {**{part: round(value / took, 3) for part, value in used.items()}, "others": round(others / took, 3)},
        "seconds": {part: round(value, 1) for part, value in used.items()},
        "stolen": round((last["stolen"] - first["stolen"]) / took, 3),
        "series": series,
        "saves": saves,
    }
