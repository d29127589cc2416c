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
from proctor.signal import SignalKind
from proctor.vision.analyser import FrameAnalyser, FrameReading, Thresholds, signals_of
from proctor.vision.detector import FaceBox
from proctor.vision.identity import Reference, should_identify

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
    assert kinds(analyser, scenes.scene(kind, rng, room * 9, person=person, room=room)) == expected


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


def test_reading_survives_json(analyser: FrameAnalyser, collins: Reference, rng: np.random.Generator) -> None:
    reading = analyser.analyse(scenes.scene("second_person", rng, 2), START, 2, collins, identify=True)
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
