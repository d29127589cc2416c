"""What a candidate's own computer says, beside the picture itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.device import REFUSED, compare, told, unanswered
from proctor.signal import SignalKind
from proctor.vision.detector import FaceBox
from proctor.vision.judge import TRUST, Thresholds, signals_of
from proctor.vision.reading import FrameReading, Pose
from proctor.watch import Watch

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
FACE = FaceBox(0.35, 0.25, 0.3, 0.5, 0.9)
AGREES, DIFFERS = SignalKind.device_agrees, SignalKind.device_differs


def read(*faces: FaceBox, **more: object) -> FrameReading:
    light = {"luma": 120.0, "contrast": 40.0, "sharpness": 80.0}
    return FrameReading(
        n=7,
        at=AT,
        faces=faces,
        doubtful=(),
        distance=None,
        width=640,
        height=480,
        **{**light, **more},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("said", "seen", "note"),
    [
        (read(FACE), read(FACE), None),
        (read(FACE), read(), "nobody"),
        (read(FACE), read(covered=True), None),
        (read(FACE), replace(read(), doubtful=(FACE,)), None),
        (read(FACE), read(luma=8.0, sharpness=2.0, contrast=3.0), "light"),
        (read(FACE, luma=20.0), read(luma=10.0, sharpness=2.0, contrast=3.0), None),  # too poor to contradict
        (read(luma=5.0), read(FACE), "light"),
        (read(), read(FACE), None),  # the better program saw more
        (read(FACE), read(FACE, FaceBox(0.05, 0.2, 0.2, 0.3, 0.8)), "more_faces"),
        (read(FACE), read(FACE, FaceBox(0.05, 0.2, 0.04, 0.06, 0.8)), None),  # too small for the page's model
        (read(FACE), read(FaceBox(0.0, 0.0, 0.2, 0.3, 0.9)), "place"),
        (read(FACE), read(FaceBox(0.37, 0.22, 0.28, 0.5, 0.9)), None),
        (read(FACE, pose=Pose(0, 0, 0)), read(FACE, pose=Pose(0, 60, 0)), "turned"),
        (read(FACE, pose=Pose(0, 10, 0)), read(FACE, pose=Pose(0, 25, 0)), None),
    ],
)
def test_word_and_picture(said: FrameReading, seen: FrameReading, note: str | None) -> None:
    found = compare(said, seen)
    assert (found.kind, found.note, found.source) == (AGREES if note is None else DIFFERS, note, "frame:7")


@pytest.mark.parametrize(
    ("before", "said", "seen", "note"),
    [
        ([read(FACE)] * 3, read(), read(), "nobody_before"),  # a calm face until it was asked, the truth in the answer
        ([read(FACE)] * 3, read(FACE), read(), "nobody"),  # what is said of the very picture weighs more
        ([read(FACE), read(), read()], read(), read(), None),  # it told before that somebody left
        ([], read(), read(), None),
        ([read(FACE)] * 3, read(), read(covered=True), None),
        ([read(FACE)] * 3, read(), replace(read(), doubtful=(FACE,)), None),
        ([read(FACE, luma=20.0)] * 3, read(luma=10.0), read(luma=10.0, sharpness=2.0, contrast=3.0), None),
        ([read(FACE)] * 3, read(FACE, FACE), read(FACE, FaceBox(0.05, 0.2, 0.2, 0.3, 0.8)), "more_faces_before"),
        ([read(FACE), read(FACE, FACE)], read(FACE, FACE), read(FACE, FaceBox(0.05, 0.2, 0.2, 0.3, 0.8)), None),
        ([read()] * 3, read(FACE), read(FACE), None),  # somebody came back
        ([read(FACE, luma=180.0)] * 3, read(FACE), read(FACE), None),  # the light was switched off
        ([read(FACE)] * 3, read(FACE), read(FACE), None),
    ],
)
def test_what_was_told_until_the_request_counts_too(
    before: list[FrameReading], said: FrameReading, seen: FrameReading, note: str | None
) -> None:
    found = compare(said, seen, before=before)
    assert (found.kind, found.note) == (AGREES if note is None else DIFFERS, note)


shares = st.floats(0, 1)
boxes = st.builds(FaceBox, shares, shares, shares, shares, shares)
readings = st.builds(
    lambda faces, luma, yaw: read(*faces, luma=luma, pose=None if yaw is None else Pose(0, yaw, 0)),
    st.lists(boxes, max_size=4),
    st.floats(0, 255),
    st.none() | st.floats(-90, 90),
)


@given(readings, readings)
def test_any_two_can_be_compared_and_each_agrees_with_itself(said: FrameReading, seen: FrameReading) -> None:
    assert compare(said, seen).kind in {AGREES, DIFFERS}
    largest_first = replace(said, faces=tuple(sorted(said.faces, key=lambda face: -face.area)))
    assert compare(largest_first, largest_first).kind == AGREES


@given(st.lists(readings, max_size=4), readings, readings)
def test_words_before_only_add_doubts(before: list[FrameReading], said: FrameReading, seen: FrameReading) -> None:
    alone, beside = compare(said, seen), compare(said, seen, before=before)
    if alone.kind == DIFFERS:
        assert beside == alone
    assert compare(said, seen, before=[*before, seen]).note not in {"nobody_before"}


@given(readings)
def test_what_is_only_told_says_the_same_with_less_confidence(said: FrameReading) -> None:
    seen = signals_of(said, Thresholds())
    heard = signals_of(replace(said, told=True), Thresholds())
    assert [(each.kind, each.value, each.source) for each in heard] == [
        (each.kind, each.value, each.source) for each in seen
    ]
    assert all(low.confidence <= high.confidence * TRUST + 1e-4 for low, high in zip(heard, seen, strict=True))


def test_time_is_added_here() -> None:
    first, watch = told(Watch(), read(FACE, mouth=0.1))
    second, watch = told(watch, replace(read(FACE, mouth=0.3), at=AT + timedelta(seconds=1)))
    assert (first.told, first.gap_s, first.mouth_moved) == (True, None, None)
    assert (second.gap_s, second.mouth_moved, watch.faces) == (1.0, 0.2, 1)


def test_a_reason_is_one_of_a_list() -> None:
    assert {unanswered(AT, 3, why).note for why in REFUSED} == set(REFUSED)
    with pytest.raises(ValueError, match="refused for one of"):
        unanswered(AT, 3, "network")
