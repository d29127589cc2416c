"""What is remembered between frames: when to compare, when to look for things, and whether the picture moves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import scenes
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.body import Body
from proctor.vision.detector import FaceBox
from proctor.vision.identity import Reference
from proctor.vision.reading import FrameReading, Gaze, Pose
from proctor.watch import Watch, step

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
watches = st.builds(
    Watch,
    at=moments,
    compared_at=moments,
    compared_faces=st.integers(0, 5),
    faces=st.integers(0, 5),
    looked_at=moments,
    picture=st.text("0123456789abcdef", max_size=16),
    same_since=moments,
    sketch=st.sampled_from(["", "AAAA"]),
    mouth=st.none() | st.floats(0, 1),
    body=st.none() | st.just(Body("AA==", FaceBox(0.1, 0.2, 0.3, 0.4, 0.9))),
)


@given(watches)
def test_a_watch_survives_json(watch: Watch) -> None:
    assert Watch.of(json.loads(json.dumps(watch.plain()))) == watch


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Watch.of({"colour": 1})
    with pytest.raises(ValueError, match="isoformat"):
        Watch.of({"at": "yesterday"})


def test_an_old_reading_still_loads() -> None:
    """Stored before there was more than faces and light."""
    old = {
        "n": 3,
        "at": START.isoformat(),
        "faces": [{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2, "score": 0.9}],
        "doubtful": [],
        "luma": 120.0,
        "contrast": 40.0,
        "sharpness": 80.0,
        "distance": None,
        "width": 640,
        "height": 480,
    }
    reading = FrameReading.of(old)
    assert (reading.pose, reading.gaze, reading.eyes, reading.covered) == (None, None, None, False)
    new = FrameReading.of({**old, "pose": {"pitch": 1, "yaw": 2, "roll": 3}, "gaze": {"horizontal": 1, "vertical": 2}})
    assert new.pose == Pose(1, 2, 3)
    assert new.gaze == Gaze(1, 2)
    assert FrameReading.of(json.loads(json.dumps(new.plain()))) == new


@pytest.mark.slow
def test_a_frame_is_compared_at_once_then_every_five_seconds(
    analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator
) -> None:
    watch = Watch()
    compared = []
    for n in range(7):
        jpeg = scenes.scene("present", rng, n)
        reading, watch = step(watch, jpeg, START + timedelta(seconds=n), n, analyser, collins)
        assert reading is not None
        compared.append(reading.distance is not None)
        assert reading.gap_s == (None if n == 0 else 1.0)
    assert compared == [True, False, False, False, False, True, False]


@pytest.mark.slow
def test_the_same_picture_again_is_counted_in_seconds(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    first, other = scenes.scene("present", rng, 0), scenes.scene("present", rng, 1)
    watch = Watch()
    frozen = []
    for n, jpeg in enumerate((first, first, first, other, other)):
        reading, watch = step(watch, jpeg, START + timedelta(seconds=n), n, analyser, None)
        assert reading is not None
        frozen.append(reading.frozen_s)
    assert frozen == [0, 1, 2, 0, 1]


@pytest.mark.slow
def test_a_still_picture_encoded_anew_stands_still_and_an_empty_room_does_not(
    analyser: FrameAnalyser, rng: np.random.Generator
) -> None:
    """What a program with a photograph sends: other bytes each time. Without a face nobody can tell it from a still room."""

    def frozen(picture: bytes) -> list[float]:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        watch, said = Watch(), []
        for n, quality in enumerate((60, 62, 58, 61)):
            jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            reading, watch = step(watch, jpeg, START + timedelta(seconds=n), n, analyser, None)
            assert reading is not None
            said.append(reading.frozen_s)
        return said

    assert frozen(scenes.scene("present", rng, 0)) == [0, 1, 2, 3]
    assert frozen(scenes.scene("away", rng, 0)) == [0, 0, 0, 0]


@pytest.mark.slow
def test_an_unreadable_frame_changes_nothing(analyser: FrameAnalyser) -> None:
    watch = Watch(at=START, faces=2)
    assert step(watch, b"not a picture", START + timedelta(seconds=1), 1, analyser, None) == (None, watch)
