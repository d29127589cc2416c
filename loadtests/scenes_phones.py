"""Phones as sheets of blue, green, red and opacity: the side with the screen, lit or dark, and the back with its cameras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

PhoneLook = Literal["screen", "dark_screen", "back"]
Sheet = npt.NDArray[np.uint8]  # (height, width, 4)
Colour = tuple[float, float, float]
BODIES: tuple[Colour, ...] = (
    (22, 20, 20),
    (40, 38, 36),
    (58, 48, 40),
    (150, 150, 152),
    (205, 208, 210),
    (120, 84, 60),
    (70, 60, 150),
)
TALL_MM = (146.0, 163.0)
LONG = (2.0, 2.15)  # a phone's height in widths


def sheet(wide: int, tall: int, colour: Colour, round_by: float) -> Sheet:
    """A rounded rectangle; `round_by`: its corners' radius in widths."""
    made = np.zeros((tall, wide, 4), np.uint8)
    radius = max(1, round(round_by * wide))
    full = (*colour, 255)
    cv2.rectangle(made, (radius, 0), (wide - radius, tall), full, -1)
    cv2.rectangle(made, (0, radius), (wide, tall - radius), full, -1)
    for x in (radius, wide - radius - 1):
        for y in (radius, tall - radius - 1):
            cv2.circle(made, (x, y), radius, full, -1, cv2.LINE_AA)
    return made


def shine(made: Sheet, rng: np.random.Generator, most: float = 80) -> None:
    """A window or a lamp in a smooth surface."""
    tall, wide = made.shape[:2]
    x, y = np.meshgrid(np.linspace(0, 1, wide), np.linspace(0, 1, tall))
    place, width, strength = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.3), rng.uniform(10, most)
    light = strength * np.exp(-(((x * 0.6 + y * 0.8) - place) ** 2) / width**2)
    made[..., :3] = np.clip(made[..., :3] + light[..., None], 0, 255).astype(np.uint8)


def phone(look: PhoneLook, wide: int, tall: int, rng: np.random.Generator, glow: float = 1.0) -> Sheet:
    """A phone `wide` × `tall`; a lit screen is `glow` times as bright as white paper beside it (it does not need the room's light)."""
    body = BODIES[int(rng.integers(len(BODIES)))]
    made = _framed(wide, tall, body)
    rim = max(2, round(0.02 * wide))
    if look == "back":
        _back(made[rim : tall - rim, rim : wide - rim], body, rng)
        return made
    edge = rim + max(2, round(0.022 * wide))
    glass = sheet(wide - 2 * rim, tall - 2 * rim, (10, 9, 9), 0.13)
    _lay(made, glass, rim)
    inner = sheet(wide - 2 * edge, tall - 2 * edge, (14, 12, 12), 0.11)
    if look == "screen":
        SCREENS[int(rng.integers(len(SCREENS)))](inner, rng)
        _status(inner)
        inner[..., :3] = np.clip(inner[..., :3] * glow, 0, 255).astype(np.uint8)
    _lay(made, inner, edge)
    shine(made, rng, 40 if look == "screen" else 80)
    return made


def _framed(wide: int, tall: int, body: Colour) -> Sheet:
    """The metal around it: lighter than what it holds, brightest at its upper left."""
    metal = tuple(min(250.0, 70 + 0.75 * value) for value in body)
    made = sheet(wide, tall, (metal[0], metal[1], metal[2]), 0.15)
    fall = np.linspace(1.15, 0.75, tall, dtype=np.float32)[:, None, None]
    made[..., :3] = np.clip(made[..., :3] * fall, 0, 255).astype(np.uint8)
    return made


def _lay(made: Sheet, inner: Sheet, edge: int) -> None:
    view = made[edge : edge + inner.shape[0], edge : edge + inner.shape[1]]
    view[:] = np.where(inner[..., 3:] > 0, inner, view)


def _back(view: Sheet, body: Colour, rng: np.random.Generator) -> None:
    """Glass or matt plastic, lenses with rings in an island or a column, a light, and the maker's mark."""
    tall, wide = view.shape[:2]
    plate = sheet(wide, tall, body, 0.13)
    shine(plate, rng, 110)
    view[:] = np.where(plate[..., 3:] > 0, plate, view)
    lens = round(rng.uniform(0.085, 0.11) * wide)
    left, top = round(0.2 * wide), round(0.2 * wide)
    step = round(2.5 * lens)
    spots = [(left, top), (left, top + step)]
    spots.append((left + step, top + step // 2) if rng.random() < 0.5 else (left, top + 2 * step))
    if rng.random() < 0.7:
        low = max(y for _, y in spots) + round(1.7 * lens)
        right = max(x for x, _ in spots) + round(1.7 * lens)
        island = tuple(min(255.0, 0.85 * value + 14) for value in body)
        cv2.rectangle(
            view, (left - round(1.7 * lens), top - round(1.7 * lens)), (right, low), (*island, 255), -1, cv2.LINE_AA
        )
        cv2.rectangle(
            view,
            (left - round(1.7 * lens), top - round(1.7 * lens)),
            (right, low),
            (*(min(255.0, v + 45) for v in island), 255),
            max(1, lens // 6),
            cv2.LINE_AA,
        )
    for spot in spots:
        cv2.circle(view, spot, round(1.15 * lens), (165, 160, 158, 255), -1, cv2.LINE_AA)
        cv2.circle(view, spot, lens, (14, 12, 12, 255), -1, cv2.LINE_AA)
        cv2.circle(view, spot, round(0.5 * lens), (62, 44, 36, 255), -1, cv2.LINE_AA)
        cv2.circle(
            view, (spot[0] - lens // 3, spot[1] - lens // 3), max(1, lens // 6), (235, 230, 225, 255), -1, cv2.LINE_AA
        )
    cv2.circle(view, (left + step, top - lens // 4), max(1, round(0.45 * lens)), (205, 235, 245, 255), -1, cv2.LINE_AA)
    mark = tuple(min(255.0, value + 40) for value in body)
    cv2.circle(
        view,
        (wide // 2, round(0.52 * tall)),
        round(0.075 * wide),
        (*mark, 255),
        max(1, round(0.02 * wide)),
        cv2.LINE_AA,
    )


def _fill(screen: Sheet, colour: Colour) -> None:
    screen[..., :3] = np.asarray(colour, np.uint8)


def _box(screen: Sheet, left: float, top: float, right: float, low: float, colour: Colour) -> None:
    """A filled rectangle, its sides as shares of the screen."""
    tall, wide = screen.shape[:2]
    corner, other = (round(left * wide), round(top * tall)), (round(right * wide), round(low * tall))
    cv2.rectangle(screen, corner, other, (*colour, 255), -1)


def _lines(
    screen: Sheet, rng: np.random.Generator, left: float, top: float, right: float, low: float, ink: Colour
) -> None:
    """Lines of print."""
    y = top
    while y + 0.012 < low:
        _box(screen, left, y, left + (right - left) * float(rng.uniform(0.55, 1)), y + 0.009, ink)
        y += 0.024


def _photograph(screen: Sheet, rng: np.random.Generator, top: float, low: float) -> None:
    """Something out of focus and colourful."""
    tall, wide = screen.shape[:2]
    few = rng.integers(30, 240, (4, 3, 3)).astype(np.uint8)
    high = max(1, round(low * tall) - round(top * tall))
    screen[round(top * tall) : round(top * tall) + high, :, :3] = cv2.resize(
        few, (wide, high), interpolation=cv2.INTER_CUBIC
    )


def _page(screen: Sheet, rng: np.random.Generator) -> None:
    """A web page: a bar, a heading, a picture, print."""
    _fill(screen, (250, 250, 250))
    _box(screen, 0, 0.05, 1, 0.11, (236, 234, 232))
    _box(screen, 0.07, 0.14, 0.8, 0.165, (40, 40, 40))
    _photograph(screen, rng, 0.2, 0.42)
    _lines(screen, rng, 0.07, 0.46, 0.93, 0.95, (95, 92, 90))


def _chat(screen: Sheet, rng: np.random.Generator) -> None:
    """Messages to and fro, and the keyboard below them."""
    _fill(screen, (228, 236, 238))
    _box(screen, 0, 0.04, 1, 0.11, (96, 118, 20))
    y = 0.14
    while y < 0.58:
        mine, high = rng.random() < 0.5, float(rng.choice([0.04, 0.065, 0.09]))
        left = 0.3 if mine else 0.05
        _box(screen, left, y, left + 0.64, y + high, (200, 248, 220) if mine else (255, 255, 255))
        _lines(screen, rng, left + 0.04, y + 0.01, left + 0.58, y + high, (90, 90, 90))
        y += high + 0.02
    _box(screen, 0, 0.64, 1, 1, (216, 212, 208))
    for row in range(4):
        for key in range(10):
            _box(screen, 0.012 + 0.099 * key, 0.66 + 0.08 * row, 0.09 + 0.099 * key, 0.72 + 0.08 * row, (252, 252, 252))


def _film(screen: Sheet, rng: np.random.Generator) -> None:
    """A photograph or a film that fills it."""
    _photograph(screen, rng, 0, 1)


def _home(screen: Sheet, rng: np.random.Generator) -> None:
    """The clock, and round symbols over a picture."""
    tall, wide = screen.shape[:2]
    _photograph(screen, rng, 0, 1)
    _box(screen, 0.28, 0.1, 0.72, 0.15, (245, 245, 245))
    for row, y in enumerate((0.42, 0.55, 0.68, 0.9)):
        for column in range(4):
            colour = tuple(float(value) for value in rng.integers(60, 255, 3))
            middle = (round((0.155 + 0.23 * column) * wide), round(y * tall))
            if row == 3 or rng.random() < 0.85:
                cv2.circle(screen, middle, round(0.07 * wide), (*colour, 255), -1, cv2.LINE_AA)


def _status(screen: Sheet) -> None:
    """The clock and the battery at the upper edge, and the hole of the front camera."""
    tall, wide = screen.shape[:2]
    ink = (40, 40, 40) if screen[round(0.02 * tall), wide // 2, :3].mean() > 128 else (235, 235, 235)
    _box(screen, 0.08, 0.014, 0.2, 0.026, ink)
    _box(screen, 0.84, 0.014, 0.93, 0.026, ink)
    cv2.circle(screen, (wide // 2, round(0.02 * tall)), max(1, round(0.028 * wide)), (8, 8, 8, 255), -1, cv2.LINE_AA)


SCREENS: tuple[Callable[[Sheet, np.random.Generator], None], ...] = (_page, _chat, _film, _home)
