"""Honest pictures that look filmed: windows, posters, monitors, shelves, blinds and doors behind a person, and striped clothes.

Synthetic, and labelled so: real pixels of a face, everything around them computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from loadtests.scenes import HEIGHT, WIDTH, Cutout, Picture, _room

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Board:
    """A rectangle behind the head: its middle and half its sides, in pixels; `frame` is its colour (blue, green, red)."""

    x: float
    y: float
    wide: float
    tall: float
    frame: Colour


def room_behind(kind: str, rng: np.random.Generator, room: int) -> Picture:
    """The drawn room with one of `KINDS` where the person will sit. Raises `KeyError` for another kind."""
    picture = _room(room).copy()
    board = Board(
        float(rng.uniform(270, 370)),
        float(rng.uniform(150, 260)),
        float(rng.uniform(130, 260)),
        float(rng.uniform(120, 230)),
        _colour(rng, 20, 240),
    )
    KINDS[kind](picture, board, rng)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 1.4))), np.uint8)


def striped(who: Cutout, rng: np.random.Generator) -> Cutout:
    """The same person in stripes or checks of two colours, below the chin."""
    _, y, size = who.face
    down, across = np.mgrid[0 : who.picture.shape[0], 0 : who.picture.shape[1]].astype(np.float32)
    period, angle = float(rng.uniform(4, 16)) * size / 150, float(rng.uniform(0, np.pi))
    wave = np.sin(2 * np.pi * (across * np.cos(angle) + down * np.sin(angle)) / period)
    if rng.random() < 0.4:
        wave = np.maximum(wave, np.sin(2 * np.pi * (down * np.cos(angle) - across * np.sin(angle)) / period))
    cloth = np.where(wave[..., None] > 0, _colour(rng, 0, 255), _colour(rng, 0, 255))
    picture, chin = who.picture.copy(), int(y + size * 0.85)
    picture[chin:] = cloth[chin:].astype(np.uint8)
    return replace(who, picture=picture)


def _colour(rng: np.random.Generator, low: int, high: int) -> Colour:
    blue, green, red = (float(value) for value in rng.integers(low, high, 3))
    return blue, green, red


def _fill(
    picture: Picture, left: float, top: float, right: float, bottom: float, colour: Colour, line: int = -1
) -> None:
    cv2.rectangle(picture, (int(left), int(top)), (int(right), int(bottom)), colour, line)


def _framed(picture: Picture, board: Board, inside: Colour, edge: float = 10) -> None:
    left, top, right, bottom = board.x - board.wide, board.y - board.tall, board.x + board.wide, board.y + board.tall
    _fill(picture, left, top, right, bottom, board.frame)
    _fill(picture, left + edge, top + edge, right - edge, bottom - edge, inside)


def _window(picture: Picture, board: Board, _rng: np.random.Generator) -> None:
    _framed(picture, board, (250, 235, 215), 14)
    _fill(picture, board.x - 5, board.y - board.tall, board.x + 5, board.y + board.tall, board.frame)
    _fill(picture, board.x - board.wide, board.y - 6, board.x + board.wide, board.y + 6, board.frame)


def _poster(picture: Picture, board: Board, rng: np.random.Generator) -> None:
    _framed(picture, board, _colour(rng, 60, 220))
    for _ in range(8):
        x, y = (float(value) for value in rng.uniform(-0.7, 0.7, 2))
        place = (int(board.x + x * board.wide), int(board.y + y * board.tall))
        cv2.circle(picture, place, int(rng.uniform(10, 50)), _colour(rng, 0, 255), -1)


def _monitor(picture: Picture, board: Board, rng: np.random.Generator) -> None:
    _framed(picture, replace(board, tall=board.tall * 0.7, frame=(20, 20, 20)), (230, 200, 160))
    for y in range(int(board.y - board.tall * 0.7) + 25, int(board.y + board.tall * 0.7) - 20, 12):
        left = board.x - board.wide + 25
        _fill(picture, left, y, left + float(rng.uniform(50, 2 * board.wide - 60)), y + 3, (60, 50, 40))


def _bookshelf(picture: Picture, _board: Board, rng: np.random.Generator) -> None:
    for y in range(0, HEIGHT, 96):
        _fill(picture, 0, y, WIDTH, y + 9, (50, 80, 110))
        x = 0
        while x < WIDTH:
            wide, tall = int(rng.integers(8, 26)), int(rng.integers(50, 86))
            _fill(picture, x, y + 96 - tall, x + wide - 2, y + 96, _colour(rng, 20, 230))
            x += wide


def _blinds(picture: Picture, board: Board, rng: np.random.Generator) -> None:
    step = int(rng.integers(6, 22))
    left, right = board.x - 1.3 * board.wide, board.x + 1.3 * board.wide
    for y in range(20, 330, step):
        _fill(picture, left, y, right, y + step, (150, 140, 130))
        _fill(picture, left, y, right, y + step * 0.55, (235, 230, 220))


def _whiteboard(picture: Picture, board: Board, rng: np.random.Generator) -> None:
    _framed(picture, replace(board, wide=board.wide * 1.2, frame=(120, 120, 120)), (240, 240, 240), 8)
    for _ in range(6):
        ends = rng.uniform(-0.8, 0.8, (2, 2)) * (board.wide, board.tall) + (board.x, board.y)
        (ax, ay), (bx, by) = ends.astype(int).tolist()
        cv2.line(picture, (ax, ay), (bx, by), (180, 40, 20), 2)


def _door(picture: Picture, board: Board, _rng: np.random.Generator) -> None:
    half = board.wide * 0.8
    _fill(picture, board.x - half, 20, board.x + half, HEIGHT, (70, 90, 120))
    _fill(picture, board.x - half, 20, board.x + half, HEIGHT, (230, 230, 230), 8)
    for top, bottom in ((60, 300), (330, 470)):
        _fill(picture, board.x - half * 0.7, top, board.x + half * 0.7, bottom, (55, 75, 105), 3)


def _bricks(picture: Picture, _board: Board, rng: np.random.Generator) -> None:
    for row, y in enumerate(range(0, HEIGHT, 24)):
        for x in range(-(row % 2) * 30, WIDTH, 60):
            blue, green, red = _colour(rng, -20, 20)
            _fill(picture, x + 2, y + 2, x + 58, y + 22, (60 + blue, 70 + green, 150 + red))


def _tiles(picture: Picture, _board: Board, rng: np.random.Generator) -> None:
    side = int(rng.integers(5, 30))
    for y in range(0, HEIGHT, side):
        cv2.line(picture, (0, y), (WIDTH, y), (120, 120, 120), 1)
    for x in range(0, WIDTH, side):
        cv2.line(picture, (x, 0), (x, HEIGHT), (120, 120, 120), 1)


KINDS: dict[str, Callable[[Picture, Board, np.random.Generator], None]] = {
    "window": _window,
    "poster": _poster,
    "monitor": _monitor,
    "bookshelf": _bookshelf,
    "blinds": _blinds,
    "whiteboard": _whiteboard,
    "door": _door,
    "bricks": _bricks,
    "tiles": _tiles,
}
