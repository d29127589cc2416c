"""A picture of a picture: a screen or a photograph held before the camera. Weak per frame; a rule asks for several."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.liveness.traces import Traces


@dataclass(frozen=True)
class ReplayBars:
    """Between the first and the second number a trace grows from nothing to certain."""

    moire: tuple[float, float] = (0.28, 0.6)
    bezel: tuple[float, float] = (0.75, 0.99)


def filmed_score(traces: Traces, bars: ReplayBars | None = None) -> float | None:
    """Either trace is enough; both together leave less doubt. 0..1, None when the picture was not looked at closely."""
    if traces.moire is None or traces.bezel is None:
        return None
    bars = bars or ReplayBars()
    doubt = (1 - _between(traces.moire, *bars.moire)) * (1 - _between(traces.bezel, *bars.bezel))
    return round(1 - doubt, 4)


def _between(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low)))
