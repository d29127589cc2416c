"""Somebody whose face is hidden is still there: what was below the face a moment ago has not changed.

No detector sees a face behind a hand, a cup or a sheet of paper. That is not an empty chair, and it is told apart by the
chest and shoulders: when somebody leaves, they go too.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox

WIDE, HIGH = 32, 24
LEAST_CELLS = 24
Thumb = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Body:
    """The last picture with a face: a thumbnail of 32×24 grey cells (base64) and where the largest face was in it."""

    thumb: str
    face: FaceBox

    @classmethod
    def seen(cls, pixels: Pixels, face: FaceBox) -> Self:
        return cls(base64.b64encode(_thumb(pixels).tobytes()).decode("ascii"), face)

    def still_there(self, pixels: Pixels, most: float = 10.0) -> bool:
        """True when what is below the face changed by less than `most` grey levels since; where that is not seen, False.

        Levels are compared after the change of light that the whole picture shares is taken out. In a drawn room a second
        of swaying changes 2 to 6, an empty chair 39 or more.
        """
        rows, columns = self._below()
        before = np.frombuffer(base64.b64decode(self.thumb), np.uint8).reshape(HIGH, WIDE).astype(np.float32)
        change = _thumb(pixels).astype(np.float32) - before
        change -= float(np.median(change))
        below = change[rows, columns]
        return bool(below.size >= LEAST_CELLS and np.abs(below).mean() <= most)

    def hidden(self, pixels: Pixels) -> Self:
        """The same face's place in a newer picture in which it is hidden: so slow movement is followed."""
        return type(self).seen(pixels, self.face)

    def _below(self) -> tuple[slice, slice]:
        """Chest and shoulders: from below the chin down two faces, one and a half faces wide to each side of the middle."""
        face = self.face
        return (
            _cells(face.y + 1.35 * face.h, 2.0 * face.h, HIGH),
            _cells(face.x - 1.0 * face.w, 3.0 * face.w, WIDE),
        )

    def plain(self) -> dict[str, Any]:
        """JSON values; `Body.of` reads them back."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        return cls(plain["thumb"], FaceBox(**plain["face"]))


def _thumb(pixels: Pixels) -> Thumb:
    small = cv2.resize(pixels, (WIDE, HIGH), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _cells(start: float, length: float, cells: int) -> slice:
    first, last = round(start * cells), round((start + length) * cells)
    return slice(max(0, min(cells, first)), max(0, min(cells, last)))
