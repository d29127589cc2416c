"""Light, glare, contrast and sharpness as a person would say them, at any resolution."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from proctor.vision.body import Body
from proctor.vision.detector import FaceBox
from proctor.vision.quality import QualityBars, measure, small

BARS = QualityBars()


def test_a_good_picture_passes_every_bar(portrait: np.ndarray) -> None:
    quality = measure(portrait)
    assert BARS.score(quality) == 1
    assert quality.glare < BARS.glare


@pytest.mark.parametrize("scale", [0.6, 1.5, 3])
def test_resolution_changes_little(portrait: np.ndarray, scale: float) -> None:
    other = np.asarray(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    a, b = measure(portrait), measure(other)
    assert abs(a.luma - b.luma) < 2
    assert abs(a.contrast - b.contrast) < 3
    assert abs(a.glare - b.glare) < 0.02


def test_the_copy_may_be_given_instead(portrait: np.ndarray) -> None:
    assert max(small(portrait).shape[:2]) == 320
    assert measure(small(portrait)) == measure(portrait)
    assert small(np.zeros((1000, 64, 3), np.uint8)).shape == (320, 20, 3)


def test_dark_blurred_covered_and_burnt_out_are_told_apart(portrait: np.ndarray) -> None:
    dark = measure((portrait * 0.1).astype(np.uint8))
    assert dark.luma < BARS.dark_luma
    blurred = measure(np.asarray(cv2.GaussianBlur(portrait, (0, 0), 9), np.uint8))
    assert blurred.sharpness < BARS.blurred_sharpness
    assert blurred.luma > BARS.dark_luma
    covered = measure(np.full_like(portrait, 14))
    assert covered.contrast < BARS.covered_contrast
    burnt = portrait.copy()
    burnt[:, 250:] = 255
    assert measure(burnt).glare > BARS.glare


FACE = FaceBox(0.34, 0.12, 0.2, 0.24, 1.0)


def test_who_sits_still_is_there_in_other_light_too_and_an_empty_wall_is_not(portrait: np.ndarray) -> None:
    body = Body.seen(portrait, FACE)
    hidden = portrait.copy()
    hidden[40:200, 150:310] = 230
    brighter = np.clip(hidden.astype(np.int16) + 15, 0, 255).astype(np.uint8)
    assert body.still_there(hidden)
    assert body.still_there(brighter)
    assert not body.still_there(np.full_like(portrait, 120))
    assert body.hidden(brighter).still_there(hidden)
    assert body.hidden(hidden).face == FACE


def test_where_no_chest_is_in_the_picture_nothing_is_claimed(portrait: np.ndarray) -> None:
    low = Body.seen(portrait, FaceBox(0.3, 0.6, 0.3, 0.39, 1.0))
    assert not low.still_there(portrait)


def test_a_body_is_small_and_survives_json(portrait: np.ndarray) -> None:
    body = Body.seen(portrait, FACE)
    assert len(base64.b64decode(body.thumb)) == 768
    assert Body.of(body.plain()) == body
