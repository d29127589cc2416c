"""How detectors that disagree become one answer: pure, with detectors that say what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proctor.vision.decode import Pixels
from proctor.vision.detector import INSIDE, WITHIN, FaceBox, Found, find_faces, overlap

PICTURE = np.zeros((480, 640, 3), np.uint8)
COPY = np.zeros((240, 320, 3), np.uint8)


@dataclass
class Told:
    """Says `boxes`, and remembers which pictures it was shown."""

    boxes: list[FaceBox]
    weak: float = 0.3
    sure: float = 0.7
    side: int = 0
    shown: list[int] = field(default_factory=list)

    def detect(self, pixels: Pixels) -> list[FaceBox]:
        self.shown.append(pixels.shape[1])
        return self.boxes

    def close(self) -> None:
        """Nothing is held."""


def face(x: float, y: float, side: float, score: float) -> FaceBox:
    return FaceBox(x, y, side, side, score)


def test_one_sure_detector_is_enough_and_a_doubtful_one_is_not() -> None:
    assert find_faces([Told([face(0.4, 0.4, 0.2, 0.75)]), Told([])], PICTURE).faces == (face(0.4, 0.4, 0.2, 0.75),)
    doubt = face(0.4, 0.4, 0.2, 0.5)
    assert find_faces([Told([doubt]), Told([])], PICTURE) == Found((), (doubt,))


def test_two_that_see_the_same_are_sure_together() -> None:
    found = find_faces([Told([face(0.4, 0.4, 0.2, 0.68)]), Told([face(0.41, 0.4, 0.2, 0.69)])], PICTURE)
    assert [each.score for each in found.faces] == [round(1 - 0.32 * 0.31, 4)]
    assert found.doubtful == ()


def test_a_doubtful_box_inside_a_face_is_that_face_and_a_sure_one_is_another() -> None:
    """An eye or a pattern on a scarf, against a photograph that is held before the chest."""
    sitter = face(0.3, 0.2, 0.4, 0.99)
    assert find_faces([Told([sitter]), Told([face(0.4, 0.3, 0.15, 0.62)])], PICTURE).faces == (
        FaceBox(0.3, 0.2, 0.4, 0.4, round(1 - 0.01 * 0.38, 4)),
    )
    assert len(find_faces([Told([sitter]), Told([face(0.4, 0.3, 0.15, 0.9)])], PICTURE).faces) == 2
    assert len(find_faces([Told([sitter]), Told([face(0.72, 0.3, 0.15, 0.9)])], PICTURE).faces) == 2


def test_the_third_is_asked_only_where_the_first_two_leave_something_open() -> None:
    one, same = face(0.4, 0.4, 0.2, 0.9), face(0.41, 0.41, 0.2, 0.95)
    for first, second, asked in (
        ([one], [same], False),
        ([one], [face(0.41, 0.41, 0.2, 0.6)], True),
        ([one], [], True),
        ([], [], True),
        ([one], [same, face(0.1, 0.1, 0.05, 0.4)], True),
        ([one], [face(0.7, 0.1, 0.2, 0.9)], True),
    ):
        third = Told([])
        find_faces([Told(first), Told(second), third], PICTURE)
        assert bool(third.shown) is asked, (first, second)


def test_a_detector_gets_the_copy_only_at_its_own_size() -> None:
    small, large = Told([], side=320), Told([])
    find_faces([small, large], PICTURE, COPY)
    assert (small.shown, large.shown) == ([320], [640])
    other = Told([], side=160)
    find_faces([other, small], PICTURE)
    assert (other.shown, small.shown) == ([640], [320, 640])


places = st.floats(0, 0.8)
boxes = st.lists(st.builds(face, places, places, st.floats(0.02, 0.2), st.floats(0.3, 1)), max_size=4)


@given(boxes, boxes, boxes)
def test_nothing_is_lost_and_nothing_is_invented(a: list[FaceBox], b: list[FaceBox], c: list[FaceBox]) -> None:
    """Faces come by size; each answer is one of the boxes; whoever is sure of a face is heard, agrees with a surer one,
    or lies inside one that is surer than it can be alone there.
    """
    found = find_faces([Told(a), Told(b), Told(c)], PICTURE)
    answered = (*found.faces, *found.doubtful)
    assert list(found.faces) == sorted(found.faces, key=lambda box: -box.area)
    said = {(box.x, box.y, box.w) for box in (*a, *b, *c)}
    assert all((box.x, box.y, box.w) in said for box in answered)
    for box in (*a, *b):
        if box.score >= 0.7:
            assert any(overlap(box, each) >= 0.3 or (box.score < INSIDE and _inside(box, each)) for each in answered)


def _inside(box: FaceBox, other: FaceBox) -> bool:
    across = max(0.0, min(box.x + box.w, other.x + other.w) - max(box.x, other.x))
    down = max(0.0, min(box.y + box.h, other.y + other.h) - max(box.y, other.y))
    return across * down >= WITHIN * box.area
