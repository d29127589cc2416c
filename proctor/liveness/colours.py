"""Coloured bands all over a picture: the red, green and blue stripes of a screen, seen through the camera's own grid.

On such a screen the three colours lie beside each other, so what the camera's coarser sampling makes of them comes in three
shifted waves: along a band the colour goes red, green, blue, red, always in that direction. What is dyed, painted or lit goes
to and fro between its colours. On the plane of colours without brightness the first is a turning pointer, whose spectrum has a
peak on one side of zero only; the second is a swinging one, whose spectrum is the same on both sides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from proctor.vision.decode import Pixels

TILE = 32  # pixels of the small copy: a screen's bands change their width and direction from place to place
CYCLES = 3  # in a tile, at least: fewer are a shadow, a cheek or the edge between two things
LEAST = 3.0  # grey levels by which the colour turns
TILES = 4  # the strongest so many speak for the picture


def colours_of(copy: Pixels) -> float:
    """How far the strongest tiles of an RGB picture, 320 pixels long, are nothing but colours that turn: 0 to 1.

    Of 550 looks at people in drawn rooms and on photographs none reached 0.65; screens whose bands hide the face begin at 0.8.
    """
    if min(copy.shape[:2]) < TILE:
        return 0.0
    tiles = _tiles(copy)
    middle = np.sum(tiles * _WEIGHT, axis=(1, 2), keepdims=True)
    tiles = (tiles - middle) * _WINDOW
    power = np.sum(tiles.real**2 + tiles.imag**2, axis=(1, 2))
    # A wave has no more than all there is: plain tiles, which are most of any room, need no spectrum.
    tiles = tiles[power > LEAST**2 * _POWER]
    if len(tiles) == 0:
        return 0.0
    waves = scipy.fft.fft2(tiles)
    spectrum = waves.real**2 + waves.imag**2
    peaks = spectrum
    for axis in (1, 2):
        peaks = peaks + np.roll(peaks, 1, axis) + np.roll(peaks, -1, axis)
    turned = np.roll(peaks[:, ::-1, ::-1], (1, 1), (1, 2))
    rows = np.arange(len(tiles))
    best = np.argmax(np.where(_BAND, peaks - turned, 0.0).reshape(len(tiles), -1), axis=1)
    one, other = (each.reshape(len(tiles), -1)[rows, best] for each in (peaks, turned))
    whole = np.sum(spectrum * _SEEN, axis=(1, 2))
    pure = np.where(
        one - other > (LEAST * TILE) ** 2 * _POWER, (one - other) / (one + other + 1e-3) * one / (whole + 1e-3), 0
    )
    return round(float(np.clip(np.sort(pure)[-TILES:].sum() / TILES, 0, 1)), 4)


def _tiles(copy: Pixels) -> npt.NDArray[np.complex64]:
    """Red, green and blue as three directions of the complex plane, a third of a turn apart; grey is zero. Tiles side by side."""
    red, green, blue = (copy[..., channel].astype(np.float32) for channel in range(3))
    plane = np.empty(copy.shape[:2], np.complex64)
    plane.real, plane.imag = red - 0.5 * (green + blue), np.float32(np.sqrt(0.75)) * (green - blue)
    down, across = (_starts(size) for size in copy.shape[:2])
    return np.stack([plane[y : y + TILE, x : x + TILE] for y in down for x in across])


def _starts(size: int) -> list[int]:
    return [int(start) for start in np.linspace(0, size - TILE, max(1, round(size / TILE)))]


_WINDOW = np.outer(np.hanning(TILE), np.hanning(TILE)).astype(np.float32)
_WEIGHT = _WINDOW / _WINDOW.sum()
_POWER = float(np.sum(_WINDOW**2))
_RADIUS = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.fftfreq(TILE)[None, :]) * TILE
_BAND = _RADIUS >= CYCLES
_SEEN = _RADIUS >= CYCLES / 2
