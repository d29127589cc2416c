"""How good one picture is: light, contrast, sharpness. A poor picture is reported as such and never as absence."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from proctor.vision.decode import Pixels


@dataclass(frozen=True)
class Quality:
    """`luma` (mean) in 0..255; `contrast`: standard deviation of large patches, 0..128; `sharpness`: Laplacian variance.

    `glare`: share of the picture that is burnt out, 0..1.
    """

    luma: float
    contrast: float
    sharpness: float
    glare: float = 0.0


@dataclass(frozen=True)
class QualityBars:
    """Below these a picture is called dark, covered or blurred; above `glare` it is burnt out."""

    dark_luma: float = 20.0
    covered_contrast: float = 5.0
    blurred_sharpness: float = 12.0
    glare: float = 0.35

    def score(self, quality: Quality) -> float:
        """0 (nothing can be judged) to 1 (twice the bars or better), limited by the worst of the three."""
        parts = (
            quality.luma / (2 * self.dark_luma),
            quality.contrast / (2 * self.covered_contrast),
            quality.sharpness / (2 * self.blurred_sharpness),
        )
        return float(min(1.0, *parts))


BURNT = 250  # grey levels from here on hold no detail
SMALL = 320


def small(pixels: Pixels) -> Pixels:
    """A copy whose longer side has 320 pixels: made once, used by everything that needs no more."""
    height, width = pixels.shape[:2]
    scale = SMALL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def measure(pixels: Pixels) -> Quality:
    """Read all four from a copy 320 pixels long (see `small`), so that the camera's resolution changes nothing.

    Sharpness is divided by the contrast of the same copy, otherwise every dark picture would count as blurred
    (variance of the Laplacian: Pech-Pacheco et al., ICPR 2000).
    """
    copy = pixels if max(pixels.shape[:2]) == SMALL else small(pixels)
    grey = cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY)
    patches = cv2.resize(grey, (32, 24), interpolation=cv2.INTER_AREA)
    (mean,), (deviation,) = (numbers.ravel() for numbers in cv2.meanStdDev(grey))
    spread = max(float(deviation), 1.0)
    _, edges = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    burnt = cv2.countNonZero(cv2.threshold(grey, BURNT - 1, 1, cv2.THRESH_BINARY)[1]) / grey.size
    return Quality(float(mean), float(np.std(patches)), float(edges.item()) ** 2 / spread**2 * 1000, round(burnt, 4))


def lift(pixels: Pixels, luma: float, target: float = 60.0) -> Pixels:
    """A brighter copy for one more look at a dark picture: noise is smoothed first, or it would be lifted too."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), max(pixels.shape[:2]) / 400)
    return np.asarray(cv2.convertScaleAbs(smooth, alpha=target / max(luma, 1.0)), np.uint8)
