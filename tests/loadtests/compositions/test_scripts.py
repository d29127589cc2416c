"""Scripts say the truth about themselves, and the same script gives the same pictures and sounds."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.compositions import incidents, sounds, twente
from loadtests.compositions.people import PORTRAITS, Cast, data_folder
from loadtests.compositions.script import Said, Script, Truth, scenes
from loadtests.compositions.sounds import Heard
from loadtests.compositions.view import View, paint

NOBODY_ELSE = Cast()
SEATED = View(sitter="collins")


@pytest.fixture(scope="module")
def everybody() -> Cast:
    data = data_folder()
    if data is None:
        pytest.skip("INVIGIL_DATA does not name a folder with proctor/people")
    return Cast(data)


def test_truth_is_read_off_the_script() -> None:
    views = scenes(SEATED, 60, (10, 20, {"sitter": ""}), (30, 35, {"helper": "hopper"}), (40, 60, {"sitter": "hopper"}))
    said = (Said(5, "hidden", {}), Said(9, "visible", {"seconds": 4.0}))
    script = Script("all", "collins", views, (Heard("man", 50, 70), Heard("clicks", 0, 60)), said)
    assert set(script.truth) == {
        Truth("absence", 10, 19),
        Truth("second_person", 30, 34),
        Truth("other_person", 40, 59),
        Truth("speech", 50, 60),
        Truth("hidden", 5, 9),
    }


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_every_absent_second_is_in_exactly_one_absence(away: list[bool]) -> None:
    views = tuple(View(sitter="" if gone else "collins") for gone in away)
    spans = Script("any", "collins", views).spans("absence")
    inside = [n for n in range(len(away)) for span in spans if span.start <= n <= span.end]
    assert inside == [n for n, gone in enumerate(away) if gone]


def test_a_script_gives_the_same_bytes_again_and_no_picture_twice() -> None:
    script = Script("short", "collins", scenes(SEATED, 6, (3, 4, {"hand": True}), (5, 6, {"yaw": 20.0})), seed=3)
    frames = list(script.frames(NOBODY_ELSE))
    assert frames == list(script.frames(NOBODY_ELSE))
    assert frames[4:] == list(script.frames(NOBODY_ELSE, first=4))
    assert len(set(frames)) == 6


def test_a_picture_is_as_large_as_a_cheap_camera_makes_it_and_as_dark_as_asked() -> None:
    lit, dark = (
        cv2.imdecode(
            np.frombuffer(paint(NOBODY_ELSE, View("collins", light=light), 3, np.random.default_rng(1)), np.uint8),
            cv2.IMREAD_COLOR,
        )
        for light in (1.0, 0.1)
    )
    assert lit is not None
    assert dark is not None
    assert lit.shape == dark.shape == (480, 640, 3)
    assert float(dark.mean()) < 0.2 * float(lit.mean())


def test_without_the_data_there_are_two_people_and_asking_for_more_is_refused() -> None:
    assert NOBODY_ELSE.sitters == PORTRAITS
    with pytest.raises(KeyError):
        NOBODY_ELSE.looks("salley")


def test_with_the_data_everybody_can_be_shown(everybody: Cast) -> None:
    for name in everybody.helpers:
        assert everybody.looks(name)
    assert len(everybody.looks("salley")) == 11


@pytest.mark.parametrize("what", sounds.NOISES)
def test_noises_are_as_loud_as_asked_and_repeatable(what: sounds.Noise) -> None:
    heard = [Heard(what, 0, 10, -30)]
    one, two = (sounds.mix(10, heard, np.random.default_rng(5), None) for _ in range(2))
    assert np.array_equal(one, two)
    assert 20 * np.log10(sounds.loudness(one / 32768)) == pytest.approx(-30, abs=3)


def test_a_voice_without_data_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="INVIGIL_DATA"):
        sounds.mix(10, [Heard("man", 0, 5)], np.random.default_rng(1), None)


def test_voices_come_from_the_data_and_what_is_said_lies_inside(everybody: Cast) -> None:
    assert everybody.data is not None
    for name in sounds.FILES:
        seconds = len(sounds.voice(name, everybody.data)) / sounds.RATE
        said = sounds.utterances(name, everybody.data)
        assert len(said) >= 4
        assert all(0 <= start < end <= seconds + 0.02 for start, end in said)


def test_sound_survives_the_way_through_opus() -> None:
    pcm = sounds.mix(10, [Heard("fan", 0, 10, -30)], np.random.default_rng(2), None)
    assert sounds.wav(pcm)[:4] == b"RIFF"
    packed = sounds.webm(pcm)
    assert packed[:4] == b"\x1a\x45\xdf\xa3"
    assert len(packed) < 50_000


def test_the_protocol_has_thirty_people_in_their_three_roles() -> None:
    parts = twente.parts(NOBODY_ELSE)
    assert Counter(part.role for part in parts) == {"cheats": 6, "nervous": 5, "honest": 19}
    assert len({part.what for part in parts[:11]}) == 11
    assert parts == twente.parts(NOBODY_ELSE)


def test_only_cheating_shows_what_rules_look_for() -> None:
    serious = {"absence", "second_person", "other_person", "phone", "hidden"}
    for part in twente.parts(NOBODY_ELSE):
        shown = serious & {each.what for each in part.script.truth}
        # Who speaks with someone is heard only, and voices need the data.
        assert bool(shown) == (part.role == "cheats" and part.what != "speaks with someone"), part.what


def test_incidents_hold_the_one_thing_that_they_are_named_after() -> None:
    makers = {
        "absence": incidents.absences,
        "second_person": incidents.second_people,
        "other_person": incidents.substitutes,
        "phone": incidents.phones,
    }
    for what, make in makers.items():
        for script in make(NOBODY_ELSE, 3):
            assert script.spans(what)
            assert {each.what for each in script.truth} <= {what}
    assert sum(script.seconds for script in incidents.clean(NOBODY_ELSE, 700)) == 700
    assert not any(script.truth for script in incidents.clean(NOBODY_ELSE, 700))
