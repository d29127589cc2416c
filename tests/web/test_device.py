"""What a page measures of a picture itself, held against what the server measures of the same one; and how few pictures leave."""

from __future__ import annotations

import base64
import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loadtests.scenes import Kind, scene
from proctor.vision.decode import decode
from proctor.vision.eyes import eye_openness, gaze_of, mouth_openness
from proctor.vision.landmarks import Landmarks
from proctor.vision.pose import _FACE, _POINTS, Head, _by_depth, _centred
from proctor.vision.pose import _WEIGHTS as WEIGHTS
from proctor.vision.quality import QualityBars, measure, small
from tests.web.node import ROOM, run

WIDTH, HEIGHT = 640, 480
EXPRESS = f"""
const {{ expression }} = await import("{ROOM}/device/points.js");
say(asked.map((points) => expression(points.map(([x, y, z]) => ({{ x, y, z }})), {WIDTH}, {HEIGHT})));
"""
MEASURE = f"""
const {{ measureGrey }} = await import("{ROOM}/device/light.js");
say(asked.map(([grey, width, height]) => measureGrey(Uint8Array.from(Buffer.from(grey, "base64")), width, height)));
"""
LEAVE = f"""
const {{ Incidents }} = await import("{ROOM}/device/incidents.js");
say(asked.map((words) => {{
  const incidents = new Incidents();
  return words.map(([seen, at]) => incidents.look(seen, at));
}}));
"""


def turned(rng: np.random.Generator, yaw: float, pitch: float, roll: float) -> Landmarks:
    """A mean face in a plain photograph, turned, with noise everywhere else."""
    a, b, c = (math.radians(each) for each in (pitch, yaw, roll))
    x = np.array(((1, 0, 0), (0, math.cos(a), -math.sin(a)), (0, math.sin(a), math.cos(a))))
    y = np.array(((math.cos(b), 0, math.sin(b)), (0, 1, 0), (-math.sin(b), 0, math.cos(b))))
    z = np.array(((math.cos(c), -math.sin(c), 0), (math.sin(c), math.cos(c), 0), (0, 0, 1)))
    points = rng.normal((300, 240, 0), 40, (478, 3))
    points[_POINTS] = (_FACE @ (x @ y @ z).T) * (14, -14, -14) + (310, 230, 0) + rng.normal(0, 0.6, _FACE.shape)
    for outer, inner, iris in ((33, 133, 468), (263, 362, 473)):
        points[iris] = (points[outer] + points[inner]) / 2 + rng.normal(0, 2, 3)
    return Landmarks(points)


def expected(landmarks: Landmarks) -> dict[str, Any]:
    """What the server says, by depth alone as the page does."""
    rotation = _by_depth(landmarks)
    seen = _centred(landmarks.points[_POINTS] * (1, -1, -1))[:, :2]
    mean = (_centred(_FACE) @ rotation.T)[:, :2]
    head = Head(rotation, float((WEIGHTS * seen * mean).sum() / (WEIGHTS * mean * mean).sum()))
    gaze = gaze_of(landmarks, head)
    return {
        "pose": [head.pose.pitch, head.pose.yaw, head.pose.roll],
        "gaze": None if gaze is None else [gaze.horizontal, gaze.vertical],
        "eyes": eye_openness(landmarks),
        "mouth": mouth_openness(landmarks),
    }


def test_the_page_reads_the_same_face_from_the_same_points() -> None:
    rng = np.random.default_rng(3)
    faces = [turned(rng, *rng.uniform((-60, -40, -30), (60, 40, 30))) for _ in range(60)]
    shares = [(each.points / (WIDTH, HEIGHT, WIDTH)).tolist() for each in faces]
    for face, found in zip(faces, run(EXPRESS, shares), strict=True):
        wanted = expected(face)
        assert found["pose"] == pytest.approx(wanted["pose"], abs=0.05)
        assert (found["eyes"], found["mouth"]) == pytest.approx((wanted["eyes"], wanted["mouth"]), abs=0.002)
        if wanted["gaze"] is None:
            assert "gaze" not in found
        else:
            assert found["gaze"] == pytest.approx(wanted["gaze"], abs=0.1)


def test_the_page_measures_light_as_the_server_does() -> None:
    rng = np.random.default_rng(4)
    kinds: tuple[Kind, ...] = ("present", "away", "second_person", "other_person")
    pixels = [small(decode(scene(kind, rng, number))) for number, kind in enumerate(kinds)]
    pixels += [np.clip(pixels[0] * share, 0, 255).astype(np.uint8) for share in (0.05, 0.3, 3.0)]
    greys = [np.asarray(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), np.uint8) for each in pixels]
    asked = [[base64.b64encode(each.tobytes()).decode(), each.shape[1], each.shape[0]] for each in greys]
    for each, found in zip(pixels, run(MEASURE, asked), strict=True):
        wanted = measure(each)
        assert found["luma"] == pytest.approx(wanted.luma, abs=0.1)
        assert found["contrast"] == pytest.approx(wanted.contrast, rel=0.05, abs=0.5)
        assert found["sharpness"] == pytest.approx(wanted.sharpness, rel=0.01)
        assert found["glare"] == pytest.approx(wanted.glare, abs=0.01)
        bars = QualityBars()
        assert (found["luma"] < bars.dark_luma) == (wanted.luma < bars.dark_luma)


FACE = [0.4, 0.3, 0.2, 0.3]
states = st.sampled_from(
    [
        {"faces": [FACE], "luma": 120, "contrast": 40, "pose": [0, 0, 0]},
        {"faces": [FACE], "luma": 120, "contrast": 40, "pose": [0, 50, 0]},
        {"faces": [FACE], "luma": 120, "contrast": 40, "pose": [-40, 0, 0]},
        {"faces": [FACE, FACE], "luma": 120, "contrast": 40},
        {"faces": [], "luma": 120, "contrast": 40},
        {"faces": [], "luma": 120, "contrast": 1},
        {"faces": [], "luma": 5, "contrast": 1},
    ]
)
words = st.lists(st.tuples(states, st.integers(200, 3000)), max_size=120)


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(st.lists(words, min_size=20, max_size=20))
def test_few_pictures_leave_whatever_happens(crowd: list[list[tuple[dict[str, Any], int]]]) -> None:
    timed = []
    for told in crowd:
        at = 0
        timed.append([(seen, at := at + gap) for seen, gap in told])
    for told, left in zip(timed, run(LEAVE, timed), strict=True):
        minutes = (told[-1][1] - told[0][1]) / 60_000 if told else 0
        assert sum(left) <= 6 + minutes
        calm = [each for each, (seen, _) in zip(left, told, strict=True) if seen.get("pose") == [0, 0, 0]]
        assert not any(calm)


def test_the_beginning_of_what_is_noted_leaves() -> None:
    calm = {"faces": [FACE], "luma": 120, "contrast": 40, "pose": [0, 0, 0]}
    nobody = {"faces": [], "luma": 120, "contrast": 40}
    told = [(calm if second < 5 or 40 <= second < 45 else nobody, 1000 * second) for second in range(60)]
    (left,) = run(LEAVE, [told])
    assert [second for second, goes in enumerate(left) if goes] == [6, 26, 46]
