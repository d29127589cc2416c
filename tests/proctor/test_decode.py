"""Bytes from a stranger: read whole, or refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import scenes
from proctor.errors import BadFrame
from proctor.vision.decode import MOST_SCANS, Limits, decode, size

JPEG = scenes.scene("present", np.random.default_rng(1), 0)


def stated(width: int, height: int) -> bytes:
    """The same picture, but its header lies about the size."""
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + height.to_bytes(2) + width.to_bytes(2) + JPEG[at + 4 :]


def test_a_whole_frame_is_read_as_rgb() -> None:
    pixels = decode(JPEG)
    assert pixels.shape == (480, 640, 3)
    assert pixels.dtype == np.uint8
    assert size(JPEG) == (640, 480)
    suit = pixels[470, 200].astype(int)
    assert suit[0] > suit[2] + 60, "the astronaut's suit is orange: red comes first"


@pytest.mark.parametrize(
    ("jpeg", "because"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "does not begin"),
        (b"\xff\xd8", "no frame header"),
        (b"\xff\xd8" + bytes(5000), "headers are damaged"),
        (JPEG[: len(JPEG) // 2], "cut off"),
        (JPEG[:300], "no frame header|cut off"),
        (JPEG + bytes(3 * 2**20), "bytes"),
        (stated(65000, 65000), "65000×65000"),
        (stated(0, 480), "0×480"),
        (stated(8, 480), "8×480"),
        (JPEG[:-2] + b"\xff\xda" * (MOST_SCANS + 1) + b"\xff\xd9", "passes"),
    ],
)
def test_anything_else_is_refused_with_the_reason(jpeg: bytes, because: str) -> None:
    with pytest.raises(BadFrame, match=because):
        decode(jpeg)


def test_limits_are_the_callers() -> None:
    with pytest.raises(BadFrame, match="pixels"):
        decode(JPEG, Limits(most_pixels=640 * 480 - 1))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400), st.integers(0, len(JPEG)), st.integers(0, 300))
def test_damage_is_refused_or_read_but_never_crashes(noise: bytes, at: int, drop: int) -> None:
    try:
        pixels = decode(JPEG[:at] + noise + JPEG[at + drop :])
    except BadFrame:
        return
    assert pixels.ndim == 3
    assert pixels.shape[0] * pixels.shape[1] <= 1920 * 1088
