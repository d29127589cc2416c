"""Pictures of pictures: a screen or a printed photograph held before the camera, and a recording that runs in a loop.

Synthetic, and labelled so: real pixels of a face, everything around them computed. The screen is drawn with its red, green and
blue stripes and sampled again by the camera, so that moire comes about as it does in the world instead of being painted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from loadtests.scenes import HEIGHT, WIDTH, Picture

Floats = npt.NDArray[np.float32]

Medium = Literal["laptop", "phone", "tablet", "photo"]
Way = Literal["sharp", "soft", "waves", "plain"]
FINER = 3  # camera pixels are drawn so much finer and averaged, where the camera is no comb of points
ASPECT: dict[Medium, float] = {"laptop": 16 / 10, "phone": 9 / 16, "tablet": 4 / 3, "photo": 4 / 3}


@dataclass(frozen=True)
class Hold:
    """How it is held: `fill` share of the picture's height that it covers (above 1: its edges are outside), `tilt` of the

    corners as a share of the size, `turn` in degrees, `glow` added light of a screen, `fine` screen pixels per camera pixel.
    `way` the camera sees it: `sharp` takes points, which makes strong moire; `soft` averages over each pixel; `waves` is a
    screen without stripes under one or two gratings; `plain` shows neither, and a photograph without its white border.
    """

    medium: Medium = "laptop"
    fill: float = 0.85
    tilt: float = 0.05
    turn: float = 2.0
    glow: float = 0.12
    fine: float = 0.9
    x: float = 0.5
    y: float = 0.5
    way: Way = "sharp"


def hold(rng: np.random.Generator, medium: Medium) -> Hold:
    """One way to hold `medium`, drawn by chance."""
    most = 0.95 if medium in {"phone", "photo"} else 1.25
    return Hold(
        medium,
        fill=float(rng.uniform(0.62, most)),
        tilt=float(rng.uniform(0.0, 0.09)),
        turn=float(rng.uniform(-9, 9)),
        glow=float(rng.uniform(0.05, 0.2)),
        fine=float(rng.uniform(0.6, 1.6)),
        x=float(rng.uniform(0.45, 0.55)),
        y=float(rng.uniform(0.47, 0.53)),
    )


def filmed(shown: Picture, room: Picture, how: Hold, rng: np.random.Generator, shake: float = 1.0) -> Picture:
    """`shown` on the medium, before `room`, seen by the camera: 640×480, before noise and JPEG. `shake` in pixels."""
    content = _fitted(shown, ASPECT[how.medium])
    sheet = _sheet(content, how, rng)
    corners = _corners(sheet.shape[1] / sheet.shape[0], how) + rng.normal(0, shake, 2).astype(np.float32)
    sharp, cover = _seen(sheet, corners, 1 if how.way == "sharp" else FINER)
    if how.way == "waves":
        sharp += _waves(how)
    picture = room.astype(np.float32) * (1 - cover) + sharp * cover
    if how.medium != "photo":
        picture += (
            how.glow * 60 * cv2.GaussianBlur(cover, (0, 0), 25)[..., None] * np.array((1.1, 1.0, 0.9), np.float32)
        )
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.5), 0, 255).astype(np.uint8)


def _fitted(shown: Picture, aspect: float) -> Picture:
    """The middle of `shown` in the medium's shape."""
    height, width = shown.shape[:2]
    wide, tall = (width, round(width / aspect)) if width / height < aspect else (round(height * aspect), height)
    left, top = (width - wide) // 2, max(0, (height - tall) // 3)
    return shown[top : top + tall, left : left + wide]


def _sheet(content: Picture, how: Hold, rng: np.random.Generator) -> Picture:
    """What is held: a print, or a screen."""
    if how.medium == "photo":
        return _photo(content, rng, 0.04 if how.way == "sharp" else 0.0)
    return _screen(content, how) if how.way in {"sharp", "soft"} else _plain(content)


def _seen(sheet: Picture, corners: Floats, finer: int) -> tuple[Floats, Floats]:
    """The sheet on the camera's pixels and the share of each that it covers."""
    height, width = sheet.shape[:2]
    source = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    matrix = cv2.getPerspectiveTransform(source, (corners * finer + (finer - 1) / 2).astype(np.float32))
    size = (WIDTH * finer, HEIGHT * finer)
    sharp = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), matrix, size)
    if finer > 1:
        sharp = cv2.resize(sharp, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        cover = cv2.resize(cover, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return sharp.astype(np.float32), np.asarray(cover, np.float32)[..., None]


def _plain(content: Picture) -> Picture:
    """A screen too fine to be seen as such: less black, a little colder, with its bezel."""
    large = cv2.resize(content, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    edge = round(0.04 * large.shape[0])
    lit = (large * 0.9 + 12) * np.array((1.05, 1.0, 0.95), np.float32)
    return np.clip(
        cv2.copyMakeBorder(lit, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(28, 28, 28)), 0, 255
    ).astype(np.uint8)


def _waves(how: Hold) -> Floats:
    """One or two gratings, grey or with the colours a third of a wave apart: the same for each picture of one hold."""
    rng = np.random.default_rng(round(how.fine * 1e6))
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    drawn = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        pitch, angle, bend = float(rng.uniform(0.05, 0.35)), float(rng.uniform(0, np.pi)), float(rng.uniform(0, 2e-4))
        phase = across * np.cos(angle) + down * np.sin(angle) + bend * (across - WIDTH / 2) ** 2
        strength, apart = float(rng.uniform(4, 14)), float(rng.choice([0.0, 2 * np.pi / 3]))
        for channel in range(3):
            drawn[..., channel] += strength * np.sin(2 * np.pi * pitch * phase + channel * apart)
    return drawn


def _screen(content: Picture, how: Hold) -> Picture:
    """Pixels as three stripes with dark gaps, three by three points each, and a bezel around them."""
    tall = max(60, round(HEIGHT * min(how.fill, 1.3) * how.fine))
    wide = round(tall * content.shape[1] / content.shape[0])
    cells = cv2.resize(content, (wide, tall), interpolation=cv2.INTER_AREA).astype(np.float32)
    cells = cells * (1 - how.glow) + 255 * how.glow * 0.25
    grid = np.repeat(np.repeat(cells, 3, axis=0), 3, axis=1)
    stripes = np.full((1, 3, 3), 0.45, np.float32)
    for channel in range(3):
        stripes[0, 2 - channel, channel] = 1.75
    grid *= np.tile(stripes, (1, wide, 1))
    grid[2::3] *= 0.72
    edge = round(0.05 * grid.shape[0])
    grid = np.clip(grid * 1.08, 0, 255)
    sheet = cv2.copyMakeBorder(grid, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(22, 20, 20))
    return np.asarray(sheet, np.uint8)


def _photo(content: Picture, rng: np.random.Generator, border: float) -> Picture:
    """Ink on paper: less contrast, a warm white border (a share of the height), the paper's grain."""
    large = cv2.resize(content, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    ink = 28 + large * 0.78 + rng.normal(0, 2.0, (*large.shape[:2], 1)).astype(np.float32)
    edge = round(border * ink.shape[0])
    sheet = cv2.copyMakeBorder(ink, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(222, 230, 232))
    return np.clip(sheet, 0, 255).astype(np.uint8)


def _corners(aspect: float, how: Hold) -> Floats:
    """Where the four corners land, in camera pixels."""
    tall = HEIGHT * how.fill
    wide = tall * aspect
    box = np.array(((-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)), np.float32) / 2
    lean = np.array(((1, 1), (-1, 0.4), (-1, -0.4), (1, -1)), np.float32) * how.tilt * tall
    angle = np.deg2rad(how.turn)
    spin = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))), np.float32)
    return np.asarray((box + lean) @ spin.T + (how.x * WIDTH, how.y * HEIGHT), np.float32)


def loop(recorded: Sequence[Picture], frames: int) -> list[Picture]:
    """`frames` pictures of a recording that starts over whenever it ends."""
    return [recorded[n % len(recorded)] for n in range(frames)]
