"""What one picture tells about being alive, as plain numbers: cheap to measure for each frame, judged over time later."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from proctor.liveness.colours import colours_of
from proctor.liveness.moire import moire_of
from proctor.liveness.rectangle import bezel_of
from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox
from proctor.vision.quality import small

Floats = npt.NDArray[np.float32]

NUMBERS = 16  # length of a sketch
THUMB = (32, 24)
ROUGH = (THUMB[0] * 4, THUMB[1] * 4)  # pixels: what a hash and a sketch are read from
STEP = 64.0  # a sketch keeps 1/64 grey level: finer than a webcam's noise in a thumbnail of this size


@dataclass(frozen=True)
class Traces:
    """`hash`: 64-bit difference hash as 16 hex digits. `sketch`: 16 numbers that change with every noisy photograph

    (see `sketch_of`). `moire`: periodic pattern on the face, `bezel`: straight frame around it, `colours`: bands of a screen all
    over a picture without a face; all 0..1, None: not looked (older readings have no `colours`).
    `face`, `rest`: mean red, green, blue (0..255) of the inner face and of the rest of the picture; `face` is None without a face.
    """

    hash: str
    sketch: str
    moire: float | None
    bezel: float | None
    face: tuple[float, float, float] | None
    rest: tuple[float, float, float]
    colours: float | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """What `dataclasses.asdict` wrote, back from JSON. Raises `TypeError` for unknown or missing fields."""
        face, rest = plain.get("face"), plain.get("rest", ())
        return cls(**{**plain, "face": None if face is None else tuple(face), "rest": tuple(rest)})


def measure(pixels: Pixels, faces: Sequence[FaceBox], *, closely: bool = True, copy: Pixels | None = None) -> Traces:
    """Traces of one RGB picture; the first of `faces` (the largest) is the one that is looked at.

    `closely` adds moire, bezel and colours, which cost more than all the rest: each two seconds is enough for them. `copy`: the
    picture made smaller (see `quality.small`), where that is there already; everything but moire is read from it. The bands of
    a screen can hide the face that it shows: colours are looked at where none is seen.
    """
    copy = small(pixels) if copy is None else copy
    grey = np.asarray(cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY), np.uint8)
    rough = np.asarray(cv2.resize(grey, ROUGH, interpolation=cv2.INTER_AREA), np.uint8)  # once, for both that follow
    face = faces[0] if faces else None
    seen, rest = _colours(copy, face)
    traces = Traces(difference_hash(rough), sketch_of(rough), None, None, seen, rest)
    if not closely:
        return traces
    if face is None:
        return replace(traces, colours=colours_of(copy))
    return replace(traces, moire=moire_of(pixels, face), bezel=bezel_of(copy, face))


def difference_hash(grey: npt.NDArray[np.uint8]) -> str:
    """Whether each of 8 × 8 patches is brighter than its right neighbour: 64 bits as hex (Krawetz's dHash)."""
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (small[:, 1:] > small[:, :-1]).astype(np.uint8)
    return bytes(np.packbits(bits)).hex()


def sketch_of(grey: npt.NDArray[np.uint8]) -> str:
    """Random projections of a thumbnail, in base64: distances between pictures survive, the picture does not.

    Distances survive a random projection (Johnson and Lindenstrauss 1984). The mean is brought to 128 first, so that a lamp
    or the light of the candidate's own screen counts for less than what moves.
    """
    half = cv2.resize(grey, ROUGH, interpolation=cv2.INTER_AREA)
    thumb = cv2.resize(half.astype(np.float32), THUMB, interpolation=cv2.INTER_AREA).reshape(-1)
    numbers = _PROJECTION @ (thumb * np.float32(128.0 / max(float(thumb.mean()), 8.0)) - np.float32(128.0))
    return base64.b64encode(np.clip(numbers * STEP, -32768, 32767).astype("<i2").tobytes()).decode("ascii")


def read_sketch(sketch: str) -> Floats:
    """The numbers of a sketch, in grey levels; raises `ValueError` for anything that is not one."""
    return np.asarray(read_sketches((sketch,))[0], np.float32)


def read_sketches(sketches: Sequence[str]) -> Floats:
    """Many sketches at once, one row each: five minutes of them are read for every picture."""
    rows = [base64.b64decode(each, validate=True) for each in sketches]
    if any(len(row) != 2 * NUMBERS for row in rows):
        raise ValueError(f"a sketch has {NUMBERS} numbers")
    return np.frombuffer(b"".join(rows), "<i2").reshape(-1, NUMBERS).astype(np.float32) / np.float32(STEP)


def _projection() -> Floats:
    cells = THUMB[0] * THUMB[1]
    signs = np.random.default_rng(20270301).integers(0, 2, (NUMBERS, cells)) * 2 - 1
    return np.asarray(signs / np.sqrt(cells), np.float32)


_PROJECTION = _projection()


def _colours(
    pixels: Pixels, face: FaceBox | None
) -> tuple[tuple[float, float, float] | None, tuple[float, float, float]]:
    """Mean colour of the inner face (without hair and background), and of everything outside the face's surroundings."""
    small = np.asarray(cv2.resize(pixels, (64, 48), interpolation=cv2.INTER_AREA), np.uint8)
    if face is None:
        return None, _mean(small)
    inner = small[_rows(face, 0.25, 0.85), _columns(face, 0.2, 0.8)]
    rest = np.ones(small.shape[:2], np.uint8)
    rest[_rows(face, -0.4, 4.0), _columns(face, -0.6, 1.6)] = 0
    return _mean(inner) if inner.size else None, _mean(small, rest if rest.any() else None)


def _rows(face: FaceBox, first: float, last: float) -> slice:
    return slice(_cell(face.y + first * face.h, 48), max(_cell(face.y + last * face.h, 48), 1))


def _columns(face: FaceBox, first: float, last: float) -> slice:
    return slice(_cell(face.x + first * face.w, 64), max(_cell(face.x + last * face.w, 64), 1))


def _cell(part: float, cells: int) -> int:
    return max(0, min(cells, round(part * cells)))


def _mean(pixels: Pixels, where: Pixels | None = None) -> tuple[float, float, float]:
    red, green, blue, _ = (round(value, 2) for value in cv2.mean(pixels, where))
    return red, green, blue
