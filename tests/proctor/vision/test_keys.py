"""Rows of keys are counted; a plain plate, print and noise have none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.vision.decode import Pixels
from proctor.vision.keys import alike_blobs
from proctor.vision.things import KEYS

BOX = (0.3, 0.2, 0.2, 0.5)  # 128 × 240 pixels of 640 × 480


def plate(keys: tuple[int, int], *, dark: bool, turn: float = 0.0) -> Pixels:
    """A grey slab with so many columns and rows of keys in the middle of a picture."""
    picture = np.full((480, 640, 3), 120, np.uint8)
    body, key = (200, 60) if dark else (60, 200)
    picture[96:336, 192:320] = body
    columns, rows = keys
    for row in range(rows):
        for column in range(columns):
            left, top = 198 + round(116 * column / columns), 150 + round(180 * row / rows)
            wide, tall = round(116 / columns * 0.7), round(180 / rows * 0.7)
            picture[top : top + tall, left : left + wide] = key
    spin = cv2.getRotationMatrix2D((256, 216), turn, 1.0)
    return np.asarray(cv2.warpAffine(picture, spin, (640, 480), borderValue=(120, 120, 120)), np.uint8)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("turn", [0.0, 12.0, -25.0])
@pytest.mark.parametrize("keys", [(4, 5), (5, 6), (3, 9)])
def test_keys_are_counted_lighter_and_darker_and_turned(keys: tuple[int, int], turn: float, *, dark: bool) -> None:
    columns, rows = keys
    assert 0.7 * columns * rows <= alike_blobs(plate(keys, dark=dark, turn=turn), BOX) <= columns * rows + 3


def test_a_plain_plate_has_none() -> None:
    assert alike_blobs(plate((0, 0), dark=True), BOX) < KEYS // 2


def test_the_lenses_of_a_camera_are_not_enough() -> None:
    picture = plate((0, 0), dark=False)
    for x, y in ((210, 120), (210, 150), (235, 135)):
        cv2.circle(picture, (x, y), 9, (10, 10, 10), -1)
    assert alike_blobs(picture, BOX) < KEYS // 2


@given(st.tuples(*[st.floats(-0.2, 1.2)] * 4), st.integers(0, 3))
def test_any_box_gives_a_number(box: tuple[float, float, float, float], seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    assert alike_blobs(noise, box) >= 0


def test_what_is_too_small_to_show_keys_has_none() -> None:
    assert alike_blobs(plate((4, 5), dark=True), (0.3, 0.2, 0.02, 0.02)) == 0
