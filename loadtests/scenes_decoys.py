"""Things that are held and are no phone, as sheets of blue, green, red and opacity. Sizes in mm are those of ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from loadtests.scenes_phones import Colour, Sheet, sheet, shine

Decoy = Literal["calculator", "book", "mug", "remote", "hand", "wallet", "paper", "glasses_case"]


@dataclass(frozen=True)
class Kind:
    """How tall it is in mm, in widths, and how it is drawn."""

    tall_mm: float
    long: float
    draw: Callable[[int, int, np.random.Generator], Sheet]


def _some(rng: np.random.Generator, low: float, high: float) -> Colour:
    blue, green, red = (float(value) for value in rng.uniform(low, high, 3))
    return blue, green, red


def _calculator(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """A display, a solar cell, and rows of keys in relief."""
    body = ((50, 46, 44), (70, 66, 60), (196, 196, 192), (120, 86, 60))[int(rng.integers(4))]
    made = sheet(wide, tall, body, 0.06)
    cv2.rectangle(made, _at(made, 0.5, 0.03), _at(made, 0.9, 0.07), (40, 30, 42, 255), -1)
    cv2.rectangle(made, _at(made, 0.08, 0.09), _at(made, 0.92, 0.27), (30, 30, 30, 255), -1)
    cv2.rectangle(made, _at(made, 0.1, 0.1), _at(made, 0.9, 0.26), (148, 168, 158, 255), -1)
    for digit in range(int(rng.integers(1, 7))):
        cv2.rectangle(
            made, _at(made, 0.8 - 0.09 * digit, 0.14), _at(made, 0.85 - 0.09 * digit, 0.23), (60, 70, 64, 255), 2
        )
    columns, rows = int(rng.integers(4, 7)), int(rng.integers(5, 8))
    dark = sum(body) > 400
    for row in range(rows):
        for column in range(columns):
            left, top = 0.08 + 0.84 * column / columns, 0.31 + 0.66 * row / rows
            last = (70, 90, 220) if (row, column) == (0, columns - 1) else (92, 88, 84)
            key = last if column == columns - 1 else (44, 44, 46) if dark else (214, 214, 212)
            right, low = left + 0.84 / columns * 0.78, top + 0.66 / rows * 0.72
            cv2.rectangle(made, _at(made, left, top), _at(made, right, low), (*key, 255), -1)
            cv2.line(made, _at(made, left, low), _at(made, right, low), (*(v * 0.5 for v in key), 255), 2)
    shine(made, rng, 40)
    return made


def _at(made: Sheet, x: float, y: float) -> tuple[int, int]:
    return round(x * made.shape[1]), round(y * made.shape[0])


def _wallet(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """Leather, folded once, with a seam along its edge and cards that look out of it."""
    leather = float(rng.uniform(0.7, 1.2))
    made = sheet(wide, tall, (30 * leather, 55 * leather, 95 * leather), 0.05)
    coarse = rng.normal(0, 9, (tall // 4 + 1, wide // 4 + 1)).astype(np.float32)
    grain = cv2.resize(coarse, (wide, tall), interpolation=cv2.INTER_LINEAR)[..., None]
    made[..., :3] = np.clip(made[..., :3] + grain, 0, 255).astype(np.uint8)
    for x in range(round(0.06 * wide), round(0.94 * wide), max(4, wide // 40)):
        for y in (0.05, 0.95):
            cv2.line(made, (x, round(y * tall)), (x + max(2, wide // 80), round(y * tall)), (90, 130, 170, 255), 2)
    cv2.line(made, (wide // 2, 0), (wide // 2, tall), (14, 26, 48, 255), max(3, wide // 60))
    cv2.rectangle(made, _at(made, 0.56, 0.0), _at(made, 0.96, 0.05), (*_some(rng, 90, 240), 255), -1)
    return made


def _mug(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """A cylinder, darker to its sides, with an opening and a handle."""
    made = np.zeros((tall, wide, 4), np.uint8)
    colour, right = _some(rng, 70, 235), round(0.74 * wide)
    full = (*colour, 255)
    cv2.ellipse(
        made,
        (right, round(0.52 * tall)),
        (round(0.22 * wide), round(0.26 * tall)),
        0,
        -90,
        90,
        full,
        max(4, round(0.08 * wide)),
    )
    cv2.rectangle(made, (0, round(0.08 * tall)), (right, round(0.94 * tall)), full, -1)
    cv2.ellipse(made, (right // 2, round(0.93 * tall)), (right // 2, round(0.065 * tall)), 0, 0, 180, full, -1)
    bow = np.sin(np.pi * np.clip(np.arange(wide) / right, 0.06, 0.94)).astype(np.float32)[None, :, None]
    made[..., :3] = np.clip(made[..., :3] * (0.55 + 0.55 * bow), 0, 255).astype(np.uint8)
    rim = tuple(min(255.0, 1.1 * value) for value in colour)
    cv2.ellipse(made, (right // 2, round(0.08 * tall)), (right // 2, round(0.075 * tall)), 0, 0, 360, (*rim, 255), -1)
    cv2.ellipse(
        made,
        (right // 2, round(0.085 * tall)),
        (round(0.44 * right), round(0.055 * tall)),
        0,
        0,
        360,
        (28, 40, 62, 255),
        -1,
    )
    return made


def _remote(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """Long and narrow, with round keys; one is red."""
    made = sheet(wide, tall, (38, 36, 36), 0.3)
    for row in range(9):
        for column in range(3):
            middle = _at(made, 0.25 + 0.25 * column, 0.1 + 0.08 * row)
            colour = (40, 40, 200, 255) if row == column == 0 else (120, 120, 125, 255)
            cv2.circle(made, middle, max(2, round(0.08 * wide)), colour, -1, cv2.LINE_AA)
    shine(made, rng, 30)
    return made


def _hand(wide: int, tall: int, rng: np.random.Generator) -> Sheet:  # noqa: ARG001  (one shape for all)
    """Nothing: only the hand."""
    return np.zeros((tall, wide, 4), np.uint8)


def _paper(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """A sheet with some lines of handwriting, faint as ink is at arm's length, bent a little."""
    made = sheet(wide, tall, (232, 238, 240), 0.004)
    for y in np.arange(0.07, float(rng.uniform(0.4, 0.9)), 0.035):
        end, x = float(rng.uniform(0.5, 0.92)), 0.1
        while x < end:
            word = min(end, x + float(rng.uniform(0.04, 0.14)))
            cv2.line(
                made, _at(made, x, y), _at(made, word, y + float(rng.uniform(-0.004, 0.004))), (150, 128, 118, 255), 2
            )
            x = word + 0.025
    bend = np.linspace(0, 2.2, wide, dtype=np.float32)[None, :, None] + float(rng.uniform(0, 3))
    made[..., :3] = np.clip(made[..., :3] * (0.94 + 0.06 * np.sin(bend)), 0, 255).astype(np.uint8)
    return made


def _book(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """A cover with a pattern, title, author and publisher on it, the joint at the spine, the pages' edge."""
    made = sheet(wide, tall, _some(rng, 25, 210), 0.015)
    for _ in range(int(rng.integers(4, 9))):  # what publishers print: plain shapes over one another
        corners = np.array(
            [_at(made, *rng.uniform((0.06, 0.36), (1, 0.86))) for _ in range(int(rng.integers(3, 6)))], np.int32
        )
        cv2.fillPoly(made, [corners], (*_some(rng, 25, 235), 255), cv2.LINE_AA)
    ink = (238, 238, 238, 255)
    for y, high in ((0.1, 0.06), (0.19, 0.06), (0.29, 0.018), (0.32, 0.018), (0.9, 0.025)):
        x, end = 0.14, float(rng.uniform(0.55, 0.9))
        while x < end:
            word = min(end, x + float(rng.uniform(0.1, 0.28)))
            cv2.rectangle(made, _at(made, x, y), _at(made, word, y + high), ink, -1)
            x = word + 0.03
    cv2.line(made, _at(made, 0.06, 0), _at(made, 0.06, 1), (24, 24, 24, 255), max(2, wide // 90))
    cv2.rectangle(made, _at(made, 0.97, 0.008), _at(made, 1, 0.992), (205, 220, 226, 255), -1)
    cv2.rectangle(made, _at(made, 0.02, 0.985), _at(made, 1, 1), (190, 205, 212, 255), -1)
    shine(made, rng, 40)
    return made


def _glasses_case(wide: int, tall: int, rng: np.random.Generator) -> Sheet:
    """A hard case with a hinge along its middle."""
    made = sheet(wide, tall, _some(rng, 20, 110), 0.12)
    cv2.line(made, _at(made, 0.03, 0.5), _at(made, 0.97, 0.5), (20, 20, 20, 255), max(2, tall // 40))
    shine(made, rng)
    return made


KINDS: dict[Decoy, Kind] = {
    "calculator": Kind(152, 1.85, _calculator),
    "book": Kind(235, 1.42, _book),
    "mug": Kind(96, 0.84, _mug),
    "remote": Kind(180, 3.6, _remote),
    "hand": Kind(110, 1.3, _hand),
    "wallet": Kind(92, 0.8, _wallet),
    "paper": Kind(210, 1.41, _paper),
    "glasses_case": Kind(66, 0.42, _glasses_case),
}
DECOYS: tuple[Decoy, ...] = tuple(KINDS)
