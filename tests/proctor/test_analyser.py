"""What is said about real portraits in a drawn room."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from loadtests import scenes
from loadtests.scenes import Kind, Person
from proctor.errors import (
    BadFrame,
    BadReference,
    ManyFacesInReference,
    NoFaceInReference,
    ReferenceTooDark,
    ReferenceTooSmall,
)
from proctor.signal import ATTENTION, THINGS, SignalKind
from proctor.vision.analyser import FrameAnalyser, FrameReading, Thresholds, signals_of
from proctor.vision.detector import FaceBox
from proctor.vision.gaze import TARGETS, Calibration, CalibrationPoint, Sight
from proctor.vision.identity import Reference, should_identify
from proctor.vision.reading import Gaze, Pose

# Real models or real downloads: seconds, not milliseconds.
pytestmark = pytest.mark.slow

START = datetime(2027, 3, 1, 10, tzinfo=UTC)


def kinds(analyser: FrameAnalyser, jpeg: bytes, reference: Reference | None = None) -> set[SignalKind]:
    return {
        signal.kind
        for signal in analyser.signals(analyser.analyse(jpeg, START, 3, reference, identify=reference is not None))
    }


@pytest.mark.parametrize("person", ["collins", "hopper"])
@pytest.mark.parametrize("room", [0, 1, 2])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("present", {"face_ok"}),
        ("away", {"face_absent"}),
        ("second_person", {"faces_many"}),
        ("other_person", {"face_ok"}),
        ("dark", {"face_ok", "too_dark"}),
        ("covered", {"camera_covered"}),
    ],
)
def test_scene_is_read_as_what_it_shows(
    analyser: FrameAnalyser, rng: np.random.Generator, kind: Kind, expected: set[str], person: Person, room: int
) -> None:
    said = kinds(analyser, scenes.scene(kind, rng, room * 9, person=person, room=room))
    assert said - ATTENTION == expected
    attentive = {SignalKind.head_forward, SignalKind.gaze_inside, SignalKind.eyes_open}
    assert said & ATTENTION == (attentive if kind in {"present", "second_person", "other_person"} else set())


def test_candidate_matches_and_a_substitute_does_not(
    analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator
) -> None:
    assert SignalKind.face_same in kinds(analyser, scenes.scene("present", rng, 4), collins)
    assert SignalKind.face_other in kinds(analyser, scenes.scene("other_person", rng, 4), collins)
    assert SignalKind.face_same in kinds(analyser, scenes.scene("second_person", rng, 4), collins)


def test_nobody_is_recognised_in_the_dark(
    analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator
) -> None:
    assert not kinds(analyser, scenes.scene("dark", rng, 4), collins) & {SignalKind.face_other, SignalKind.face_same}


def test_a_dark_empty_room_is_dark_and_not_absence(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    away = cv2.imdecode(np.frombuffer(scenes.scene("away", rng, 1), np.uint8), cv2.IMREAD_COLOR)
    assert away is not None
    for light in (0.1, 0.05, 0.02):
        done, jpeg = cv2.imencode(".jpg", (away * light).astype(np.uint8))
        assert done
        assert kinds(analyser, jpeg.tobytes()) <= {SignalKind.too_dark, SignalKind.camera_covered}


def test_blur_is_quality(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    present = cv2.imdecode(np.frombuffer(scenes.scene("present", rng, 1), np.uint8), cv2.IMREAD_COLOR)
    assert present is not None
    done, jpeg = cv2.imencode(".jpg", cv2.GaussianBlur(present, (0, 0), 9))
    assert done
    assert SignalKind.too_blurred in kinds(analyser, jpeg.tobytes())
    assert SignalKind.face_absent not in kinds(analyser, jpeg.tobytes())


def test_a_doubtful_face_is_never_absence() -> None:
    seen = FrameReading(1, START, (), (FaceBox(0.1, 0.1, 0.1, 0.1, 0.5),), 120, 40, 90, None, 640, 480)
    assert [signal.kind for signal in signals_of(seen, Thresholds())] == [SignalKind.face_unsure]
    assert [signal.kind for signal in signals_of(replace(seen, doubtful=()), Thresholds())] == [SignalKind.face_absent]


def test_a_hidden_face_is_not_absence(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    """A sheet of paper before the face: the chest below it stays. An empty chair is absence, also right after."""
    _, body = analyser.look(scenes.scene("present", rng, 0), START, 0, None, identify=False)
    picture = cv2.imdecode(np.frombuffer(scenes.scene("present", rng, 1), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    picture[90:310, 200:440] = (230, 235, 235)
    hidden, after = analyser.look(photo(picture), START, 1, None, identify=False, body=body)
    assert [signal.kind for signal in analyser.signals(hidden)] == [SignalKind.face_covered]
    assert after is not None
    empty, gone = analyser.look(scenes.scene("away", rng, 2), START, 2, None, identify=False, body=after)
    assert [signal.kind for signal in analyser.signals(empty)] == [SignalKind.face_absent]
    assert gone is None


def test_things_are_looked_for_when_asked(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    jpeg = scenes.scene("present", rng, 3)
    unasked = analyser.analyse(jpeg, START, 3, None, identify=False)
    asked = analyser.analyse(jpeg, START, 3, None, identify=False, things=True)
    assert unasked.things is None
    assert (asked.things is None) == (analyser.models.yolox is None)
    assert bool({signal.kind for signal in analyser.signals(asked)} & THINGS) == (asked.things is not None)


def test_what_is_burnt_out_frozen_or_slow_is_said_as_quality() -> None:
    seen = FrameReading(1, START, (FaceBox(0.4, 0.4, 0.2, 0.2, 0.9),), (), 120, 40, 90, None, 640, 480)

    def extra(reading: FrameReading) -> set[SignalKind]:
        return {signal.kind for signal in signals_of(reading, Thresholds())} - {SignalKind.face_ok}

    assert extra(seen) == set()
    assert extra(replace(seen, glare=0.5)) == {SignalKind.glare}
    assert extra(replace(seen, frozen_s=6)) == {SignalKind.picture_frozen}
    assert extra(replace(seen, gap_s=10)) == {SignalKind.low_rate}
    assert extra(replace(seen, gap_s=1.2, frozen_s=2, glare=0.05)) == set()


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        (Pose(0, 0, 0), SignalKind.head_forward),
        (Pose(10, -20, 30), SignalKind.head_forward),
        (Pose(0, 45, 0), SignalKind.head_turned),
        (Pose(0, -45, 0), SignalKind.head_turned),
        (Pose(40, 0, 0), SignalKind.head_forward),
        (Pose(-35, 5, 0), SignalKind.head_down),
    ],
)
def test_the_head_is_said_to_be_in_one_place(pose: Pose, expected: SignalKind) -> None:
    seen = FrameReading(1, START, (FaceBox(0.4, 0.4, 0.2, 0.2, 0.9),), (), 120, 40, 90, None, 640, 480, pose=pose)
    heads = [signal for signal in signals_of(seen, Thresholds()) if signal.kind.startswith("head_")]
    assert [signal.kind for signal in heads] == [expected]


def test_eyes_are_judged_by_the_calibration_where_there_is_one() -> None:
    """20° to the side are nothing without a calibration, and beside a screen that takes up 16°."""
    known = Calibration.fit([CalibrationPoint(x, y, Sight((0.5 - x) * 16, (0.5 - y) * 10)) for x, y in TARGETS])
    face = (FaceBox(0.4, 0.4, 0.2, 0.2, 0.9),)
    seen = FrameReading(
        1, START, face, (), 120, 40, 90, None, 640, 480, pose=Pose(0, 5, 0), gaze=Gaze(15, 0), eyes=0.9, mouth=0.1
    )
    assert SignalKind.gaze_inside in {signal.kind for signal in signals_of(seen, Thresholds())}
    assert SignalKind.gaze_outside in {signal.kind for signal in signals_of(seen, Thresholds(), known)}
    closed = {signal.kind for signal in signals_of(replace(seen, eyes=0.05), Thresholds(), known)}
    assert SignalKind.eyes_closed in closed
    assert not closed & {SignalKind.gaze_inside, SignalKind.gaze_outside}


def test_a_mouth_moves_between_frames() -> None:
    seen = FrameReading(1, START, (FaceBox(0.4, 0.4, 0.2, 0.2, 0.9),), (), 120, 40, 90, None, 640, 480, mouth=0.3)
    for moved, expected in ((None, set()), (0.01, {SignalKind.mouth_still}), (-0.2, {SignalKind.mouth_moving})):
        said = {signal.kind for signal in signals_of(replace(seen, mouth_moved=moved), Thresholds())}
        assert said & {SignalKind.mouth_still, SignalKind.mouth_moving} == expected


def test_reading_survives_json(analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator) -> None:
    reading = analyser.analyse(scenes.scene("second_person", rng, 2), START, 2, collins, identify=True, things=True)
    assert FrameReading.of(json.loads(json.dumps(reading.plain()))) == reading


def test_same_frame_same_reading(analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator) -> None:
    jpeg = scenes.scene("present", rng, 2)
    assert analyser.analyse(jpeg, START, 2, collins, identify=True) == analyser.analyse(
        jpeg, START, 2, collins, identify=True
    )


def photo(picture: np.ndarray) -> bytes:
    done, jpeg = cv2.imencode(".jpg", picture)
    assert done
    return jpeg.tobytes()


def test_reference_says_what_to_do_better(analyser: FrameAnalyser, rng: np.random.Generator) -> None:
    portrait = cv2.imdecode(np.frombuffer(scenes.reference("collins"), np.uint8), cv2.IMREAD_COLOR)
    assert portrait is not None
    refused: list[tuple[type[BadReference | BadFrame], bytes]] = [
        (NoFaceInReference, scenes.scene("away", rng, 0)),
        (ManyFacesInReference, scenes.scene("second_person", rng, 0)),
        (ReferenceTooDark, photo((portrait * 0.15).astype(np.uint8))),
        (ReferenceTooSmall, photo(cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA))),
        (BadFrame, b"not a photo"),
    ]
    for error, jpeg in refused:
        with pytest.raises(error, match=r"[.:]"):
            analyser.reference(jpeg)
    assert len(analyser.reference(photo(portrait)).encoding) == 128


def test_reference_packs_into_512_bytes(collins: Reference) -> None:
    assert len(collins.packed()) == 512
    assert Reference.unpacked(collins.packed()).distance(collins.encoding) < 1e-6
    with pytest.raises(ValueError, match="512"):
        Reference.unpacked(collins.packed()[:-1])


def test_comparisons_are_rare_but_follow_a_change() -> None:
    def after(seconds: float, *, changed: bool) -> bool:
        return should_identify(START, START + timedelta(seconds=seconds), changed)

    assert should_identify(None, START, faces_changed=False)
    assert not after(4.9, changed=False)
    assert after(5, changed=False)
    assert after(1, changed=True)
    assert not after(0.5, changed=True)
