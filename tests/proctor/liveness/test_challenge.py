"""Requests for a sign of life: what answers them, what does not, and when nothing can be said."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.liveness.challenge import COLOURS, KINDS, Challenge, choose, judge
from proctor.liveness.traces import Traces
from proctor.liveness.virtual_camera import named_like_a_program
from proctor.signal import SignalKind
from proctor.vision.reading import FrameReading, Pose

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
K = SignalKind
Colour = tuple[float, float, float]


def reading(
    n: int,
    *,
    eyes: float | None = None,
    yaw: float | None = None,
    face: Colour | None = None,
    rest: Colour = (90, 90, 90),
) -> FrameReading:
    """Frame `n` of four a second."""
    traces = Traces("0" * 16, "", None, None, face, rest)
    pose = None if yaw is None else Pose(0, yaw, 0)
    at = AT + timedelta(seconds=n / 4)
    return FrameReading(n, at, (), (), 100, 40, 90, None, 640, 480, pose=pose, eyes=eyes, traces=traces)


def asked(kind: str) -> Challenge:
    return Challenge(3, kind, AT, COLOURS if kind == "light" else ())


def blinks(pattern: str) -> list[FrameReading]:
    """`o` open, `c` closed, `-` not readable."""
    value = {"o": 0.8, "c": 0.1, "-": None}
    return [reading(n, eyes=value[each]) for n, each in enumerate(pattern)]


def lit(strength: float, colours: Sequence[str] = COLOURS, everywhere: float = 0.0) -> list[FrameReading]:
    """A face that takes `strength` of the screen's colours over six seconds, on a room that takes `everywhere`."""

    def under(base: Colour, part: float, n: int) -> Colour:
        red, green, blue = bytes.fromhex(colours[min(len(colours) - 1, n * len(colours) // 24)][1:])
        return base[0] + part * red, base[1] + part * green, base[2] + part * blue

    return [
        reading(n, face=under((150, 110, 90), strength, n), rest=under((90, 90, 90), everywhere, n)) for n in range(24)
    ]


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("oooccooooooccoooooooooo", K.life_shown),
        ("ooocooooooocooooooooooo", K.life_shown),
        ("oooooooooooooooooooooo", K.life_not_shown),
        ("oooooooooocooooooooooo", K.life_not_shown),
        ("--------oooo---------", K.life_unanswered),
        ("cccccccccccccccccccccc", K.life_unanswered),
        ("", K.life_unanswered),
    ],
)
def test_blinking(pattern: str, kind: SignalKind) -> None:
    said = judge(asked("blink"), blinks(pattern))
    assert (said.kind, said.source, said.at) == (kind, "challenge:3", AT)


def test_turning_to_the_asked_side_only() -> None:
    """The candidate's left is the right of the picture, where yaw falls."""
    left = [reading(n, yaw=-25.0 if 8 <= n < 16 else 2.0) for n in range(24)]
    said = judge(asked("turn_left"), left)
    assert (said.kind, said.value) == (K.life_shown, 27.0)
    assert judge(asked("turn_right"), left).kind == K.life_not_shown
    still = [reading(n, yaw=2.0 + n % 3) for n in range(24)]
    assert judge(asked("turn_left"), still).kind == K.life_not_shown
    assert judge(asked("turn_left"), still[:4]).kind == K.life_unanswered


def test_the_face_follows_the_light_of_the_screen() -> None:
    assert judge(asked("light"), lit(0.06)).kind == K.life_shown
    assert judge(asked("light"), lit(0.06, everywhere=0.06)).kind == K.life_shown
    assert judge(asked("light"), lit(0.06, colours=(COLOURS[2], COLOURS[0], COLOURS[1]))).kind == K.life_not_shown


def test_in_bright_light_nothing_is_said() -> None:
    assert judge(asked("light"), lit(0.002)).kind == K.life_unanswered
    assert judge(asked("light"), [reading(n) for n in range(24)]).kind == K.life_unanswered


def test_the_order_in_which_readings_arrive_does_not_matter() -> None:
    answered = blinks("oooccooooooccooooo")
    assert judge(asked("blink"), answered[::-1]) == judge(asked("blink"), answered)


@given(st.integers(0, 10_000))
def test_what_is_chosen_can_be_asked_and_stored(seed: int) -> None:
    chosen = choose(random.Random(seed), 1, AT)
    assert chosen == choose(random.Random(seed), 1, AT)
    assert chosen.kind in KINDS
    assert all(a != b for a, b in zip(chosen.colours, chosen.colours[1:], strict=False))
    assert Challenge.of(json.loads(json.dumps(chosen.plain()))) == chosen


def test_only_what_was_allowed_is_chosen() -> None:
    assert {choose(random.Random(seed), 1, AT, ["blink"]).kind for seed in range(9)} == {"blink"}
    with pytest.raises(ValueError, match="allowed"):
        choose(random.Random(1), 1, AT, [])


@pytest.mark.parametrize(
    ("kind", "colours", "why"),
    [("sing", (), "no challenge sing"), ("light", (), "colours belong"), ("blink", COLOURS, "colours belong")],
)
def test_what_cannot_be_asked_is_refused(kind: str, colours: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Challenge(1, kind, AT, colours)


@pytest.mark.parametrize("colour", ["red", "#12345g", "#1234567", "123456#"])
def test_colours_have_one_form(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Challenge(1, "light", AT, (colour,))


# --- virtual cameras: weak ---


@pytest.mark.parametrize(
    "label", ["OBS Virtual Camera", "ManyCam Virtual Webcam", "v4l2loopback (platform)", "Snap Camera"]
)
def test_names_of_programs(label: str) -> None:
    assert named_like_a_program(label)


@pytest.mark.parametrize(
    "label", ["Integrated Camera (04f2:b6d0)", "FaceTime HD Camera", "Logitech BRIO", "Obscura HD", ""]
)
def test_names_of_devices(label: str) -> None:
    assert not named_like_a_program(label)
