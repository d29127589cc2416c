"""Recordings that start over are found; people who sit still, breathe, rock or sit in blinking light are not.

Numbers stand in for sketches here: what a camera's noise does to a sketch is known, and arithmetic needs no pictures.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.liveness.loop import LoopBars, find_loop

Floats = npt.NDArray[np.float32]
NOISE = 0.3  # grey levels in a sketch: measured on webcam pictures at JPEG quality 60


def noise(rng: np.random.Generator, count: int, size: float = NOISE) -> Floats:
    return np.asarray(rng.normal(0, size, (count, 16)), np.float32)


def alive(rng: np.random.Generator, count: int) -> Floats:
    """Somebody who moves as people do: by chance, in many directions, never twice alike."""
    return np.asarray(np.cumsum(rng.normal(0, 1.0, (count, 16)), axis=0) + noise(rng, count), np.float32)


def swaying(rng: np.random.Generator, count: int, period: float, size: float) -> Floats:
    """One movement to and fro in two directions of the sketch, each round a little different."""
    direction = rng.normal(0, 1, (2, 16))
    phase, rows = 0.0, []
    for _ in range(count):
        phase += 2 * math.pi / period * (1 + rng.normal(0, 0.05))
        far = size * (1 + rng.normal(0, 0.1))
        rows.append(far * (math.sin(phase) * direction[0] + 0.3 * math.cos(phase) * direction[1]))
    return np.asarray(np.array(rows) + noise(rng, count), np.float32)


def first_found(numbers: Floats) -> tuple[int, int] | None:
    """When, and with which lag."""
    for end in range(1, len(numbers) + 1):
        lag = find_loop(range(end), numbers[:end])
        if lag is not None:
            return end - 1, lag
    return None


@pytest.mark.parametrize(("period", "again"), [(7, 0.0), (12, 0.0), (12, 0.2), (30, 0.2), (90, 0.2)])
def test_a_recording_is_found_within_ten_seconds_of_its_second_round(period: int, again: float) -> None:
    rng = np.random.default_rng(period)
    recorded = alive(rng, period)
    shown = np.concatenate([recorded] * 4)[: 2 * period + 12] + noise(rng, 2 * period + 12, again)
    found = first_found(shown)
    assert found is not None
    assert found[0] - period <= 9
    assert found[1] == period


def test_a_recording_of_somebody_who_sits_still_repeats_its_noise() -> None:
    recorded = noise(np.random.default_rng(1), 20)
    assert first_found(np.concatenate([recorded] * 2)) == (25, 20)


def test_a_picture_that_stands_still_has_the_lag_zero() -> None:
    assert first_found(np.ones((20, 16), np.float32)) == (6, 0)


@pytest.mark.parametrize("seed", range(3))
def test_who_sits_still_is_no_recording(seed: int) -> None:
    assert first_found(noise(np.random.default_rng(seed), 120)) is None


@pytest.mark.parametrize("seed", range(3))
def test_who_moves_is_no_recording(seed: int) -> None:
    assert first_found(alive(np.random.default_rng(seed), 120)) is None


@pytest.mark.parametrize(("period", "size"), [(2.0, 3.0), (3.3, 0.5), (4.0, 1.0), (5.0, 4.0)])
def test_who_breathes_or_rocks_is_no_recording(period: float, size: float) -> None:
    assert first_found(swaying(np.random.default_rng(9), 120, period, size)) is None


def test_light_that_blinks_is_no_recording() -> None:
    rng = np.random.default_rng(2)
    lit = rng.normal(0, 8, 16)
    on = (np.arange(120) % 2)[:, None]
    assert first_found(np.asarray(on * lit + noise(rng, 120), np.float32)) is None


def test_missing_pictures_only_delay_the_finding() -> None:
    rng = np.random.default_rng(3)
    recorded = alive(rng, 20)
    shown = np.concatenate([recorded] * 3)
    kept = [slot for slot in range(60) if slot not in {4, 23}]
    lags = [find_loop(kept[:end], shown[kept[:end]]) for end in range(1, len(kept) + 1)]
    assert 20 in lags


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 60), unique=True, max_size=30), st.integers(0, 5))
def test_any_slots_are_taken(slots: list[int], seed: int) -> None:
    slots.sort()
    lag = find_loop(slots, alive(np.random.default_rng(seed), len(slots)), LoopBars())
    assert lag is None or 0 <= lag <= 60
