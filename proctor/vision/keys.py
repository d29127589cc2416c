"""Rows of keys in a box: what tells calculators and remote controls from phones, which the network does not.

COCO has no calculators: held in a hand, the network is as sure of them as of phones. But a screen of glass has no keys. Home
screens and keyboards on a screen come near; in 29 photographs of phones at most six blobs were alike, on drawn
calculators 15 or more in four of five.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.decode import Pixels

SIDE = 192  # pixels of the box's longer side when keys are counted
AROUND, APART = 31, 6  # a key is so many grey levels lighter or darker than what is so far around it
SMALLEST, LARGEST = 60, 1200  # pixels of a key
FULL, LONG = 0.45, 3.0  # a key fills its own box, and is no stripe
ALIKE = 1.9  # the largest of them has at most so many times the pixels of the smallest
LEAST_BOX = 20  # pixels


def alike_blobs(pixels: Pixels, box: tuple[float, float, float, float]) -> int:
    """How many blobs of one size and of one kind, lighter or darker than what is around them, lie in `box`.

    `box`: left, top, width, height as shares of the RGB picture.
    """
    height, width = pixels.shape[:2]
    left, top = max(0, int(box[0] * width)), max(0, int(box[1] * height))
    right, low = int((box[0] + box[2]) * width), int((box[1] + box[3]) * height)
    part = pixels[top:low, left:right]
    if min(part.shape[:2]) < LEAST_BOX:
        return 0
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    scale = SIDE / max(grey.shape)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    lighter = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, AROUND, -APART)
    darker = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, AROUND, APART)
    return max(_most_alike(lighter), _most_alike(darker))


def _most_alike(mask: npt.NDArray[np.generic]) -> int:
    _, _, rows, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8), connectivity=4)
    wide, tall, area = (
        rows[1:, column].astype(np.float32) for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    shaped = (area > FULL * wide * tall) & (np.maximum(wide, tall) < LONG * np.minimum(wide, tall))
    sizes = np.sort(area[shaped & (area >= SMALLEST) & (area <= LARGEST)])
    ends = np.searchsorted(sizes, sizes * ALIKE, side="right")
    return int((ends - np.arange(sizes.size)).max(initial=0))
