"""A calibration finds the screen again, survives one point that was not looked at, and says why it refuses the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.errors import BadCalibration
from proctor.vision.gaze import TARGETS, Calibration, CalibrationPoint, Sight, sight_of
from proctor.vision.reading import FrameReading, Gaze, Pose

wide, high = st.floats(18, 45), st.floats(10, 28)  # degrees that a screen takes up
middles = st.floats(-15, 15)


def sight_at(x: float, y: float, width: float, height: float, middle: tuple[float, float] = (0, 0)) -> Sight:
    """Where eyes point that look at a place of the screen: left and up are positive."""
    return Sight(middle[0] + (0.5 - x) * width, middle[1] + (0.5 - y) * height)


def five(width: float = 30, height: float = 18, middle: tuple[float, float] = (0, 0)) -> list[CalibrationPoint]:
    return [CalibrationPoint(x, y, sight_at(x, y, width, height, middle)) for x, y in TARGETS]


@given(wide, high, middles, middles, st.floats(-0.3, 1.3), st.floats(-0.3, 1.3))
def test_a_place_is_found_again(width: float, height: float, a: float, b: float, x: float, y: float) -> None:
    known = Calibration.fit(five(width, height, (a, b)))
    found = known.place(sight_at(x, y, width, height, (a, b)))
    assert found == pytest.approx((x, y), abs=0.01)
    assert known.left_out == 0


@given(st.integers(0, 4), st.floats(8, 25), st.sampled_from([-1, 1]), st.sampled_from([-1, 1]))
def test_one_bad_point_changes_little(bad: int, off: float, across: int, down: int) -> None:
    points = five()
    seen = points[bad].sight
    points[bad] = CalibrationPoint(
        points[bad].x, points[bad].y, Sight(seen.horizontal + across * off, seen.vertical + down * off)
    )
    known = Calibration.fit(points)
    assert known.left_out == 1
    assert known.place(sight_at(0.3, 0.7, 30, 18)) == pytest.approx((0.3, 0.7), abs=0.01)


@given(st.lists(st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)), min_size=5, max_size=5))
def test_small_errors_stay_small(errors: list[tuple[float, float]]) -> None:
    points = [
        CalibrationPoint(point.x, point.y, Sight(point.sight.horizontal + a, point.sight.vertical + b))
        for point, (a, b) in zip(five(), errors, strict=True)
    ]
    x, y = Calibration.fit(points).place(sight_at(0.5, 0.5, 30, 18))
    assert abs(x - 0.5) < 0.3
    assert abs(y - 0.5) < 0.4


def test_inside_and_outside() -> None:
    known = Calibration.fit(five())
    assert known.inside(sight_at(0.9, 0.1, 30, 18))
    assert known.inside(sight_at(0.5, 1.8, 30, 18)), "the keyboard is allowed"
    for x, y in ((1.6, 0.5), (-0.6, 0.5), (0.5, -0.8), (0.5, 2.5)):
        assert not known.inside(sight_at(x, y, 30, 18)), (x, y)


def test_a_calibration_survives_json() -> None:
    known = Calibration.fit(five())
    assert Calibration.of(json.loads(json.dumps(known.plain()))) == known


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (five()[:3], "4 are needed"),
        ([five()[0]] * 5, "one line"),
        ([CalibrationPoint(x, y, Sight(0.1 * x, 0)) for x, y in TARGETS], "hardly moved"),
        ([CalibrationPoint(x, y, Sight(10 * x, 0)) for x, y in TARGETS], "hardly moved"),
        (five(-30), "mirror"),
        (
            [
                CalibrationPoint(p.x, p.y, Sight(s, t))
                for p, s, t in zip(five(), (9, -9, 9, -9, 3), (9, 9, -9, 3, 0), strict=True)
            ],
            "closely",
        ),
    ],
)
def test_what_cannot_be_a_calibration_is_refused_with_the_reason(points: list[CalibrationPoint], why: str) -> None:
    with pytest.raises(BadCalibration, match=why):
        Calibration.fit(points)


def test_closed_eyes_point_nowhere() -> None:
    reading = FrameReading(1, datetime(2027, 3, 1, tzinfo=UTC), (), (), 100, 40, 90, None, 640, 480)
    assert sight_of(reading) is None
    seen = FrameReading(
        **{**reading.plain(), "at": reading.at, "pose": Pose(1, 2, 3), "gaze": Gaze(10, 20), "eyes": 0.9}
    )
    assert sight_of(seen) == Sight(12, 21)
    assert (
        sight_of(FrameReading(**{**reading.plain(), "pose": Pose(1, 2, 3), "gaze": Gaze(10, 20), "eyes": 0.1})) is None
    )
