"""The same 128 numbers as dlib's, and whom they cannot tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import scenes
from proctor.errors import ModelUnreadable
from proctor.vision.decode import PHOTO, decode
from proctor.vision.detector import FaceBox
from proctor.vision.face_network import FaceNetwork, onnx_graph
from proctor.vision.identity import Encoder, Reference, _weights
from proctor.vision.lookalikes import Lookalikes, lookalikes

WEIGHTS = _weights() / "dlib_face_recognition_resnet_model_v1.dat"
COLLINS = FaceBox(0.34, 0.14, 0.21, 0.2, 1.0)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.mark.slow
def test_the_numbers_are_dlibs(encoder: Encoder, portrait: np.ndarray) -> None:
    """On faces and on noise, within 1e-4."""
    import dlib

    slow = dlib.face_recognition_model_v1(str(WEIGHTS))
    network = FaceNetwork(WEIGHTS)
    points = encoder._points(portrait, dlib.rectangle(174, 72, 281, 174))
    chips = [np.asarray(dlib.get_face_chip(portrait, points, 150, 0.25), np.uint8)]
    chips += [np.random.default_rng(seed).integers(0, 256, (150, 150, 3), np.uint8) for seed in range(2)]
    chips += [np.zeros((150, 150, 3), np.uint8)]
    for chip in chips:
        theirs = np.array(slow.compute_face_descriptor(chip))
        assert np.abs(network.encode(chip) - theirs).max() < 1e-4


@pytest.mark.slow
def test_the_fast_way_is_taken_and_gives_a_reference(encoder: Encoder, portrait: np.ndarray) -> None:
    assert encoder.is_fast
    here = encoder.encode(portrait, COLLINS)
    assert len(here) == 128
    hopper = decode(scenes.reference("hopper"), PHOTO)
    other = encoder.encode(hopper, FaceBox(0.36, 0.27, 0.32, 0.27, 1.0))
    assert Reference(here).distance(encoder.encode(portrait, COLLINS)) == 0
    assert Reference(here).distance(other) > 0.6


@pytest.mark.slow
def test_the_slow_library_steps_in(portrait: np.ndarray, monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    def broken(_: bytes) -> bytes:
        raise ModelUnreadable

    monkeypatch.setattr("proctor.vision.face_network.onnx_graph", broken)
    slow = Encoder()
    assert not slow.is_fast
    assert Reference(slow.encode(portrait, COLLINS)).distance(encoder.encode(portrait, COLLINS)) < 1e-3


@pytest.mark.parametrize("keep", [0, 100, 336, 400, 20_000, 5_000_000, 22_400_000])
def test_a_file_that_was_cut_off_is_refused(keep: int) -> None:
    with pytest.raises(ModelUnreadable, match=r"cut off|missing|damaged"):
        onnx_graph(WEIGHTS.read_bytes()[:keep])


def test_another_network_is_refused() -> None:
    """The same file with the number of filters of its first layer changed, and with another version of a tensor."""
    data = bytearray(WEIGHTS.read_bytes()[:60_000])
    at = data.index(b"\x01\x05con_4") + 7
    assert data[at : at + 2] == b"\x01\x02"
    data[at + 1] = 3
    with pytest.raises(ModelUnreadable, match="unknown version"):
        onnx_graph(bytes(data))


def test_a_chip_has_150_pixels() -> None:
    network = FaceNetwork(WEIGHTS)
    with pytest.raises(ValueError, match="150"):
        network.encode(np.zeros((149, 150, 3), np.uint8))


def placed(*distances: float) -> dict[str, Reference]:
    """Faces on one line, so far from the first."""
    return {f"candidate {n}": Reference((at, *(0.0,) * 127)) for n, at in enumerate(distances)}


def test_those_who_look_alike_are_named_nearest_first() -> None:
    assert lookalikes(placed(0, 0.5, 2, 2.3, 5)) == [
        Lookalikes("candidate 2", "candidate 3", 0.3),
        Lookalikes("candidate 0", "candidate 1", 0.5),
    ]
    assert lookalikes(placed(0, 0.5), same_below=0.4) == []
    assert lookalikes({}) == []
    assert lookalikes(placed(1)) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 3), max_size=12))
def test_exactly_the_pairs_below_the_threshold_are_named(places: list[float]) -> None:
    found = {(pair.one, pair.other) for pair in lookalikes(placed(*places))}
    for n, a in enumerate(places):
        for m in range(n + 1, len(places)):
            if abs(abs(a - places[m]) - 0.6) > 1e-9:
                assert ((f"candidate {n}", f"candidate {m}") in found) == (abs(a - places[m]) < 0.6)
