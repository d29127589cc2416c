"""Pictures of candidates who hold a phone, and of candidates who hold what only looks like one.

Synthetic, and labelled so: the person is a real portrait, the thing and the hand are drawn, with light, tilt, blur and shine by
chance. A drawn phone is harder or easier than a real one in ways nobody can promise: real pictures decide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from loadtests import scenes_hands
from loadtests.scenes import HEIGHT, WIDTH, Picture
from loadtests.scenes_decoys import DECOYS, KINDS, Decoy
from loadtests.scenes_hands import Place
from loadtests.scenes_phones import LONG, TALL_MM, PhoneLook, Sheet, phone

__all__ = ["DECOYS", "Decoy", "Held", "PhoneLook", "area_of", "held", "moved", "with_decoy", "with_phone"]
UPRIGHT = 0.3  # of the tilt that other things are held with
FINE = 3  # drawn three times as large, then scaled down: smooth edges


@dataclass(frozen=True)
class Held:
    """`area`: share of the picture (0..1) that the thing itself covers; `x`, `y`: its centre; `turn` degrees; `tilt` 0..0.3."""

    area: float
    x: float
    y: float
    turn: float
    tilt: float
    hand: bool = True
    blur: float = 0.0


def held(rng: np.random.Generator, area: float) -> Held:
    """Before the chest, beside the head or at the lower edge, as phones are held before a webcam."""
    x, y = ((0.5, 0.78), (0.25, 0.6), (0.75, 0.6), (0.72, 0.38), (0.3, 0.82), (0.68, 0.8))[int(rng.integers(6))]
    return Held(
        area,
        x=float(x + rng.uniform(-0.06, 0.06)),
        y=float(y + rng.uniform(-0.05, 0.05)),
        turn=float(rng.uniform(-28, 28) + (90 if rng.random() < 0.15 else 0)),
        tilt=float(rng.uniform(0, 0.18)),
        hand=bool(rng.random() < 0.9),
        blur=float(rng.choice([0, 0, 0.8, 1.5])),
    )


def moved(how: Held, n: int) -> Held:
    """The same thing in the same hand at second `n`: nobody holds still, and who reads or types turns it a little."""
    return replace(
        how,
        x=how.x + 0.012 * math.sin(n / 2.3) + 0.008 * math.sin(n / 5),
        y=how.y + 0.01 * math.sin(n / 3.1) + 0.006 * math.sin(n / 4),
        turn=how.turn + 5 * math.sin(n / 2.9) + 2 * math.sin(n / 6),
        tilt=max(0.0, how.tilt + 0.05 * math.sin(n / 3.7)),
        area=how.area * (1 + 0.08 * math.sin(n / 4.3)),
    )


def with_phone(picture: Picture, look: PhoneLook, how: Held, rng: np.random.Generator, glow: float = 1.0) -> Picture:
    """`picture` with a phone in it. `glow`: how bright a lit screen is beside white paper in this room."""
    long, tall_mm = float(rng.uniform(*LONG)), float(rng.uniform(*TALL_MM))
    wide, tall = _size(how.area, long)
    return _hold(picture, phone(look, wide, tall, rng, glow), how, tall_mm, rng, across=look == "back")


def with_decoy(picture: Picture, decoy: Decoy, how: Held, rng: np.random.Generator) -> Picture:
    """`picture` with something that is no phone. A mug stays nearly upright, whatever `how` says: it is full."""
    kind = KINDS[decoy]
    if decoy == "mug":
        how = replace(how, turn=UPRIGHT * ((how.turn + 45) % 90 - 45))
    wide, tall = _size(how.area, kind.long)
    return _hold(picture, kind.draw(wide, tall, rng), how, kind.tall_mm, rng, across=decoy in {"mug", "hand"})


def area_of(decoy: Decoy, mm: float) -> float:
    """The share of the picture that it covers at `mm` pixels to a millimetre; a face 150 pixels wide is about 1 pixel a mm."""
    kind = KINDS[decoy]
    return kind.tall_mm**2 / kind.long * mm**2 / (WIDTH * HEIGHT)


def _size(area: float, long: float) -> tuple[int, int]:
    """Width and height in fine pixels of a rectangle that covers `area` of the picture and is `long` widths high."""
    tall = math.sqrt(area * WIDTH * HEIGHT * long)
    return FINE * round(tall / long), FINE * round(tall)


def _hold(
    picture: Picture, thing: Sheet, how: Held, tall_mm: float, rng: np.random.Generator, *, across: bool
) -> Picture:
    """Turn, tilt and place it, the hand behind and before it."""
    corners, place = _lie(thing, how, tall_mm)
    source = np.array(((0, 0), (thing.shape[1], 0), (thing.shape[1], thing.shape[0]), (0, thing.shape[0])), np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    soft = cv2.GaussianBlur(thing, (0, 0), FINE / 2.2)
    laid = cv2.warpPerspective(soft, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.float32)
    hand = scenes_hands.some_hand(rng, how.turn, across=across)
    alpha = laid[..., 3:] / 255
    light = np.float32(rng.uniform(0.75, 1.05))
    result = np.asarray(picture, np.float32)
    if how.hand:
        result = scenes_hands.behind(result, hand, place)
    result = np.asarray(result * (1 - alpha) + laid[..., :3] * alpha * light, np.float32)
    if how.hand:
        result = scenes_hands.before(result, hand, place)
    if how.blur:
        near = cv2.GaussianBlur(alpha, (0, 0), 6)[..., None]
        result = np.asarray(result * (1 - near) + cv2.GaussianBlur(result, (0, 0), how.blur) * near, np.float32)
    return np.clip(result, 0, 255).astype(np.uint8)


def _lie(thing: Sheet, how: Held, tall_mm: float) -> tuple[npt.NDArray[np.float32], Place]:
    """Its four corners in the picture, and its own measure for the hand."""
    tall, wide = thing.shape[0] / FINE, thing.shape[1] / FINE
    corners = np.array(((-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)), np.float32) / np.float32(2)
    corners[:2, 0] *= 1 - how.tilt
    angle = np.deg2rad(how.turn)
    spin = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))), np.float32)
    centre = (how.x * WIDTH, how.y * HEIGHT)
    mm = tall / tall_mm
    place = Place(centre, how.turn, mm, (wide / mm / 2, tall_mm / 2))
    return np.asarray(corners @ spin.T + np.array(centre, np.float32), np.float32), place
