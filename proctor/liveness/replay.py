"""A picture of a picture: a screen or a photograph held before the camera. Weak per frame; a rule asks for several."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.liveness.traces import Traces

FILMED = 0.5  # from here a picture counts as a picture of a picture


@dataclass(frozen=True)
class ReplayBars:
    """Between the first and the second number a trace grows from nothing to certain."""

    moire: tuple[float, float] = (0.24, 0.5)
    bezel: tuple[float, float] = (0.75, 0.95)
    colours: tuple[float, float] = (0.68, 0.82)


def filmed_score(traces: Traces, bars: ReplayBars | None = None) -> float | None:
    """0..1, None when the picture was not looked at closely, or shows no face and does not look filmed either.

    On a face either trace is enough; both together leave less doubt. Without a face a room's emptiness says nothing about
    life: only the bands of a screen, which can hide the face that it shows, do.
    """
    bars = bars or ReplayBars()
    if traces.moire is not None and traces.bezel is not None:
        doubt = (1 - _between(traces.moire, *bars.moire)) * (1 - _between(traces.bezel, *bars.bezel))
        return round(1 - doubt, 4)
    banded = 0.0 if traces.colours is None else _between(traces.colours, *bars.colours)
    return round(banded, 4) if banded >= FILMED else None


def _between(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low)))
