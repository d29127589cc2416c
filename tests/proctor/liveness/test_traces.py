"""Traces of drawn pictures: a filmed screen, a printed photograph, and the untouched portrait beside them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from loadtests import scenes, scenes_screen
from loadtests.compositions.people import Cast
from loadtests.compositions.view import _look, _place
from loadtests.scenes import Picture, _room
from loadtests.scenes_behind import KINDS, room_behind, striped
from loadtests.scenes_screen import Hold, Medium
from proctor.liveness.replay import ReplayBars, filmed_score
from proctor.liveness.traces import Traces, difference_hash, measure, read_sketch, sketch_of
from proctor.vision.decode import Pixels, decode
from proctor.vision.detector import FaceBox

WHOLE = FaceBox(0.38, 0.3, 0.24, 0.32, 0.9)  # where `scenes` puts the face


def picture(jpeg: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def seen(shown: Picture, rng: np.random.Generator) -> Pixels:
    """As a webcam sends it: noise and JPEG."""
    noisy = np.clip(shown + rng.standard_normal(shown.shape, np.float32) * 2, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return decode(bytes(data))


def portrait(n: int) -> Picture:
    return picture(scenes.scene("present", np.random.default_rng(n), n, room=n))


def held_face(how: Hold) -> FaceBox:
    """Where the face comes to lie when the whole portrait is shown on the medium, roughly."""
    size = how.fill
    return FaceBox(0.5 - 0.12 * size, 0.5 - 0.2 * size, 0.24 * size, 0.32 * size, 0.9)


def of(medium: Medium, n: int, how: Hold | None = None) -> Traces:
    rng = np.random.default_rng(n)
    how = how or Hold(medium, fill=0.8, tilt=0.03, turn=2.0 + 2 * n, fine=1.2)
    empty = picture(scenes.scene("away", rng, n, room=n + 50))
    shown = scenes_screen.filmed(portrait(n), empty, how, rng)
    return measure(seen(shown, rng), [held_face(how)])


@pytest.mark.parametrize("medium", ["laptop", "tablet"])
def test_a_filmed_screen_has_a_pattern_that_skin_has_not(medium: Medium) -> None:
    for n in range(4):
        score = filmed_score(of(medium, n))
        assert score is not None
        assert score > 0.9


def test_a_printed_photograph_has_its_edges() -> None:
    found = [of("photo", n) for n in range(6)]
    assert sum((traces.bezel or 0) > 0.9 for traces in found) >= 5
    assert all((traces.moire or 0) < 0.28 for traces in found)


def test_a_print_without_border_has_edges_too() -> None:
    found = [of("photo", n, Hold("photo", fill=0.8, tilt=0.03, turn=2.0 + n, way="plain")) for n in range(6)]
    assert sum((traces.bezel or 0) > 0.85 for traces in found) >= 3


def test_a_screen_too_fine_for_stripes_has_waves_or_a_frame() -> None:
    waves = [of("laptop", n, Hold("laptop", fill=1.5, fine=0.7 + n / 10, way="waves")) for n in range(6)]
    assert sum((traces.moire or 0) > 0.37 for traces in waves) >= 3
    plain = [of("tablet", n, Hold("tablet", fill=0.7, turn=2.0 + n, way="plain")) for n in range(6)]
    assert sum((traces.bezel or 0) > 0.85 for traces in plain) >= 3
    assert all((traces.moire or 0) < 0.24 for traces in plain)


def test_a_person_in_a_room_has_neither() -> None:
    for n in range(8):
        traces = measure(decode(scenes.scene("present", np.random.default_rng(n), n, room=n)), [WHOLE])
        assert filmed_score(traces) == pytest.approx(0.0, abs=0.3)


def test_a_pattern_on_the_wall_is_not_one_on_the_face() -> None:
    rng = np.random.default_rng(3)
    plain = portrait(3).astype(np.float32)
    y, x = np.mgrid[0:480, 0:640]
    stripes = 25 * np.sin(2 * np.pi * (x * 0.21 + y * 0.13))
    far = (np.abs(x - 320) > 110).astype(np.float32)
    shown = np.clip(plain + (stripes * far)[..., None], 0, 255).astype(np.uint8)
    assert (measure(seen(shown, rng), [WHOLE]).moire or 0) < 0.3


def test_who_did_not_look_closely_says_nothing() -> None:
    pixels = decode(scenes.scene("present", np.random.default_rng(1), 1))
    traces = measure(pixels, [WHOLE], closely=False)
    assert (traces.moire, traces.bezel, filmed_score(traces)) == (None, None, None)
    assert traces.face is not None
    nobody = measure(pixels, [], closely=False)
    assert (nobody.moire, nobody.bezel, nobody.colours, nobody.face) == (None, None, None, None)


def test_a_screen_whose_bands_hide_the_face_is_seen_all_the_same() -> None:
    rng = np.random.default_rng(13)
    how = Hold("phone", fill=0.76, tilt=0.02, turn=0.5, glow=0.15, fine=0.9)
    banded = measure(seen(scenes_screen.filmed(portrait(13), _room(63), how, rng), rng), [])
    assert (filmed_score(banded) or 0) > 0.9


@pytest.mark.parametrize("room", range(6))
def test_an_empty_room_says_nothing_about_life(room: int) -> None:
    traces = measure(decode(scenes.scene("away", np.random.default_rng(room), room, room=room)), [])
    assert (traces.moire, traces.bezel, filmed_score(traces)) == (None, None, None)
    assert traces.colours is not None
    assert traces.colours < 0.65


def test_a_small_face_on_a_phone_has_its_pattern_too() -> None:
    rng = np.random.default_rng(5)
    how = Hold("phone", fill=0.67, tilt=0.08, turn=7.2, glow=0.14, fine=1.29)
    traces = measure(
        seen(scenes_screen.filmed(portrait(5), _room(55), how, rng), rng), [FaceBox(0.41, 0.36, 0.1, 0.18, 0.9)]
    )
    assert (traces.moire or 0) > 0.3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dressed", [False, True], ids=["plain", "striped"])
def test_people_before_frames_and_in_stripes_are_not_filmed(kind: str, dressed: bool) -> None:
    """In fewer than three of six looks, which is what the rule asks for."""
    rng, who = np.random.default_rng(11), _look(Cast(), "hopper", 0)
    room, who = room_behind(kind, rng, 11), striped(who, rng) if dressed else who
    scores = []
    for n in range(6):
        picture = room.copy()
        _place(picture, who, (0.5, 0.46, 150), rng, n, 1.0)
        scores.append(filmed_score(measure(seen(picture, rng), [WHOLE])) or 0.0)
    assert sum(score >= 0.5 for score in scores) < 3


def test_either_trace_is_enough_and_both_leave_less_doubt() -> None:
    bars = ReplayBars(moire=(0.2, 0.6), bezel=(0.8, 1.0))
    base = measure(decode(scenes.scene("present", np.random.default_rng(1), 1)), [])

    def score(moire: float, bezel: float) -> float | None:
        return filmed_score(Traces(base.hash, base.sketch, moire, bezel, None, base.rest), bars)

    assert score(0.1, 0.5) == 0.0
    assert score(0.6, 0.0) == score(0.0, 1.0) == 1.0
    assert score(0.4, 0.0) == pytest.approx(0.5)
    assert score(0.4, 0.9) == pytest.approx(0.75)


def test_faces_at_the_border_are_no_trouble() -> None:
    pixels = decode(scenes.scene("present", np.random.default_rng(1), 1))
    for box in (FaceBox(-0.05, -0.1, 0.3, 0.4, 0.9), FaceBox(0.9, 0.9, 0.3, 0.3, 0.9), FaceBox(0, 0, 1, 1, 0.9)):
        traces = measure(pixels, [box])
        assert 0 <= (traces.moire or 0) <= 1
        assert 0 <= (traces.bezel or 0) <= 1


def test_sketches_measure_change_and_refuse_what_they_are_not() -> None:
    grey = np.asarray(cv2.cvtColor(portrait(1), cv2.COLOR_BGR2GRAY), np.uint8)
    moved = np.asarray(np.roll(grey, 12, axis=1), np.uint8)
    same, other = read_sketch(sketch_of(grey)), read_sketch(sketch_of(moved))
    assert float(np.abs(same - read_sketch(sketch_of(grey))).max()) == 0.0
    assert float(np.abs(same - other).max()) > 0.5
    assert len(difference_hash(grey)) == 16
    with pytest.raises(ValueError, match="16 numbers"):
        read_sketch("AAAAAAAAAAA=")
