"""Colours that turn are a screen's; colours that go to and fro are cloth's, paint's or light's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.liveness.colours import colours_of
from proctor.vision.decode import Pixels

THIRD = 2 * np.pi / 3


def waves(period: float, angle: float, phases: tuple[float, float, float], strength: float = 40) -> Pixels:
    """A picture of 320 × 240 in which each colour is a wave of its own phase."""
    down, across = np.mgrid[0:240, 0:320].astype(np.float32)
    phase = 2 * np.pi * (across * np.cos(angle) + down * np.sin(angle)) / period
    drawn = np.stack([120 + strength * np.sin(phase + each) for each in phases], axis=-1)
    return np.clip(drawn, 0, 255).astype(np.uint8)


periods = st.floats(2.5, 10)
angles = st.floats(0, np.pi)


@settings(max_examples=40, deadline=None)  # a spectrum takes its time on a busy machine
@given(periods, angles, st.sampled_from([1, -1]))
def test_colours_that_turn_either_way_are_a_screens(period: float, angle: float, way: int) -> None:
    assert colours_of(waves(period, angle, (0, way * THIRD, 2 * way * THIRD))) > 0.82


@settings(max_examples=40, deadline=None)  # a spectrum takes its time on a busy machine
@given(periods, angles, st.tuples(*[st.sampled_from([0.0, np.pi])] * 3))
def test_stripes_of_two_colours_are_not(period: float, angle: float, phases: tuple[float, float, float]) -> None:
    assert colours_of(waves(period, angle, phases)) < 0.68


@settings(max_examples=40, deadline=None)  # a spectrum takes its time on a busy machine
@given(st.integers(0, 2**32 - 1), st.floats(1, 60))
def test_noise_is_not(seed: int, strength: float) -> None:
    noisy = 128 + np.random.default_rng(seed).standard_normal((240, 320, 3)) * strength
    assert colours_of(np.clip(noisy, 0, 255).astype(np.uint8)) < 0.68


@pytest.mark.parametrize("shape", [(240, 320, 3), (31, 320, 3), (320, 31, 3), (32, 32, 3)])
def test_plain_and_small_pictures_have_none(shape: tuple[int, int, int]) -> None:
    assert colours_of(np.full(shape, 90, np.uint8)) == 0.0


def test_what_turns_in_one_place_only_is_not_a_screen() -> None:
    plain = np.full((240, 320, 3), 120, np.uint8)
    plain[:32, :32] = waves(5, 0.3, (0, THIRD, 2 * THIRD))[:32, :32]
    assert colours_of(plain) < 0.5
