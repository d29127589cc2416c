"""Each trouble of the camera has its own flag, and none of them is about the candidate."""

from __future__ import annotations

import pytest

from proctor.flag import Severity
from proctor.rules.picture_quality import (
    BlurredPicture,
    CoveredCamera,
    DarkPicture,
    FrozenPicture,
    GlaringPicture,
    HiddenFace,
    SlowCamera,
    UnreadableFrames,
)
from proctor.timeline import flags
from tests.proctor.test_timeline import K, frame, run, spans

EACH = (
    BlurredPicture(),
    CoveredCamera(),
    DarkPicture(),
    FrozenPicture(),
    GlaringPicture(),
    HiddenFace(),
    UnreadableFrames(),
)


@pytest.mark.parametrize("rule", EACH, ids=lambda rule: rule.name)
def test_it_must_last_and_a_good_frame_ends_it(rule: DarkPicture) -> None:
    least = int(rule.minimum_s)
    assert flags([*run(rule.kind, 0, least - 1), *run(K.face_ok, least, least + 9)], [rule]) == []
    (flag,) = flags([*run(rule.kind, 0, least), *run(K.face_ok, least + 1, least + 9)], [rule])
    assert spans([flag]) == [(rule.name, 0, least)]
    assert flag.severity is (Severity.low if rule.name == "hidden_face" else Severity.quality)
    broken = [
        *run(rule.kind, 0, least - 2),
        *run(K.face_ok, least - 1, least + 5),
        *run(rule.kind, least + 6, 2 * least),
    ]
    assert len(flags(broken, [rule])) <= 1


def test_a_frame_that_shows_a_face_and_is_dark_is_dark() -> None:
    known = [signal for n in range(20) for signal in (frame(n, K.face_ok), frame(n, K.too_dark, 12))]
    assert [flag.rule for flag in flags(known)] == ["dark_picture"]


def test_two_troubles_are_two_flags() -> None:
    known = [*run(K.too_dark, 0, 40), *run(K.too_blurred, 0, 40)]
    assert {flag.rule for flag in flags(known)} == {"dark_picture", "blurred_picture"}


def test_a_still_each_ten_seconds_is_slow_and_no_gap() -> None:
    known = [signal for n in range(10) for signal in (frame(10 * n, K.face_ok), frame(10 * n, K.low_rate, 0.1))]
    assert [flag.rule for flag in flags(known)] == ["slow_camera"]
    assert SlowCamera().flags(known[:10]) == []
