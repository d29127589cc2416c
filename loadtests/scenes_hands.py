"""A hand that holds something flat: palm, four fingers, thumb, wrist and sleeve, drawn in the thing's own measure.

Sizes are those of a grown hand (palm 84 mm wide, fingers 13 to 17 mm thick, 19 mm apart), so that a larger thing in the picture
is a nearer one. Who shows a screen to the camera has the palm behind it and the finger tips over its edges; who looks at it
holds its back towards the camera, with the fingers across it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SKIN = ((150, 178, 224), (112, 142, 198), (80, 108, 165), (52, 74, 118), (38, 52, 86))  # blue, green, red
CLOTH = ((60, 52, 46), (128, 96, 62), (178, 172, 164), (52, 58, 120), (46, 40, 38))
Layer = npt.NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Where the thing lies: its centre in pixels, turned by `turn` degrees, `mm` pixels to a millimetre, half its sides in mm."""

    centre: Point
    turn: float
    mm: float
    half: Point

    def at(self, x: float, y: float) -> Point:
        """Pixels of a point given in mm from the thing's centre, along its own sides."""
        angle = np.deg2rad(self.turn)
        across, down = x * self.mm, y * self.mm
        return (
            float(self.centre[0] + across * np.cos(angle) - down * np.sin(angle)),
            float(self.centre[1] + across * np.sin(angle) + down * np.cos(angle)),
        )


@dataclass(frozen=True)
class Hand:
    """`side`: 1 where the fingers come from the right, -1 from the left. `across`: the fingers lie over the thing."""

    side: float
    across: bool
    skin: Sequence[float]
    cloth: Sequence[float]
    curl: float  # mm by which the fingers reach further than usual


def some_hand(rng: np.random.Generator, turn: float, *, across: bool) -> Hand:
    """Left or right, of any skin, in any sleeve. A thing that lies on its side is held from below."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    return Hand(
        side=side if abs(np.cos(np.deg2rad(turn))) > 0.7 else float(np.sign(np.sin(np.deg2rad(turn)))),
        across=across,
        skin=SKIN[int(rng.integers(len(SKIN)))],
        cloth=CLOTH[int(rng.integers(len(CLOTH)))],
        curl=float(rng.uniform(-5, 6)),
    )


def behind(picture: Layer, hand: Hand, place: Place) -> Layer:
    """What of the hand is farther away than the thing: palm, wrist, sleeve, and the thumb where the fingers are in front."""
    wide, tall = place.half
    away = hand.side * (wide - 26.0)
    low = min(tall, 75.0) * 0.45 + 8.0
    palm = [place.at(away, low - 26.0), place.at(away - hand.side * 6.0, low + 22.0)]
    # The forearm comes from below the picture, however the thing is turned.
    lean = np.sign(palm[1][0] - picture.shape[1] / 2) * 12.0 * place.mm
    wrist = (palm[1][0] + lean, palm[1][1] + 64.0 * place.mm)
    elbow = (wrist[0] + 5 * lean, max(wrist[1] + 80.0, picture.shape[0] + 60.0))
    picture = _limb(picture, [wrist, elbow], 78 * place.mm, hand.cloth)
    picture = _limb(picture, [palm[1], wrist], 60 * place.mm, hand.skin)
    picture = _limb(picture, palm, 84 * place.mm, hand.skin)
    if hand.across:
        thumb = [place.at(-hand.side * (wide - 14.0), low), place.at(-hand.side * (wide + 4.0), low - 34.0)]
        picture = _limb(picture, thumb, 20 * place.mm, hand.skin)
    return picture


def before(picture: Layer, hand: Hand, place: Place) -> Layer:
    """What of the hand is nearer than the thing: four fingers (their tips, or all of them), and the thumb."""
    wide, tall = place.half
    low = min(tall, 75.0) * 0.45 + 8.0
    reach = 2 * wide * 0.62 if hand.across else 17.0
    for number, (thick, longer) in enumerate(((15.0, 0.0), (16.5, 5.0), (16.0, 2.0), (13.5, -8.0))):
        y = low - 44.0 + 19.0 * number
        root = place.at(hand.side * (wide + 5.0), y + 7.0)
        length = max(8.0, reach + (longer + hand.curl) * (1.0 if hand.across else 0.5))
        tip = place.at(hand.side * (wide - length), y - (9.0 if hand.across else 3.0))
        picture = _limb(picture, [root, tip], thick * place.mm, hand.skin)
        picture = _nail(picture, root, tip, thick * place.mm, hand.skin)
    if not hand.across:
        root, tip = place.at(-hand.side * (wide + 8.0), low + 12.0), place.at(-hand.side * (wide - 18.0), low - 26.0)
        picture = _limb(picture, [root, tip], 20 * place.mm, hand.skin)
        picture = _nail(picture, root, tip, 20 * place.mm, hand.skin)
    return picture


def _limb(picture: Layer, points: Sequence[Point], thick: float, colour: Sequence[float]) -> Layer:
    """A rounded rod: lightest along its middle, darker towards its edges, with a soft shadow beside it."""
    drawn = np.zeros(picture.shape[:2], np.uint8)
    corners = np.round(np.array(points) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(
        drawn, [corners], isClosed=False, color=255, thickness=max(2, round(thick)), lineType=cv2.LINE_AA, shift=4
    )
    depth = cv2.distanceTransform((drawn > 127).astype(np.uint8), cv2.DIST_L2, 3) / max(1.0, thick / 2)
    light = 0.62 + 0.42 * np.sqrt(np.clip(depth, 0, 1))
    alpha = (cv2.GaussianBlur(drawn, (0, 0), 0.8).astype(np.float32) / 255)[..., None]
    shadow = 1 - 0.35 * cv2.GaussianBlur(drawn, (0, 0), max(1.5, thick / 5)).astype(np.float32)[..., None] / 255
    body = np.asarray(colour, np.float32) * light[..., None].astype(np.float32)
    return np.asarray(picture * shadow * (1 - alpha) + body * alpha, np.float32)


def _nail(picture: Layer, root: Point, tip: Point, thick: float, skin: Sequence[float]) -> Layer:
    """A little lighter and redder than the skin, at the end of a finger."""
    drawn = np.zeros(picture.shape[:2], np.float32)
    angle = float(np.rad2deg(np.arctan2(tip[1] - root[1], tip[0] - root[0])))
    cv2.ellipse(drawn, (tip, (thick * 0.7, thick * 0.5), angle), 1.0, -1, cv2.LINE_AA)
    alpha = 0.5 * cv2.GaussianBlur(drawn, (0, 0), 0.6)[..., None]
    colour = np.clip(np.asarray(skin, np.float32) * np.float32(1.15) + np.array((6, 2, 14), np.float32), 0, 245)
    return np.asarray(picture * (1 - alpha) + colour * alpha, np.float32)
