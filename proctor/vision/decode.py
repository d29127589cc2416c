"""JPEG bytes from a stranger to pixels. Every size is read and refused before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from proctor.errors import BadFrame

Pixels = npt.NDArray[np.uint8]  # (height, width, 3), RGB

# Frame headers of ITU-T T.81, table B.1: SOF0..SOF15 without DHT, JPG and DAC.
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STAND_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
MOST_SCANS = 24  # libjpeg's own progressive script has 10; thousands of scans are how a small file costs minutes


@dataclass(frozen=True)
class Limits:
    """What a picture may cost: a full-HD webcam frame passes."""

    most_bytes: int = 2 * 2**20
    most_pixels: int = 1920 * 1088
    least_side: int = 64


FRAME = Limits()
PHOTO = Limits(most_bytes=12 * 2**20, most_pixels=24_000_000, least_side=120)


def decode(jpeg: bytes, limits: Limits = FRAME) -> Pixels:
    """Return the picture as RGB. Raises `BadFrame` for anything but one whole JPEG within `limits`."""
    if not jpeg:
        raise BadFrame("It is empty.")
    if len(jpeg) > limits.most_bytes:
        raise BadFrame(f"It has {len(jpeg)} bytes; {limits.most_bytes} are the most.")
    width, height = size(jpeg)
    if min(width, height) < limits.least_side or width * height > limits.most_pixels:
        raise BadFrame(
            f"It is {width}×{height} pixels; sides from {limits.least_side}, at most {limits.most_pixels} pixels."
        )
    if b"\xff\xd9" not in jpeg[-64:]:
        raise BadFrame("It was cut off before its end.")
    if jpeg.count(b"\xff\xda") > MOST_SCANS:
        raise BadFrame("It is drawn in too many passes.")
    try:
        pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise BadFrame("Its contents are damaged.") from error
    if pixels is None:
        raise BadFrame("Its contents are damaged.")
    return np.asarray(pixels, np.uint8)


def size(jpeg: bytes) -> tuple[int, int]:
    """Width and height as its frame header states them (T.81, B.2.2), without decoding."""
    if jpeg[:2] != b"\xff\xd8":
        raise BadFrame("It does not begin like a JPEG.")
    at = 2
    while at + 9 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise BadFrame("Its headers are damaged.")
        marker = jpeg[at + 1]
        if marker in FRAME_HEADERS:
            return int.from_bytes(jpeg[at + 7 : at + 9]), int.from_bytes(jpeg[at + 5 : at + 7])
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in STAND_ALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(jpeg[at + 2 : at + 4]))
    raise BadFrame("It has no frame header.")
