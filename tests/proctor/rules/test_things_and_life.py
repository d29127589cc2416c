"""Rules about things and signs of life: fire where they must, stay silent just below."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proctor import Severity, Signal, SignalKind, flags
from proctor.flag import Rule
from proctor.rules.life import FilmedPicture, RepeatedPicture, SignOfLifeMissing, VirtualCamera
from proctor.rules.things import Book, Phone, SecondScreen
from tests.proctor.test_timeline import K, event, frame, spans


def looks(pattern: str, kind: SignalKind, other: SignalKind, value: float = 0.04) -> list[Signal]:
    """One look each two seconds: `x` saw it, `.` did not, a blank is a look that is missing."""
    return [
        frame(2 * n, kind if each == "x" else other, value if each == "x" else 0.0)
        for n, each in enumerate(pattern)
        if each != " "
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("..x....", []),
        ("..xx...", [(4, 6)]),
        ("..x.x..", [(4, 8)]),
        ("x...x...", []),
        ("x    x", [(0, 10)]),
        ("x" + " " * 7 + "x", []),
        ("xx" + "." * 8 + "xx", [(0, 2), (20, 22)]),
    ],
)
def test_a_phone_asks_for_two_looks_close_together(pattern: str, expected: list[tuple[float, float]]) -> None:
    found = flags(looks(pattern, K.phone, K.things_none), [Phone()])
    assert [span[1:] for span in spans(found)] == expected


def test_looks_that_are_unsure_must_be_more() -> None:
    unsure = [replace(signal, confidence=0.31) for signal in looks("xxxxx", K.phone, K.things_none)]
    assert flags(unsure[:4], [Phone()]) == []
    assert len(flags(unsure, [Phone()])) == 1


def test_a_phone_beside_a_screen_is_one_look_that_found_it() -> None:
    both = [*looks("xxx", K.phone, K.things_none), *looks("xxx", K.second_screen, K.things_none, 0.3)]
    (flag,) = flags(both, [Phone()])
    assert flag.severity == Severity.high
    assert flag.confidence == pytest.approx(0.9)
    assert "3 looks within 4 s, at most 4 percent of the picture" in flag.reason


@pytest.mark.parametrize(
    ("rule", "kind"), [(SecondScreen(), K.second_screen), (Book(), K.book)], ids=["screen", "book"]
)
def test_screens_and_books_ask_for_longer_and_weigh_little(rule: Rule, kind: SignalKind) -> None:
    assert flags(looks("x..x..x..x", kind, K.things_none), [rule]) == []
    (flag,) = flags(looks("x..x..x..x..x", kind, K.things_none), [rule])
    assert flag.severity == Severity.low


def test_books_are_left_alone_unless_asked_for() -> None:
    assert flags(looks("xxxxxxxxx", K.book, K.things_none)) == []


def test_a_filmed_picture_asks_for_three_looks() -> None:
    assert flags(looks("xx...xx", K.picture_filmed, K.picture_live), [FilmedPicture()]) == []
    assert spans(flags(looks("xx.x", K.picture_filmed, K.picture_live), [FilmedPicture()])) == [
        ("filmed_picture", 0, 6)
    ]


def test_pictures_must_repeat_after_the_same_time() -> None:
    changing = [frame(n, K.picture_repeats, 10 + 7 * n) for n in range(6)]
    assert flags(changing, [RepeatedPicture()]) == []
    (flag,) = flags([frame(n, K.picture_repeats, 30) for n in range(4)], [RepeatedPicture()])
    assert "came again after 30 s over 3 s (4 pictures)" in flag.reason


def test_a_picture_that_stands_still_is_told_once() -> None:
    still = [frame(n, K.picture_repeats, 0) for n in range(5)]
    (flag,) = flags(still, [RepeatedPicture()])
    assert "stood still over 4 s" in flag.reason
    assert flags([*still, *(frame(n, K.picture_frozen, n) for n in range(5))], [RepeatedPicture()]) == []


def asked(pattern: str) -> list[Signal]:
    """One request each ten minutes: `y` shown, `n` not shown, `-` unanswered."""
    kinds = {"y": K.life_shown, "n": K.life_not_shown, "-": K.life_unanswered}
    return [
        replace(frame(600 * n, kinds[each]), source=f"challenge:{n}", confidence=0.5) for n, each in enumerate(pattern)
    ]


@pytest.mark.parametrize(
    ("pattern", "severities"),
    [("yyny", []), ("nyn", []), ("ynn", ["medium"]), ("y--y", ["low"]), ("n-", ["low"]), ("nnnn", ["medium"])],
)
def test_two_requests_in_a_row_without_an_answer(pattern: str, severities: list[str]) -> None:
    assert [flag.severity.value for flag in flags(asked(pattern), [SignOfLifeMissing()])] == severities


def test_a_virtual_camera_is_weak() -> None:
    (flag,) = flags([event(1, K.camera_virtual), event(500, K.camera_virtual)], [VirtualCamera()])
    assert flag.severity == Severity.low
