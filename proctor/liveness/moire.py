"""Periodic patterns on a face: a screen's pixel grid against the camera's, which skin does not have."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox

SIDE = 128
LEAST_FREQUENCY = 0.085  # cycles per pixel: the face itself is below
AXIS = 2  # cells around an axis that belong to it
LEAST_SIDE = 40  # pixels of face crop below which nothing is said


def moire_of(pixels: Pixels, face: FaceBox) -> float:
    """How much of the middle and high frequencies of the face in an RGB picture sits in few isolated peaks, 0 (none) to 1."""
    crop = _crop(pixels, face)
    if crop is None:
        return 0.0
    spectrum = np.abs(np.fft.rfft2(crop)) ** 2
    floor = np.maximum(_floor(spectrum), 1e-6)
    ratio = np.where(_BAND, spectrum / floor, 0.0)
    peak = float(np.partition(ratio, -4, axis=None)[-4:].mean())
    return round(max(0.0, min(1.0, (math.log10(max(peak, 1.0)) - 1.0) / 1.5)), 4)


def _crop(pixels: Pixels, face: FaceBox) -> npt.NDArray[np.float32] | None:
    """A grey square of the camera's own pixels in the middle of the face, never enlarged: scaling would make patterns."""
    height, width = pixels.shape[:2]
    centre_x, centre_y = (face.x + face.w / 2) * width, (face.y + face.h / 2) * height
    half = min(SIDE, int(face.w * width * 0.9), int(face.h * height * 0.9)) // 2
    left, top = int(centre_x) - half, int(centre_y) - half
    if half * 2 < LEAST_SIDE or left < 0 or top < 0 or left + 2 * half > width or top + 2 * half > height:
        return None
    square = np.ascontiguousarray(pixels[top : top + 2 * half, left : left + 2 * half])
    crop = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY).astype(np.float32)
    padded = np.zeros((SIDE, SIDE), np.float32)
    padded[: 2 * half, : 2 * half] = (crop - crop.mean()) * np.outer(np.hanning(2 * half), np.hanning(2 * half))
    return padded


def _floor(spectrum: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """The local level: median of a neighbourhood in the logarithm; on the axes, where straight edges lie, along the axis."""
    log = np.log(spectrum + 1e-3).astype(np.float32)
    low, high = float(log.min()), float(log.max())
    scaled = ((log - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    smooth = cv2.medianBlur(np.ascontiguousarray(scaled), 15).astype(np.float32) / 255 * (high - low) + low
    for rows in (slice(0, AXIS + 1), slice(-AXIS, None)):
        smooth[rows] = np.maximum(smooth[rows], _along(log[rows]))
    smooth[:, : AXIS + 1] = np.maximum(smooth[:, : AXIS + 1], _along(log[:, : AXIS + 1].T).T)
    return np.asarray(np.exp(smooth), np.float32)


def _along(log: npt.NDArray[np.float32], width: int = 15) -> npt.NDArray[np.float32]:
    """Running median of each row."""
    padded = np.pad(log, ((0, 0), (width // 2, width // 2)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)
    return np.asarray(np.partition(windows, width // 2, axis=2)[..., width // 2], np.float32)  # a third of `np.median`


def _band() -> npt.NDArray[np.bool_]:
    """Frequencies that count: above the face's own shapes, without the multiples of 1/8 on the axes, which are JPEG's blocks."""
    fy = np.fft.fftfreq(SIDE)[:, None]
    fx = np.fft.rfftfreq(SIDE)[None, :]
    near_axis = (np.abs(fx) <= AXIS / SIDE) | (np.abs(fy) <= AXIS / SIDE)
    block = (np.abs(fx * 8 - np.rint(fx * 8)) < 0.13) & (np.abs(fy * 8 - np.rint(fy * 8)) < 0.13)
    return np.asarray((np.hypot(fx, fy) > LEAST_FREQUENCY) & ~(near_axis & block), np.bool_)


_BAND = _band()
