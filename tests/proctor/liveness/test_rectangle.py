"""A frame around a face: what is one, what only looks like one."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from proctor.liveness.rectangle import bezel_of
from proctor.vision.decode import Pixels
from proctor.vision.detector import FaceBox

Corners = npt.NDArray[np.int32]
FACE = FaceBox(0.4, 0.35, 0.2, 0.27, 0.9)
CORNERS = np.array(((95, 60), (228, 52), (236, 196), (88, 190)), np.int32)


def wall(rng: np.random.Generator, noise: float = 1.0) -> Pixels:
    plain = np.full((240, 320, 3), (150, 140, 130), np.float32) + rng.standard_normal((240, 320, 3)) * noise
    return np.clip(plain, 0, 255).astype(np.uint8)


def sheet(picture: Pixels, colour: tuple[int, int, int], corners: Corners) -> Pixels:
    return np.asarray(cv2.fillPoly(picture.copy(), [corners], colour), np.uint8)


def looks(rng: np.random.Generator, colour: tuple[int, int, int], corners: Corners) -> list[float]:
    """Six looks at a sheet in a hand, which is never quite still."""
    moved = [corners + rng.integers(-3, 4, 2) for _ in range(6)]
    return [bezel_of(sheet(wall(rng), colour, each.astype(np.int32)), FACE) for each in moved]


@pytest.mark.parametrize("colour", [(20, 20, 22), (235, 230, 225), (175, 160, 150), (150, 140, 155)])
def test_a_sheet_is_found_however_little_it_differs(rng: np.random.Generator, colour: tuple[int, int, int]) -> None:
    """The last one is as light as the wall: only its colour is another."""
    assert sum(each > 0.85 for each in looks(rng, colour, CORNERS)) >= 3


def test_a_corner_may_lie_outside(rng: np.random.Generator) -> None:
    corners = np.array(((70, -3), (300, 22), (290, 205), (60, 190)), np.int32)
    assert sum(each > 0.85 for each in looks(rng, (25, 25, 25), corners)) >= 3


def test_a_door_has_no_lower_side(rng: np.random.Generator) -> None:
    corners = np.array(((90, 30), (230, 30), (230, 260), (90, 260)), np.int32)
    assert bezel_of(sheet(wall(rng), (90, 70, 50), corners), FACE) < 0.75


def test_lines_that_go_on_are_a_grid(rng: np.random.Generator) -> None:
    """Bricks and shelves have four lines around every head."""
    grid, alone = wall(rng), wall(rng)
    for x in (95, 228):
        cv2.line(grid, (x, 0), (x, 239), (60, 60, 60), 2)
        cv2.line(alone, (x, 55), (x, 190), (60, 60, 60), 2)
    for y in (55, 190):
        cv2.line(grid, (0, y), (319, y), (60, 60, 60), 2)
        cv2.line(alone, (95, y), (228, y), (60, 60, 60), 2)
    assert bezel_of(alone, FACE) > 0.9
    assert bezel_of(grid, FACE) < 0.75


def test_edges_across_a_line_are_none_along_it(rng: np.random.Generator) -> None:
    """Upright stripes cross every flat line."""
    stripes = wall(rng)
    for x in range(0, 320, 12):
        stripes[:, x : x + 6] = (70, 60, 50)
    assert bezel_of(stripes, FACE) < 0.75


def test_a_far_face_or_a_plain_wall_has_none(rng: np.random.Generator) -> None:
    assert bezel_of(wall(rng), FACE) == 0.0
    assert bezel_of(sheet(wall(rng), (20, 20, 22), CORNERS), FaceBox(0.45, 0.4, 0.05, 0.07, 0.9)) == 0.0
