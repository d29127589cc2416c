"""One picture of a cohort: how far each pair is from what chance explains. Plain SVG, readable without colour."""

from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from integrity.detectors.shared_answers import Pairs
from integrity.finding import Finding
from integrity.tails import Array

Scale = Callable[[float], float]

_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 48, 56
_SHOWN_NAMES = 5
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Attributes instead of a style element, which a strict content security policy would block; lines and words take the page's colour,
# so that the picture follows light and dark. A page may restyle the classes.
_LOOK = {
    "axis": 'class="axis" fill="none" stroke="currentColor"',
    "honest": 'class="honest" stroke="currentColor" stroke-opacity="0.6"',
    "limit": 'class="limit" stroke="#c2410c" stroke-dasharray="6 4"',
    "pair": 'class="pair" fill="currentColor" fill-opacity="0.55"',
    "found": 'class="found" fill="#c2410c" stroke="currentColor"',
}


def picture_of_pairs(pairs: Pairs, findings: Sequence[Finding], alpha: float) -> str:
    """Return an SVG: every pair by p-value (ordered, logarithmic) beside the line that honest pairs follow.

    Points above the dashed line are the findings. `text_alternative` says the same in words and is in the picture too.
    """
    p_value = np.sort(np.maximum(pairs.p_value, 1e-300))
    expected = -np.log10((np.arange(len(p_value)) + 0.5) / pairs.comparisons)
    observed = -np.log10(p_value)
    limit = -np.log10(alpha / pairs.comparisons)
    across, up = float(expected.max(initial=1.0)), float(max(observed.max(initial=1.0), limit) * 1.08)

    def x(value: float) -> float:
        return _LEFT + value / across * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / up * (_HEIGHT - _TOP - _BOTTOM)

    marks = []
    for at in _thinned(observed):
        found = at < len(findings)
        shape = f'r="{5 if found else 2.5}" {_LOOK["found" if found else "pair"]}'
        marks.append(f'<circle cx="{x(expected[at]):.1f}" cy="{y(observed[at]):.1f}" {shape}/>')
    names = [
        f'<text x="{x(expected[at]) - 9:.1f}" y="{y(observed[at]) + 4:.1f}" text-anchor="end">'
        f"{escape(_short(' · '.join(finding.people)))}</text>"
        for at, finding in enumerate(findings[:_SHOWN_NAMES])
        if at < len(observed)
    ]
    same = min(across, up)
    lines = (
        f'<path {_LOOK["axis"]} d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}"/>'
        f'<path {_LOOK["honest"]} d="M{x(0):.1f} {y(0):.1f}L{x(same):.1f} {y(same):.1f}"/>'
        f'<path {_LOOK["limit"]} d="M{_LEFT} {y(limit):.1f}H{_WIDTH - _RIGHT}"/>'
        f'<text x="{_WIDTH - _RIGHT}" y="{y(limit) - 6:.1f}" text-anchor="end">reported above this line ({alpha:g})</text>'
    )
    return _frame(text_alternative(pairs, findings), lines + _ticks(across, up, x, y) + "".join(marks + names))


def text_alternative(pairs: Pairs, findings: Sequence[Finding]) -> str:
    """Say in words what the picture shows."""
    if not findings:
        return f"None of {pairs.comparisons} pairs agrees more than chance explains."
    listed = "; ".join(
        f"{' and '.join(one.people)} (adjusted p {one.p_adjusted:.2g})" for one in findings[:_SHOWN_NAMES]
    )
    more = f"; and {len(findings) - _SHOWN_NAMES} more" if len(findings) > _SHOWN_NAMES else ""
    return f"{len(findings)} of {pairs.comparisons} pairs agree more than chance explains: {listed}{more}."


def _thinned(observed: Array) -> list[int]:
    """The first 300 points, then ever fewer: a hundred thousand circles on top of each other help nobody."""
    count = len(observed)
    if count <= 300:
        return list(range(count))
    return list(range(300)) + sorted({int(at) for at in np.geomspace(300, count - 1, 300)})


def _ticks(across: float, up: float, x: Scale, y: Scale) -> str:
    foot = _HEIGHT - _BOTTOM + 18
    beside = (f'<text x="{_LEFT - 8}" y="{y(at) + 4:.1f}" text-anchor="end">{_odds(at)}</text>' for at in _steps(up))
    below = (f'<text x="{x(at):.1f}" y="{foot}" text-anchor="middle">{_odds(at)}</text>' for at in _steps(across))
    return "".join((*beside, *below))


def _steps(top: float) -> range:
    return range(0, int(top) + 1, max(1, -(-int(top) // 6)))


def _odds(exponent: int) -> str:
    """The probability 10^-exponent in words: "1 in 100", and with a raised power beyond ten thousand."""
    if exponent == 0:
        return "1"
    return f"1 in {10**exponent}" if exponent <= 4 else f"1 in 10{str(exponent).translate(_RAISED)}"


def _short(name: str) -> str:
    return name if len(name) <= 48 else f"{name[:47]}…"


def _frame(alternative: str, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" fill="currentColor" font-family="system-ui, sans-serif" font-size="12" aria-labelledby="pairs-t pairs-d">'
        f'<title id="pairs-t">Pairs by how unlikely their shared answers are</title><desc id="pairs-d">{escape(alternative)}</desc>'
        f'<text x="{_LEFT}" y="24" font-size="14" font-weight="600">How unlikely each pair is, if all worked separately</text>{content}'
        f'<text x="{(_LEFT + _WIDTH) / 2:.0f}" y="{_HEIGHT - 12}" text-anchor="middle">'
        "where the same rank would lie in an honest cohort</text></svg>"
    )
