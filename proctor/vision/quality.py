"""How good one picture is: light, contrast, sharpness. A poor picture is reported as such and never as absence."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from proctor.vision.decode import Pixels


@dataclass(frozen=True)
class Quality:
    """`luma` (mean) in 0..255; `contrast`: standard deviation of large patches, 0..128; `sharpness`: Laplacian variance."""

    luma: float
    contrast: float
    sharpness: float


@dataclass(frozen=True)
class QualityBars:
    """Below these a picture is called dark, covered or blurred."""

    dark_luma: float = 20.0
    covered_contrast: float = 5.0
    blurred_sharpness: float = 12.0

    def score(self, quality: Quality) -> float:
        """0 (nothing can be judged) to 1 (twice the bars or better), limited by the worst of the three."""
        parts = (
            quality.luma / (2 * self.dark_luma),
            quality.contrast / (2 * self.covered_contrast),
            quality.sharpness / (2 * self.blurred_sharpness),
        )
        return float(min(1.0, *parts))


def measure(pixels: Pixels) -> Quality:
    """Read all three from a grey copy 320 pixels wide, so that the camera's resolution changes nothing.

    Sharpness is divided by the contrast of the same copy, otherwise every dark picture would count as blurred
    (variance of the Laplacian: Pech-Pacheco et al., ICPR 2000).
    """
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (320, max(1, round(320 * height / width))), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    patches = cv2.resize(grey, (32, 24), interpolation=cv2.INTER_AREA)
    spread = max(float(np.std(grey)), 1.0)
    laplacian = cv2.Laplacian(grey, cv2.CV_32F)
    return Quality(float(np.mean(grey)), float(np.std(patches)), float(np.var(laplacian)) / spread**2 * 1000)


def lift(pixels: Pixels, luma: float, target: float = 60.0) -> Pixels:
    """A brighter copy for one more look at a dark picture: noise is smoothed first, or it would be lifted too."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), max(pixels.shape[:2]) / 400)
    return np.asarray(cv2.convertScaleAbs(smooth, alpha=target / max(luma, 1.0)), np.uint8)
