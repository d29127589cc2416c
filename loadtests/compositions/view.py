"""One second of a sitting: what stands before the camera, and the picture that the camera takes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from loadtests.compositions.people import Cast
from loadtests.scenes import HEIGHT, WIDTH, Cutout, Picture, _jpeg, _room, _sensor
from loadtests.scenes_things import Decoy, PhoneLook, area_of, held, moved, with_decoy, with_phone

FACE = 150  # pixels of the sitter's face, as wide as in front of a laptop
NEAR = (0.95, 1.25)  # pixels to a millimetre of what is held: a little nearer than the face, which is 1
LOOKS: tuple[PhoneLook, ...] = ("screen", "dark_screen", "back")
NOSE = (
    1.7  # how far a face reaches forwards, in half widths of the head: so that the poses read are about those asked for
)
HEAD = (0.85, 1.15)  # half axes of the head that turns, in widths of the face


@dataclass(frozen=True)
class View:
    """`sitter`: who sits there ("": nobody). `helper`: who else, with the face at (x, y) and so many pixels wide.

    `yaw`, `pitch`: degrees by which the head is turned (a warp of the picture, so rough). `phone`: its share of the picture;
    `decoy`: something else in the hand; `way` picks how either looks and is held.
    `fidget`: how much they move, 1 is usual. `hand`: a hand covers the face. `lens`: something covers the camera.
    """

    sitter: str = ""
    helper: str = ""
    helper_at: tuple[float, float, int] = (0.82, 0.40, 84)
    light: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0
    fidget: float = 1.0
    hand: bool = False
    lens: bool = False
    phone: float = 0.0
    decoy: Decoy | None = None
    way: int = 0

    @property
    def people(self) -> int:
        return bool(self.sitter) + bool(self.helper)


def paint(cast: Cast, view: View, n: int, rng: np.random.Generator, *, room: int = 0) -> bytes:
    """Frame `n` as JPEG, 640×480; the same arguments and the same state of `rng` give the same picture."""
    picture = _room(room).copy()
    if view.helper:
        x, y, size = view.helper_at
        _place(picture, _look(cast, view.helper, n), (x, y, size), rng, n + 40, 1.0)
    if view.sitter:
        who = _look(cast, view.sitter, n)
        if view.yaw or view.pitch:
            who = turned(who, view.yaw, view.pitch)
        at = (0.42 if view.helper else 0.5, 0.46, FACE)
        place = _place(picture, who, at, rng, n, view.fidget)
        if view.hand:
            _hand(picture, *place)
        if view.phone or view.decoy:
            _held(picture, view, n)
    if view.lens:
        picture[:] = (18, 14, 12)
    light = view.light * (1.0 + 0.04 * math.sin(n / 9)) + rng.normal(0, 0.015) * view.light
    return _jpeg(_sensor(picture, max(0.0, light), rng))


def _look(cast: Cast, name: str, n: int) -> Cutout:
    """Not the same order again and again: that would be a loop, and one is looked for."""
    looks = cast.looks(name)
    return looks[(n * 7 + n * n // 5) % len(looks)]


def _place(
    picture: Picture, who: Cutout, at: tuple[float, float, int], rng: np.random.Generator, n: int, fidget: float
) -> tuple[float, float]:
    """Put `who` with the face at (x, y), so many pixels wide, swaying; where the face's centre came to lie."""
    x, y, face = at
    turn = 2.5 * fidget * math.sin(n / 7) + rng.normal(0, 0.3 * fidget)
    size = face / who.face[2] * (1 + 0.03 * fidget * math.sin(n / 11))
    to_x = x * WIDTH + fidget * (10 * math.sin(n / 5) + rng.normal(0, 0.6))
    to_y = y * HEIGHT + fidget * (5 * math.sin(n / 6.5) + rng.normal(0, 0.6))
    matrix = cv2.getRotationMatrix2D(who.face[:2], turn, size)
    matrix[:, 2] += np.array((to_x - who.face[0], to_y - who.face[1]))
    body = cv2.warpAffine(who.picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(who.alpha, matrix, (WIDTH, HEIGHT))[..., None]
    picture[:] = (body * alpha + picture * (1 - alpha)).astype(np.uint8)
    return to_x, to_y


def turned(who: Cutout, yaw: float, pitch: float) -> Cutout:
    """The head as an ellipsoid with the photo on it, turned: good to about 30 degrees, beyond that faces smear."""
    x, y, width = who.face
    wide, tall = width * HEAD[0], width * HEAD[1]
    rows, columns = who.alpha.shape
    across, down = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    u, v = (across - x) / wide, (down - y) / tall
    inside = np.clip(1 - u * u - v * v, 0, 1)
    depth = np.sqrt(inside)
    soft = np.minimum(1, inside * 3)  # at its edge the head stays where it is
    to_u = u * math.cos(math.radians(yaw)) + NOSE * depth * math.sin(math.radians(yaw))
    to_v = v * math.cos(math.radians(pitch)) + depth * math.sin(math.radians(pitch))
    map_x = (across + (to_u - u) * soft * wide).astype(np.float32)
    map_y = (down + (to_v - v) * soft * tall).astype(np.float32)
    picture = cv2.remap(who.picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Cutout(np.asarray(picture, np.uint8), who.alpha, who.face)


def _hand(picture: Picture, x: float, y: float) -> None:
    """A palm with four fingers before the face, in the face's own colour."""
    left, top = int(max(0, x - 30)), int(max(0, y - 30))
    skin = picture[top : top + 60, left : left + 60].reshape(-1, 3).mean(axis=0) * 0.92
    drawn = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(drawn, (int(x), int(y + 30)), (85, 75), 0, 0, 360, 1.0, -1)
    for number in range(4):
        foot = (int(x - 60 + number * 40), int(y))
        cv2.line(drawn, foot, (int(x - 68 + number * 45), int(y - 105)), 1.0, 34)
    cv2.rectangle(drawn, (int(x - 45), int(y + 60)), (int(x + 45), HEIGHT), 1.0, -1)
    shade = _shading(drawn)
    alpha = cv2.GaussianBlur(drawn, (0, 0), 1.5)[..., None]
    picture[:] = np.clip(skin * shade * alpha + picture * (1 - alpha), 0, 255).astype(np.uint8)


def _shading(drawn: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Darker towards the edges, so that a hand is round and fingers part."""
    inner = cv2.GaussianBlur(cv2.erode(drawn, np.ones((9, 9), np.uint8)), (0, 0), 7)
    return np.asarray(0.55 + 0.5 * inner, np.float32)[..., None]


def _held(picture: Picture, view: View, n: int) -> None:
    """A phone, or something that only looks like one: the same thing in the same hand as long as `way` stays, moving a little."""
    rng = np.random.default_rng(view.way)
    area = view.phone or area_of(view.decoy or "mug", float(rng.uniform(*NEAR)))
    how = moved(held(rng, area), n)
    look = LOOKS[int(rng.integers(len(LOOKS)))]
    glow = min(2.0, 1 / max(view.light, 0.1))  # a screen makes its own light, whatever the room's
    if view.phone:
        picture[:] = with_phone(picture, look, how, rng, glow)
    else:
        picture[:] = with_decoy(picture, view.decoy or "mug", how, rng)
