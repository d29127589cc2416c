"""Webcam pictures for simulated candidates, made from real public-domain portraits that ship inside declared packages.

NASA's portrait of Eileen Collins (scikit-image) and the US Navy's of Grace Hopper (matplotlib) sit in a drawn room, with
small movements, changing light and sensor noise, so that no two frames are equal. Everything is synthetic except the faces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (height, width, 3) in OpenCV's order: blue, green, red
Kind = Literal["present", "away", "second_person", "other_person", "dark", "covered"]
Person = Literal["collins", "hopper"]

WIDTH, HEIGHT, JPEG_QUALITY = 640, 480, 60
OTHER: dict[Person, Person] = {"collins": "hopper", "hopper": "collins"}


@dataclass(frozen=True)
class Cutout:
    """A person without the photo's background: `alpha` in 0..1; the face's centre and width in pixels."""

    picture: Picture
    alpha: npt.NDArray[np.float32]
    face: tuple[float, float, float]


def scene(kind: Kind, rng: np.random.Generator, n: int, *, person: Person = "collins", room: int = 0) -> bytes:
    """Frame `n` of a sitting as JPEG, 640×480. `room` picks wall, shelf and lamp; `person` who should be there."""
    picture = _room(room).copy()
    if kind == "covered":
        picture[:] = (18, 14, 12)
    elif kind == "other_person":
        _paste(picture, _cutout(OTHER[person]), 0.5, 0.46, 150, rng, n)
    elif kind != "away":
        if kind == "second_person":
            _paste(picture, _cutout(OTHER[person]), 0.82, 0.40, 84, rng, n + 40)
        _paste(picture, _cutout(person), 0.42 if kind == "second_person" else 0.5, 0.46, 150, rng, n)
    light = 0.05 if kind == "dark" else 1.0 + 0.04 * math.sin(n / 9) + rng.normal(0, 0.015)
    return _jpeg(_sensor(picture, light, rng))


def reference(person: Person = "collins") -> bytes:
    """The enrolment photo: the untouched portrait around the face, as JPEG."""
    portrait = _portrait(person)
    return _jpeg(portrait, quality=90)


def mjpeg(frames: Iterable[bytes], path: Path) -> int:
    """Write JPEG frames as the file Chromium plays as a camera (`--use-file-for-fake-video-capture`); return how many.

    Chromium's reader takes bare concatenated JPEGs, plays 30 a second and starts over at the end. It needs at least one frame.
    """
    count = 0
    with path.open("wb") as out:
        for frame in frames:
            out.write(frame)
            count += 1
    if count == 0:
        raise ValueError("a camera file needs at least one frame")
    return count


def _portrait(person: Person) -> Picture:
    """Read the file inside the installed package; nothing is downloaded."""
    if person == "collins":
        import skimage

        file = Path(skimage.__file__).parent / "data" / "astronaut.png"
    else:
        import matplotlib as mpl

        file = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    picture: Any = cv2.imread(str(file))
    if picture is None:
        raise FileNotFoundError(file)
    return np.asarray(picture, np.uint8)


FACES: dict[Person, tuple[float, float, float]] = {
    "collins": (224, 128, 96),
    "hopper": (266, 240, 196),
}  # centre, width
# Left, top, width, height in the photo: where the body can be, and what is certainly behind it (a shuttle model, flags).
BODIES: dict[Person, tuple[int, int, int, int]] = {"collins": (0, 10, 470, 502), "hopper": (10, 40, 500, 566)}
BACKDROP: dict[Person, tuple[tuple[int, int, int, int], ...]] = {
    "collins": ((330, 0, 182, 270), (0, 0, 110, 230), (420, 0, 92, 512)),
    "hopper": ((0, 0, 140, 330), (390, 0, 122, 330)),
}


@cache
def _cutout(person: Person) -> Cutout:
    """Person and background parted by GrabCut (Rother et al., SIGGRAPH 2004), once per process."""
    picture = _portrait(person)
    left, top, width, height = (side // 2 for side in BODIES[person])
    x, y, size = FACES[person]
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mask = np.full(half.shape[:2], cv2.GC_BGD, np.uint8)
    mask[top : top + height, left : left + width] = cv2.GC_PR_FGD
    for away in BACKDROP[person]:
        mask[away[1] // 2 : (away[1] + away[3]) // 2, away[0] // 2 : (away[0] + away[2]) // 2] = cv2.GC_BGD
    cv2.ellipse(mask, (int(x / 2), int(y / 2)), (int(size * 0.31), int(size * 0.42)), 0, 0, 360, cv2.GC_FGD, -1)
    cv2.setRNGSeed(1)
    cv2.grabCut(half, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    sure = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    closed = cv2.morphologyEx(sure, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)).astype(np.float32)
    alpha = cv2.GaussianBlur(cv2.resize(closed, picture.shape[1::-1]), (0, 0), 1.6)
    # The photo ends at the chest: its last row goes on downwards, so that nobody floats in the room.
    longer = cv2.copyMakeBorder(picture, 0, 500, 0, 0, cv2.BORDER_REPLICATE)
    beneath = cv2.copyMakeBorder(alpha, 0, 500, 0, 0, cv2.BORDER_REPLICATE)
    return Cutout(np.asarray(longer, np.uint8), np.asarray(beneath, np.float32), (x, y, size))


def _paste(picture: Picture, who: Cutout, x: float, y: float, face: int, rng: np.random.Generator, n: int) -> None:
    """Put `who` with the face at (x, y), `face` pixels wide, swaying a little."""
    turn = 2.5 * math.sin(n / 7) + rng.normal(0, 0.3)
    size = face / who.face[2] * (1 + 0.03 * math.sin(n / 11))
    shift_x = x * WIDTH + 10 * math.sin(n / 5) + rng.normal(0, 0.6)
    shift_y = y * HEIGHT + 5 * math.sin(n / 6.5) + rng.normal(0, 0.6)
    matrix = cv2.getRotationMatrix2D(who.face[:2], turn, size)
    matrix[:, 2] += np.array((shift_x - who.face[0], shift_y - who.face[1]))
    body = cv2.warpAffine(who.picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(who.alpha, matrix, (WIDTH, HEIGHT))[..., None]
    picture[:] = (body * alpha + picture * (1 - alpha)).astype(np.uint8)


@cache
def _room(room: int) -> Picture:
    """A wall with a lamp's glow, a shelf with books, a door frame: the same for each frame of one candidate."""
    rng = np.random.default_rng(room)
    wall = rng.integers(120, 200, 3).astype(np.float32)
    across = np.linspace(0.75, 1.1, WIDTH, dtype=np.float32)[None, :, None]
    down = np.linspace(1.05, 0.85, HEIGHT, dtype=np.float32)[:, None, None]
    picture = np.clip(wall * across * down, 0, 255).astype(np.uint8)
    shelf_x, shelf_y = int(rng.integers(10, 60)), int(rng.integers(90, 160))
    cv2.rectangle(picture, (shelf_x, shelf_y), (shelf_x + 150, shelf_y + 8), (60, 80, 110), -1)
    at = shelf_x + 6
    while at < shelf_x + 130:
        wide, tall = int(rng.integers(8, 18)), int(rng.integers(40, 75))
        colour = tuple(int(value) for value in rng.integers(30, 190, 3))
        cv2.rectangle(picture, (at, shelf_y - tall), (at + wide, shelf_y), colour, -1)
        at += wide + 2
    door = int(rng.integers(500, 560))
    cv2.rectangle(picture, (door, 60), (WIDTH, HEIGHT), tuple(int(value * 0.7) for value in wall), -1)
    cv2.rectangle(picture, (door, 60), (WIDTH, HEIGHT), (70, 70, 70), 3)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


def _sensor(picture: Picture, light: float, rng: np.random.Generator) -> Picture:
    """Exposure and noise, stronger in the light than in the dark, as a cheap webcam has it."""
    noise = rng.standard_normal(picture.shape, np.float32) * 2.5
    return np.clip(picture * np.float32(light) + noise, 0, 255).astype(np.uint8)


def _jpeg(picture: Picture, quality: int = JPEG_QUALITY) -> bytes:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture could not be encoded")
    return bytes(data)
