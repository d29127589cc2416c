"""What becomes a flag of attention, and what a person who thinks may do without one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.flag import Flag, Rule, Severity
from proctor.rules.attention import EyesClosed, LookingAway, LookingDown, RepeatedGlances
from proctor.rules.speaking import Speaking
from proctor.signal import Signal
from proctor.timeline import flags
from tests.proctor.test_timeline import K, frame, heard, run, spans


def only(rule: Rule, known: list[Signal]) -> list[Flag]:
    return flags(known, [rule])


@pytest.mark.parametrize(
    ("rule", "kind", "against", "least"),
    [
        (LookingAway(), K.head_turned, K.head_forward, 8),
        (LookingAway(), K.gaze_outside, K.gaze_inside, 8),
        (LookingDown(), K.head_down, K.head_forward, 20),
        (EyesClosed(), K.eyes_closed, K.eyes_open, 15),
    ],
    ids=str,
)
def test_it_must_last(rule: Rule, kind: K, against: K, least: int) -> None:
    before, after = run(against, 0, 4), run(against, 6 + least, 12 + least)
    assert only(rule, [*before, *run(kind, 5, 4 + least), *after]) == []
    assert spans(only(rule, [*before, *run(kind, 5, 5 + least), *after])) == [(rule.name, 5, 5 + least)]


def test_jitter_of_a_frame_costs_no_flag() -> None:
    """Frames at one a second are milliseconds early or late."""
    assert len(only(LookingAway(), [frame(n * 0.996, K.head_turned, 40) for n in range(9)])) == 1


def test_one_frame_ahead_in_between_does_not_end_a_look_but_two_do() -> None:
    look = [*run(K.head_turned, 0, 5, 40), frame(6, K.head_forward), *run(K.head_turned, 7, 10, 40)]
    assert spans(only(LookingAway(), look)) == [("looking_away", 0, 10)]
    looks = [*run(K.head_turned, 0, 5, 40), *run(K.head_forward, 6, 8), *run(K.head_turned, 9, 12, 40)]
    assert only(LookingAway(), looks) == []


def test_eyes_outside_while_the_head_is_straight_is_away() -> None:
    both = [*run(K.head_forward, 0, 10), *run(K.gaze_outside, 0, 10, 30)]
    (flag,) = only(LookingAway(), both)
    assert "11 frames" in flag.reason
    assert flag.severity is Severity.medium


def test_thinking_is_not_flagged() -> None:
    """Two seconds to one side, two to the other, for five minutes."""
    looks = [
        frame(n, K.head_forward if n % 15 > 2 else K.head_turned, 30.0 if n % 30 < 15 else -30.0) for n in range(300)
    ]
    for rule in (LookingAway(), RepeatedGlances(looks=11), LookingDown()):
        assert only(rule, looks) == []


def glances(count: int, every: int, side: float = 30) -> list[Signal]:
    return [
        frame(n, K.head_turned if n % every < 3 else K.head_forward, side if n % every < 3 else 0)
        for n in range(count * every)
    ]


def test_many_looks_to_one_side_are_one_flag() -> None:
    assert only(RepeatedGlances(), glances(5, 12)) == []
    (flag,) = only(RepeatedGlances(), glances(9, 12))
    assert (flag.rule, flag.severity) == ("repeated_glances", Severity.low)
    assert flag.reason.startswith("9 looks to the same side, 18 s together, within")
    assert only(RepeatedGlances(), glances(9, 60)) == [], "one a minute is nothing"
    two_sides = [*glances(4, 12), *[frame(100 + n, s.kind, -s.value) for n, s in enumerate(glances(4, 12))]]
    assert only(RepeatedGlances(), two_sides) == []


@given(
    st.lists(st.sampled_from([K.head_turned, K.head_forward, K.head_down, K.eyes_closed, K.face_absent]), max_size=80)
)
def test_no_flag_claims_more_than_was_seen(kinds: list[K]) -> None:
    known = [frame(n, kind, 30) for n, kind in enumerate(kinds)]
    for rule, kind in ((LookingAway(), K.head_turned), (LookingDown(), K.head_down), (EyesClosed(), K.eyes_closed)):
        for flag in only(rule, known):
            ends = {flag.start, flag.end}
            assert ends <= {signal.at for signal in known if signal.kind == kind}
            assert flag.threshold
            assert flag.innocent


def test_speech_counts_as_theirs_only_while_the_mouth_moves() -> None:
    speech = [heard(10 * n, K.speech, 6) for n in range(3)]
    assert only(Speaking(), [*speech, *run(K.mouth_still, 0, 30)]) == []
    assert only(Speaking(), [*run(K.mouth_moving, 0, 30), *(heard(10 * n, K.quiet) for n in range(3))]) == []
    assert only(Speaking(), [*speech[:1], *run(K.mouth_moving, 0, 30)]) == [], "one piece of sound is not enough"
    (flag,) = only(Speaking(), [*speech, *run(K.mouth_moving, 0, 30)])
    assert flag.severity is Severity.low
    assert flag.confidence <= 0.5
