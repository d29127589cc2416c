"""Charts as SVG text, drawn once, readable in light and dark, with their numbers in a table beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 250, 56, 130, 26, 34
DASHES = ("", "7 4", "2 4", "9 3 2 3", "1 3")  # lines differ without colour too
Line = Sequence[float | None]


def lines(title: str, xs: Sequence[float], ys: Mapping[str, Line], *, unit: str, x_unit: str) -> str:
    """A line chart: `xs` along the bottom, one line for each entry of `ys`, None where there is nothing."""
    found = [value for line in ys.values() for value in line if value is not None]
    if not found or len(xs) < 2:
        return ""
    high, first, last = _round_up(max(found)), min(xs), max(xs)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - first) / ((last - first) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / high * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escape(title)}</title>'
    ]
    for step in range(5):
        value = high * step / 4
        _, y = place(first, value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}</text>')
    for step in range(5):
        value = first + (last - first) * step / 4
        x, _ = place(value, 0)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{_number(value)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 1}" text-anchor="end">{escape(x_unit)}</text>')
    parts.append(f'<text x="2" y="12">{escape(unit)}</text>')
    ends: list[float] = []
    for at, (name, line) in enumerate(ys.items()):
        points = [place(x, y) for x, y in zip(xs, line, strict=True) if y is not None]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="line c{at % 5}" stroke-dasharray="{DASHES[at % 5]}" points="{path}"/>')
        label = points[-1][1] + 4
        while any(abs(label - other) < 13 for other in ends):
            label -= 13
        ends.append(label)
        parts.append(f'<text class="c{at % 5}" x="{WIDTH - RIGHT + 6}" y="{label:.1f}">{escape(name)}</text>')
    return "".join([f"<figure><figcaption>{escape(title)}</figcaption>", *parts, "</svg></figure>"])


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; the first column names the row."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(f"<td>{escape(_cell(each))}</td>" for each in rest)
        + "</tr>"
        for name, *rest in rows
    )
    return f'<div class="wide" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: object) -> str:
    return _number(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 4, 5 times a power of ten, so that quarters of it are short numbers."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value > 0:
        power /= 10
    return next((power * each for each in (1, 2, 2.5, 4, 5, 10) if power * each >= value), value) or 1.0
