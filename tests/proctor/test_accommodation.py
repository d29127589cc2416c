"""What was agreed keeps exactly the named rules silent, and leaves a record of it."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor import Signal, flags
from proctor.accommodation import SUPPRESSES, Profile
from proctor.rules import OPTIONAL, RULES
from proctor.timeline import judge
from tests.proctor.test_timeline import K, event, frame, heard, run, signals

ALL = (*RULES, *OPTIONAL)
NAMES = [field.name for field in fields(Profile)]
profiles = st.fixed_dictionaries(dict.fromkeys(NAMES, st.booleans())).map(lambda each: Profile(**each))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(signals(), profiles)
def test_exactly_the_named_rules_are_silent_and_listed(known: list[Signal], profile: Profile) -> None:
    judged = judge(known, ALL, profile)
    silent = {rule for name in profile.agreed for rule in SUPPRESSES[name]}
    everything = flags(known, ALL)
    assert list(judged.flags) == [flag for flag in everything if flag.rule not in silent]
    assert [each.flag for each in judged.suppressed] == [flag for flag in everything if flag.rule in silent]
    for each in judged.suppressed:
        assert each.agreed
        assert all(each.flag.rule in SUPPRESSES[name] and getattr(profile, name) for name in each.agreed)
    assert flags(known, ALL, profile) == list(judged.flags)


def test_every_field_has_a_row_and_every_row_names_rules_that_exist() -> None:
    assert list(SUPPRESSES) == NAMES
    known = {rule.name for rule in ALL}
    assert {name for row in SUPPRESSES.values() for name in row} <= known


@pytest.mark.parametrize(
    ("profile", "silent"),
    [
        (Profile(), []),
        (Profile(breaks=True), ["absence", "lost_focus"]),
        (Profile(second_person=True), ["several_faces", "speech"]),
        (Profile(screen_reader=True), ["lost_focus", "speech"]),
        (Profile(tics=True, breaks=True), ["absence", "lost_focus", "speech"]),
    ],
)
def test_what_each_agreement_means(profile: Profile, silent: list[str]) -> None:
    known = [
        *run(K.face_absent, 0, 20),
        *run(K.faces_many, 30, 40, 2),
        event(50, K.blur),
        event(90, K.focus),
        *[heard(100 + 10 * n, K.speech, 8) for n in range(3)],
    ]
    judged = judge(known, RULES, profile)
    assert sorted(each.flag.rule for each in judged.suppressed) == silent
    assert len(judged.flags) == 4 - len(silent)


@pytest.mark.parametrize("agreed", ["no_gaze", "tics", "screen_reader"])
def test_who_need_not_look_or_keep_still_need_not_answer_a_sign_of_life(agreed: str) -> None:
    known = [replace(frame(at, K.life_not_shown), source=f"challenge:{at}") for at in (10, 600)]
    assert [flag.rule for flag in flags(known)] == ["sign_of_life_missing"]
    judged = judge(known, RULES, Profile(**{agreed: True}))
    assert judged.flags == ()
    assert [(each.flag.rule, each.agreed) for each in judged.suppressed] == [("sign_of_life_missing", (agreed,))]


@pytest.mark.parametrize("agreed", NAMES)
def test_a_recording_is_named_whatever_was_agreed(agreed: str) -> None:
    assert not {"repeated_picture", "filmed_picture", "frozen_picture"} & SUPPRESSES[agreed]


def test_identity_and_things_are_never_suppressed() -> None:
    silenced = {name for row in SUPPRESSES.values() for name in row}
    assert not silenced & {"other_person", "phone", "filmed_picture", "dark_picture"}
