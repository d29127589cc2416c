"""Speech, a second voice, a microphone that hears nothing."""

from __future__ import annotations

import pytest

from proctor import Flag, Severity, Signal, flags
from proctor.rules.speech import BESIDE, SecondVoice
from tests.proctor.test_timeline import K, event, frame, heard, spans


def talk(*seconds: float) -> list[Signal]:
    """One window of ten seconds after the other; 0 is a quiet one."""
    return [heard(10 * n, K.speech if each else K.quiet, each) for n, each in enumerate(seconds)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([0, 2.9, 0], []),
        ([0, 3.0, 0], [Severity.low]),
        ([0, 1.5, 1.5, 0], [Severity.low]),
        ([1.5, 0, 1.5], []),
        ([5, 6], [Severity.medium]),
        ([5, 0, 0, 6], [Severity.low, Severity.low]),
    ],
)
def test_speech_adds_up_over_neighbouring_windows(seconds: list[float], expected: list[Severity]) -> None:
    assert [flag.severity for flag in flags(talk(*seconds))] == expected


def test_a_piece_that_was_lost_does_not_split_what_was_said() -> None:
    known = [heard(0, K.speech, 6), heard(20, K.speech, 6)]
    assert spans(flags(known)) == [("speech", 0, 30)]
    (flag,) = flags(known)
    assert flag.reason.startswith("Somebody spoke for 12 s within 30 s;")
    assert flag.evidence == ("sound:0", "sound:2")


def voices(*beside: Signal) -> list[Flag]:
    known = [heard(100, K.second_voice, 2), heard(110, K.second_voice, 2), *beside]
    return flags(known, [SecondVoice()])


@pytest.mark.parametrize("kind", sorted(BESIDE))
def test_a_second_voice_flags_only_beside_something_else(kind: str) -> None:
    assert voices() == []
    beside = frame(105, K(kind)) if kind != "hidden" else event(105, K.hidden)
    (flag,) = voices(beside)
    assert (flag.rule, flag.severity) == ("second_voice", Severity.low)
    assert beside.source in flag.evidence
    far = frame(200, K(kind)) if kind != "hidden" else event(200, K.hidden)
    assert voices(far) == []


def test_one_window_is_never_a_second_voice() -> None:
    assert flags([heard(0, K.second_voice, 2), frame(3, K.faces_many, 2)], [SecondVoice()]) == []


def test_a_silent_microphone_is_quality_and_takes_a_minute() -> None:
    assert flags([heard(10 * n, K.microphone_silent) for n in range(5)]) == []
    (flag,) = flags([heard(10 * n, K.microphone_silent) for n in range(6)])
    assert (flag.rule, flag.severity, flag.duration.total_seconds()) == ("microphone_silent", Severity.quality, 60)
    mixed = [heard(10 * n, K.quiet if n in {3, 4} else K.microphone_silent) for n in range(8)]
    assert flags(mixed) == []


def test_sound_that_stays_away_is_quality_and_unreadable_pieces_are_none() -> None:
    assert flags([heard(0, K.quiet), heard(30, K.quiet)]) == []
    (flag,) = flags([heard(0, K.quiet), heard(20, K.bad_sound), heard(50, K.quiet)])
    assert (flag.rule, flag.severity) == ("sound_gap", Severity.quality)
    assert flags([frame(10 * n, K.face_ok) for n in range(20)]) == [], "where no sound is asked for, none is missed"
