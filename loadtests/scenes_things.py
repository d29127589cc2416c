"""Pictures of candidates who hold a phone, and of candidates who hold what only looks like one.

Synthetic, and labelled so: the person is a real portrait, the thing and the hand are drawn, with light, tilt, blur and shine by
chance. A drawn phone is harder or easier than a real one in ways nobody can promise: real pictures decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from loadtests.scenes import HEIGHT, WIDTH, Picture

PhoneLook = Literal["screen", "dark_screen", "back"]
Decoy = Literal["calculator", "wallet", "cup", "remote", "hand", "paper", "glasses_case"]
DECOYS: tuple[Decoy, ...] = ("calculator", "wallet", "cup", "remote", "hand", "paper", "glasses_case")
SKIN = ((150, 178, 224), (112, 142, 198), (80, 108, 165), (52, 74, 118), (38, 52, 86))
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


def with_phone(picture: Picture, look: PhoneLook, how: Held, rng: np.random.Generator) -> Picture:
    """`picture` with a phone in it."""
    tall = 3 * round(np.sqrt(how.area * WIDTH * HEIGHT * rng.uniform(1.9, 2.15)))
    wide = round(tall / rng.uniform(1.95, 2.12))
    return _hold(picture, _phone(look, wide, tall, rng), how, rng)


def with_decoy(picture: Picture, decoy: Decoy, how: Held, rng: np.random.Generator) -> Picture:
    """`picture` with something that is no phone."""
    return _hold(picture, _DECOYS[decoy](how.area, rng), how, rng)


def _colour(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    blue, green, red = (float(value) for value in values)
    return blue, green, red


def _sheet(wide: int, tall: int, colour: tuple[float, float, float], round_by: float) -> npt.NDArray[np.uint8]:
    """A rounded rectangle as blue, green, red and opacity."""
    sheet = np.zeros((tall, wide, 4), np.uint8)
    radius = max(1, round(round_by * wide))
    full = (*colour, 255)
    cv2.rectangle(sheet, (radius, 0), (wide - radius, tall), full, -1)
    cv2.rectangle(sheet, (0, radius), (wide, tall - radius), full, -1)
    for x in (radius, wide - radius - 1):
        for y in (radius, tall - radius - 1):
            cv2.circle(sheet, (x, y), radius, full, -1, cv2.LINE_AA)
    return sheet


def _phone(look: PhoneLook, wide: int, tall: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    body = float(rng.choice([18, 28, 45, 190, 225]))
    if look == "back":
        tint = rng.uniform(0.75, 1.15, 3)
        sheet = _sheet(wide, tall, _colour(np.clip(body * tint, 5, 245)), 0.13)
        _shade(sheet, rng)
        island = round(0.36 * wide)
        corner = (round(0.07 * wide), round(0.05 * wide))
        cv2.rectangle(
            sheet, corner, (corner[0] + island, corner[1] + round(island * 1.1)), (*(3 * [body * 0.8 + 10]), 255), -1
        )
        for dx, dy in ((0.28, 0.28), (0.28, 0.78), (0.75, 0.5)):
            middle = (corner[0] + round(dx * island), corner[1] + round(dy * island * 1.1))
            cv2.circle(sheet, middle, round(0.2 * island), (12, 12, 12, 255), -1, cv2.LINE_AA)
            cv2.circle(sheet, middle, round(0.07 * island), (95, 70, 60, 255), -1, cv2.LINE_AA)
        return sheet
    sheet = _sheet(wide, tall, (body, body, body), 0.13)
    edge = max(2, round(0.045 * wide))
    inner = _sheet(wide - 2 * edge, tall - 2 * edge, (16, 14, 13), 0.1)
    if look == "screen":
        _interface(inner, rng)
    else:
        _shade(inner, rng)
    mask = inner[..., 3:] > 0
    view = sheet[edge : edge + inner.shape[0], edge : edge + inner.shape[1]]
    view[:] = np.where(mask, inner, view)
    return sheet


def _interface(screen: npt.NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A page of text or a grid of icons, as bright as a screen is."""
    tall, wide = screen.shape[:2]
    shape = screen[..., 3].copy()
    light = rng.random() < 0.6
    ground = (245, 245, 245) if light else tuple(int(v) for v in rng.integers(20, 120, 3))
    screen[..., :3] = ground
    cv2.rectangle(screen, (0, 0), (wide, round(0.09 * tall)), (*(int(v) for v in rng.integers(60, 230, 3)), 255), -1)
    if light:
        ink = (70, 70, 70, 255)
        for y in range(round(0.14 * tall), round(0.92 * tall), max(3, round(0.045 * tall))):
            cv2.line(
                screen,
                (round(0.08 * wide), y),
                (round(rng.uniform(0.5, 0.92) * wide), y),
                ink,
                max(1, round(0.014 * tall)),
            )
    else:
        side = round(0.16 * wide)
        for row in range(5):
            for column in range(4):
                x, y = round((0.09 + 0.22 * column) * wide), round((0.14 + 0.15 * row) * tall)
                colour = (*(int(v) for v in rng.integers(40, 255, 3)), 255)
                cv2.rectangle(screen, (x, y), (x + side, y + side), colour, -1)
    screen[..., 3] = shape


def _shade(sheet: npt.NDArray[np.uint8], rng: np.random.Generator) -> None:
    """A window's shine across a smooth surface."""
    tall, wide = sheet.shape[:2]
    x, y = np.meshgrid(np.linspace(0, 1, wide), np.linspace(0, 1, tall))
    place, width, strength = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.3), rng.uniform(10, 80)
    shine = strength * np.exp(-(((x * 0.6 + y * 0.8) - place) ** 2) / width**2)
    sheet[..., :3] = np.clip(sheet[..., :3] + shine[..., None], 0, 255).astype(np.uint8)


def _hold(picture: Picture, sheet: npt.NDArray[np.uint8], how: Held, rng: np.random.Generator) -> Picture:
    """Turn, tilt and place it, then put fingers around it."""
    tall, wide = sheet.shape[0] / FINE, sheet.shape[1] / FINE
    corners = np.array(((-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)), np.float32) / np.float32(2)
    corners[:2, 0] *= 1 - how.tilt
    angle = np.deg2rad(how.turn)
    spin = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))), np.float32)
    centre = np.array((how.x * WIDTH, how.y * HEIGHT), np.float32)
    source = np.array(((0, 0), (sheet.shape[1], 0), (sheet.shape[1], sheet.shape[0]), (0, sheet.shape[0])), np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.asarray(corners @ spin.T + centre, np.float32))
    soft = cv2.GaussianBlur(sheet, (0, 0), FINE / 2.2)
    laid = cv2.warpPerspective(soft, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.float32)
    turned = np.asarray(corners @ spin.T + centre, np.float32)
    skin = np.array(SKIN[int(rng.integers(len(SKIN)))], np.float32)
    result = picture.astype(np.float32)
    if how.hand:
        result = _palm(result, turned, skin, spin)
    alpha = laid[..., 3:] / 255
    light = np.float32(rng.uniform(0.75, 1.05))
    result = np.asarray(result * (1 - alpha) + laid[..., :3] * alpha * light, np.float32)
    if how.hand:
        result = _fingers(result, corners, spin, centre, skin, rng)
    if how.blur:
        near = cv2.GaussianBlur(alpha, (0, 0), 6)
        result = result * (1 - near[..., None]) + cv2.GaussianBlur(result, (0, 0), how.blur) * near[..., None]
    return np.clip(result, 0, 255).astype(np.uint8)


def _palm(
    picture: npt.NDArray[np.float32],
    corners: npt.NDArray[np.float32],
    skin: npt.NDArray[np.float32],
    spin: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """The hand behind, and the arm that comes from below."""
    size = float(np.linalg.norm(corners[1] - corners[0]))
    down = spin @ np.array((0.15, 1.0), np.float32)
    palm = corners.mean(axis=0) + down * size * 0.55
    layer = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(layer, (tuple(float(v) for v in palm), (size * 1.15, size * 1.5), 0), 1.0, -1, cv2.LINE_AA)
    wrist = (palm[0] + 0.5 * size, max(HEIGHT + 40.0, palm[1] + size))
    cv2.line(
        layer, tuple(int(v) for v in palm), tuple(int(v) for v in wrist), 1.0, max(8, round(size * 0.75)), cv2.LINE_AA
    )
    return _lay(picture, layer, skin, 0.9)


def _fingers(
    picture: npt.NDArray[np.float32],
    corners: npt.NDArray[np.float32],
    spin: npt.NDArray[np.float32],
    centre: npt.NDArray[np.float32],
    skin: npt.NDArray[np.float32],
    rng: np.random.Generator,
) -> npt.NDArray[np.float32]:
    """Four finger tips over one long edge, the thumb over the other."""
    wide, tall = corners[1, 0] - corners[3, 0], corners[3, 1] - corners[0, 1]
    side = 1.0 if rng.random() < 0.5 else -1.0
    places = [(side * 0.5, -0.12 + 0.15 * finger, 0.16) for finger in range(4)] + [(-side * 0.46, 0.12, 0.2)]
    layer = np.zeros(picture.shape[:2], np.float32)
    for x, y, thick in places:
        tip = spin @ np.array((x * wide, y * tall), np.float32) + centre
        size = (max(3.0, float(wide) * 0.34), max(3.0, float(wide) * thick * 1.2))
        cv2.ellipse(layer, (tuple(float(v) for v in tip), size, float(rng.uniform(-15, 15))), 1.0, -1, cv2.LINE_AA)
    return _lay(picture, layer, skin, 1.0)


def _lay(
    picture: npt.NDArray[np.float32], layer: npt.NDArray[np.float32], skin: npt.NDArray[np.float32], light: float
) -> npt.NDArray[np.float32]:
    """Skin where `layer` is, darker towards its edges."""
    alpha = cv2.GaussianBlur(layer, (0, 0), 1.0)[..., None]
    round_off = (0.72 + 0.28 * cv2.GaussianBlur(layer, (0, 0), 5.0))[..., None]
    return np.asarray(picture * (1 - alpha) + skin * light * round_off * alpha, np.float32)


def _size(area: float, aspect: float) -> tuple[int, int]:
    """Width and height in fine pixels of a rectangle that covers `area` of the picture."""
    tall = np.sqrt(area * WIDTH * HEIGHT * aspect)
    return FINE * round(tall / aspect), FINE * round(tall)


def _calculator(area: float, _rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 1.6)
    sheet = _sheet(wide, tall, (50, 46, 44), 0.06)
    cv2.rectangle(
        sheet,
        (round(0.1 * wide), round(0.08 * tall)),
        (round(0.9 * wide), round(0.26 * tall)),
        (150, 170, 160, 255),
        -1,
    )
    for row in range(5):
        for column in range(4):
            x, y = round((0.12 + 0.2 * column) * wide), round((0.34 + 0.125 * row) * tall)
            shade = 210 if column < 3 else 90
            cv2.rectangle(
                sheet, (x, y), (x + round(0.15 * wide), y + round(0.08 * tall)), (shade, shade, shade, 255), -1
            )
    return sheet


def _wallet(area: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 0.78)
    leather = rng.uniform(0.7, 1.2)
    sheet = _sheet(wide, tall, (30 * leather, 55 * leather, 95 * leather), 0.05)
    cv2.rectangle(sheet, (6, 6), (wide - 6, tall - 6), (60, 95, 140, 255), 2)
    cv2.line(sheet, (wide // 2, 0), (wide // 2, tall), (18, 35, 60, 255), 4)
    return sheet


def _cup(area: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 1.15)
    sheet = _sheet(wide, tall, _colour(rng.uniform(90, 240, 3)), 0.12)
    cv2.ellipse(
        sheet, (wide // 2, round(0.08 * tall)), (wide // 2 - 2, round(0.07 * tall)), 0, 0, 360, (40, 50, 70, 255), -1
    )
    _shade(sheet, rng)
    return sheet


def _remote(area: float, _rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 3.6)
    sheet = _sheet(wide, tall, (38, 36, 36), 0.3)
    for row in range(9):
        for column in range(3):
            middle = (round((0.25 + 0.25 * column) * wide), round((0.1 + 0.08 * row) * tall))
            colour = (40, 40, 200, 255) if row == column == 0 else (120, 120, 125, 255)
            cv2.circle(sheet, middle, max(2, round(0.08 * wide)), colour, -1, cv2.LINE_AA)
    return sheet


def _hand(area: float, _rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 1.3)
    return np.zeros((tall, wide, 4), np.uint8)


def _paper(area: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 1.41)
    sheet = _sheet(wide, tall, (235, 240, 242), 0.01)
    for y in range(round(0.1 * tall), round(0.9 * tall), max(4, round(0.05 * tall))):
        cv2.line(sheet, (round(0.1 * wide), y), (round(rng.uniform(0.5, 0.9) * wide), y), (120, 90, 80, 255), 2)
    return sheet


def _glasses_case(area: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    wide, tall = _size(area, 0.42)
    sheet = _sheet(wide, tall, _colour(rng.uniform(20, 110, 3)), 0.12)
    _shade(sheet, rng)
    return sheet


_DECOYS: dict[Decoy, Callable[[float, np.random.Generator], npt.NDArray[np.uint8]]] = {
    "calculator": _calculator,
    "wallet": _wallet,
    "cup": _cup,
    "remote": _remote,
    "hand": _hand,
    "paper": _paper,
    "glasses_case": _glasses_case,
}
