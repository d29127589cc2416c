"""What the page says about itself: fires where it must, stays silent just below, and says what else it could be."""

from __future__ import annotations

import pytest

from proctor import BrowserEvent, Severity, flags
from proctor.rules import OPTIONAL, RULES
from proctor.rules.rhythm import ChangedRhythm
from tests.proctor.test_timeline import START, K, event, frame, spans


def severities(*signals: object) -> list[tuple[str, Severity]]:
    return [(flag.rule, flag.severity) for flag in flags(signals)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("origins", "severity", "words"),
    [
        (["outside"], Severity.medium, "100 characters from outside of the page were pasted in 1 action"),
        (["unknown"], Severity.low, "100 characters were pasted in 1 action"),
        ([None], Severity.low, "100 characters were pasted in 1 action"),
        (["inside"], Severity.low, "100 characters that had been copied on the page itself were pasted in 1 action"),
        (["inside", "outside"], Severity.medium, "100 characters from outside of the page were pasted in 2 actions"),
        (["inside", "unknown"], Severity.low, "200 characters were pasted in 2 actions"),
    ],
)
def test_own_text_pasted_back_weighs_less_than_text_from_elsewhere(
    origins: list[str | None], severity: Severity, words: str
) -> None:
    (flag,) = flags([event(n, K.paste, length=100, origin=origin) for n, origin in enumerate(origins)])
    assert (flag.rule, flag.severity) == ("long_paste", severity)
    assert flag.reason.startswith(words + ";")


def test_a_short_paste_beside_a_long_one_does_not_count() -> None:
    (flag,) = flags([event(0, K.paste, length=60, origin="inside"), event(1, K.paste, length=5, origin="outside")])
    assert flag.severity == Severity.low


def test_copies_add_up_within_a_minute() -> None:
    assert severities(event(0, K.copy, length=120), event(50, K.cut, length=80)) == [("copied_text", Severity.low)]
    assert severities(event(0, K.copy, length=120), event(70, K.cut, length=80)) == []


def test_printing_is_one_flag_however_often_the_key_was_pressed() -> None:
    assert severities(event(0, K.print), event(1, K.print)) == [("printed", Severity.low)]


def test_a_second_display_is_named_and_an_unknown_one_is_not() -> None:
    assert spans(flags([event(3, K.display_extended), event(40, K.display_single)])) == [("second_display", 3, 40)]
    assert spans(flags([event(3, K.display_extended), frame(60, K.face_ok)]))[0] == ("second_display", 3, 60)
    assert severities(event(3, K.display_extended), event(9, K.display_single)) == []
    assert severities(event(3, K.display_single), frame(20, K.face_ok)) == []


def test_a_share_that_ends_and_comes_back_soon_is_forgiven() -> None:
    assert severities(event(3, K.share_ended), event(13, K.share_started, surface="monitor")) == []
    assert severities(event(3, K.share_ended), event(30, K.share_started, surface="monitor")) == [
        ("share_ended", Severity.medium)
    ]
    assert severities(frame(0, K.face_ok), event(3, K.share_ended)) == [], "the exam ended with it"


@pytest.mark.parametrize(
    ("surface", "expected"),
    [("monitor", False), ("unknown", False), (None, False), ("window", True), ("browser", True)],
)
def test_less_than_the_screen_was_shared(surface: str | None, expected: bool) -> None:
    known = [event(0, K.share_started, surface=surface), event(30, K.share_started, surface="monitor")]
    assert [flag.rule for flag in flags(known)] == ["part_of_screen"] * expected


def test_asking_again_gives_time_to_choose_the_whole_screen() -> None:
    known = [event(0, K.share_started, surface="window"), event(9, K.share_started, surface="monitor")]
    assert flags(known) == []


def test_the_line_is_quality_never_guilt() -> None:
    known = [event(0, K.network_lost), event(45, K.network_back), event(50, K.clock_jumped, seconds=3600)]
    assert severities(*known) == [("network_gap", Severity.quality), ("clock_jump", Severity.quality)]
    assert flags(known)[1].reason.startswith("The device's clock jumped by 60 min;")
    assert severities(event(0, K.network_lost), event(9, K.network_back), event(50, K.clock_jumped, seconds=4)) == []


def minutes(*seconds: float, keys: int = 200) -> list[object]:
    return [event(60 * n, K.rhythm_changed, length=keys, seconds=each) for n, each in enumerate(seconds)]


def test_rhythm_is_off_unless_asked_for_and_compares_with_earlier_minutes() -> None:
    assert "changed_rhythm" in {rule.name for rule in OPTIONAL} - {rule.name for rule in RULES}
    typed = minutes(*[40.0] * 6, 12.0, 11.0, 12.0)
    assert severities(*typed) == []
    (flag,) = flags(typed, [*RULES, *OPTIONAL])  # type: ignore[arg-type]
    assert (flag.rule, flag.severity) == ("changed_rhythm", Severity.low)
    assert "every 60 ms over 3 minutes of typing, and every 200 ms in the earlier ones" in flag.reason


@pytest.mark.parametrize(
    "typed",
    [
        minutes(*[40.0] * 3, 12.0, 11.0, 12.0),  # too little known about this person
        minutes(*[40.0] * 6, 12.0, 40.0, 12.0, 40.0),  # never three in a row
        minutes(*[40.0] * 6, 25.0, 25.0, 25.0),  # faster, but not twice as fast
        minutes(*[40.0] * 6, 1.0, 1.0, 1.0, keys=30),  # too few keys
    ],
)
def test_rhythm_says_nothing_where_little_is_known(typed: list[object]) -> None:
    assert flags(typed, [ChangedRhythm()]) == []  # type: ignore[arg-type]


def test_even_steps_need_no_earlier_minutes() -> None:
    typed = [event(60 * n, K.rhythm_changed, length=300, seconds=30, spaced=True) for n in range(3)]
    assert [flag.rule for flag in flags(typed, [ChangedRhythm()])] == ["changed_rhythm"]


def test_details_belong_to_their_kinds_and_stay_in_range() -> None:
    assert event(0, K.hidden, length=7, origin="outside").value == 1
    assert event(0, K.hidden, length=7, origin="outside").note is None
    assert event(0, K.share_started, surface="window").note == "window"
    for kind, detail, sentence in (
        ("paste", {"origin": "elsewhere"}, "origin is one of"),
        ("share_started", {"surface": "wall"}, "surface is one of"),
        ("paste", {"length": -1}, "never negative"),
        ("hidden", {"seconds": -1.0}, "never negative"),
        ("hidden", {"seconds": 1e300}, "too many"),
        ("hidden", {"seconds": float("nan")}, "NaN"),
        ("face_ok", {}, "cannot say"),
        ("nothing", {}, "not a valid"),
    ):
        with pytest.raises(ValueError, match=sentence):
            BrowserEvent.of(1, START, kind, **detail).signal()
