"""A recording that starts over: the same pictures in the same order, which a living face before a real camera never shows.

A camera's noise is new in each frame and a body is never twice in one place, so two pictures of a live person differ at
least as much as neighbours do, however still that person sits. A recording repeats its noise together with its movement.
Not found: recordings whose own noise was smoothed away and new noise added, and encoded ones of less than about eight seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LoopBars:
    """`window` pictures in a row must match those of one lag ago, at least `least` slots.

    A match: the squared distance is below `alike` of what neighbours differ by, and below `noise` of it where the
    `moves` strongest directions of movement are left out. Breathing and rocking repeat too, but only along few directions:
    what is left of them is the camera's noise, which repeats in recordings alone. `past`: pictures that the directions are
    taken from. `share`: at most one lag in so many may match. `frozen`: grey levels below which pictures are equal.
    """

    window: int = 7
    least: int = 3
    alike: float = 0.15
    noise: float = 0.25
    moves: int = 4
    past: int = 40
    share: int = 2
    frozen: float = 0.03


def find_loop(slots: Sequence[int], numbers: Floats, bars: LoopBars | None = None) -> int | None:
    """Lag of the repetition that the newest pictures belong to, in slots; 0 when they are all one picture; None otherwise.

    `slots` ascend, one picture each (a slot is one second); `numbers` are their sketches, one row each.
    """
    bars = bars or LoopBars()
    if len(slots) < bars.window:
        return None
    at = np.asarray(slots, np.int64) - slots[0]
    newest = at[-bars.window :]
    steps = np.diff(newest)
    if steps.max() > 2 * max(1, int(np.median(steps))):
        return None  # a hole in the window: wait until it has passed
    grid = np.full((int(at[-1]) + 1, numbers.shape[1]), np.nan, np.float32)
    grid[at] = numbers
    usual = _usual(grid[newest])
    if usual < bars.frozen**2 * numbers.shape[1]:
        spread = float(np.max(np.abs(grid[newest] - grid[newest[-1]])))
        return 0 if spread < 3 * bars.frozen else None
    ratio = _distances(grid, newest) / usual
    lags = np.flatnonzero(np.isfinite(ratio))
    lags = lags[lags >= bars.least]
    if not np.any(ratio[lags] < bars.alike):
        return None
    rest = _without_movement(numbers[-bars.past :], grid, bars.moves)
    finer = _distances(rest, newest) / max(_usual(rest[newest]), 1e-9)
    matching = lags[(ratio[lags] < bars.alike) & (finer[lags] < bars.noise)]
    if len(matching) == 0 or len(matching) * bars.share > len(lags) + bars.share:
        return None
    return int(matching[0])


def _usual(pictures: Floats) -> float:
    """Median squared distance of neighbours: one sudden change of light does not count."""
    return float(np.median(np.sum(np.diff(pictures, axis=0) ** 2, axis=1)))


def _without_movement(past: Floats, grid: Floats, moves: int) -> Floats:
    """`grid` without the directions in which the past pictures changed most."""
    _, _, directions = np.linalg.svd(np.diff(past, axis=0), full_matrices=False)
    strongest = directions[:moves]
    return np.asarray(grid - (grid @ strongest.T) @ strongest, np.float32)


def _distances(grid: Floats, newest: npt.NDArray[np.int64]) -> Floats:
    """For each lag the mean squared distance of the newest pictures to those one lag before; infinite where two are missing."""
    earlier = newest[:, None] - np.arange(len(grid))[None, :]
    squares = np.sum((grid[newest][:, None, :] - grid[np.maximum(earlier, 0)]) ** 2, axis=2)
    squares[earlier < 0] = np.nan
    known = np.sum(~np.isnan(squares), axis=0)
    total = np.nansum(squares, axis=0)
    return np.where(known >= len(newest) - 1, total / np.maximum(known, 1), np.inf).astype(np.float32)
