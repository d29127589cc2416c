"""Checks by chance of a computer that looks itself: once is a note, twice a flag, and what the network lost is
nothing, unless it lost it again and again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from proctor.device import REFUSED, unanswered, unreached
from proctor.flag import Severity
from proctor.rules.device_word import DeviceDiffers, DeviceSilent, DeviceUnreached
from proctor.signal import Signal, SignalKind

SOON = (8.0, 15.0)  # seconds to the next check after a lost one
START = datetime(2027, 3, 1, 10, tzinfo=UTC)
NOTES = ("nobody", "more_faces", "place", "turned", "light")


def check(at: float, note: str | None) -> Signal:
    kind = SignalKind.device_agrees if note is None else SignalKind.device_differs
    return Signal(START + timedelta(seconds=at), kind, 0, 0.9, 1.0, f"frame:{round(at)}", note=note)


def test_once_is_a_note_and_twice_a_flag() -> None:
    (once,) = DeviceDiffers().flags([check(0, "nobody"), check(60, None)])
    assert (once.severity, once.evidence) == (Severity.low, ("frame:0",))
    (twice,) = DeviceDiffers().flags([check(0, "nobody"), check(60, None), check(120, "place")])
    assert twice.severity == Severity.medium
    assert twice.evidence == ("frame:0", "frame:120")
    assert "a face was told and none is there; the face is elsewhere" in twice.reason


def test_far_apart_is_not_together() -> None:
    flags = DeviceDiffers().flags([check(0, "nobody"), check(900, "nobody")])
    assert [flag.severity for flag in flags] == [Severity.low, Severity.low]


def test_silence_counts_in_a_row_only() -> None:
    missing = [unanswered(START + timedelta(seconds=at), at, "missing") for at in (0, 120, 240)]
    agrees = check(60, None)
    assert DeviceSilent().flags([missing[0], agrees, missing[1]]) == []
    (flag,) = DeviceSilent().flags(missing)
    assert (flag.severity, len(flag.evidence)) == (Severity.medium, 3)


def severities(*checks: Signal) -> list[Severity]:
    return [flag.severity for flag in DeviceDiffers().flags(checks)]


def test_the_words_before_contradict_three_times_in_a_row() -> None:
    """Somebody who is away while a face is told is contradicted by each check."""
    before = [check(30 * n, ("nobody_before", "more_faces_before")[n % 2]) for n in range(3)]
    assert severities(*before[:2]) == [Severity.low]
    assert severities(*before) == [Severity.medium]
    assert severities(before[0], check(10, None), *before[1:]) == [Severity.low, Severity.low]
    silence = unanswered(START + timedelta(seconds=10), 1, "missing")
    assert severities(before[0], silence, *before[1:]) == [Severity.medium]
    assert severities(check(0, "nobody"), *before[1:], check(90, "nobody")) == [Severity.medium, Severity.low]


def test_who_bends_down_often_over_a_slow_line_is_never_flagged() -> None:
    """A hundred exams of two hours: out of the picture for some seconds thirty times an hour, and five seconds each way from
    here to the page, so that a picture is taken long after the words with which it is compared.
    """
    chance = random.Random(2)
    for _ in range(100):
        gone, at = list[tuple[float, float]](), 0.0
        while at < 7200:
            at += chance.expovariate(30 / 3600)
            gone.append((at, at + chance.uniform(2, 10)))
        away = partial(_within, gone)
        at, said = 60.0, list[Signal]()
        while at < 7200:
            differs = away(at + 5.5) and not any(away(at - 5 - second) for second in range(3))
            said.append(check(at, "nobody_before" if differs else None))
            at += 10 + (chance.uniform(*SOON) if differs else chance.uniform(60, 180))
        assert all(note == Severity.low for note in severities(*said))


def _within(spans: Sequence[tuple[float, float]], at: float) -> bool:
    return any(first <= at < last for first, last in spans)


def lost(*times: float) -> list[Signal]:
    return [unreached(START + timedelta(seconds=at), round(at)) for at in times]


def test_a_line_that_breaks_in_each_check_is_a_note() -> None:
    times = [60.0 * n for n in range(9)]
    rule = DeviceUnreached()
    assert rule.flags(lost(*times[:2])) == []
    (note,) = rule.flags(lost(*times[:3]))
    assert (note.severity, note.start, note.end) == (Severity.low, START, START + timedelta(seconds=120))
    assert note.innocent
    assert "3 checks in a row" in note.reason


def test_a_slow_line_is_never_a_flag() -> None:
    """A picture in three comes in time, and after each that does not the next check is soon: two hours of that, fifty times."""
    chance = random.Random(5)
    for _ in range(50):
        at, said = 0.0, list[Signal]()
        while at < 7200:
            answered = chance.random() < 1 / 3
            said += [check(at, None)] if answered else lost(at)
            at += chance.uniform(60, 180) if answered else 20 + chance.uniform(*SOON)
        assert all(note.severity == Severity.low for note in DeviceUnreached().flags(said))


def test_one_answer_begins_the_count_anew_whatever_it_says() -> None:
    for answer in (check(100, None), check(100, "nobody")):
        assert DeviceUnreached().flags([*lost(0, 50), answer, *lost(150, 200)]) == []


def test_a_lost_check_hides_no_silence_and_silence_no_lost_check() -> None:
    missing = [unanswered(START + timedelta(seconds=at), at, "missing") for at in (30, 90)]
    mixed = sorted([*missing, *lost(0, 60, 120)], key=lambda each: each.at)
    assert len(DeviceSilent().flags(mixed)) == 1
    assert len(DeviceUnreached().flags(mixed)) == 1


told = st.none() | st.sampled_from(NOTES)


def silent(n: int, why: str) -> Signal:
    at = START + timedelta(seconds=100 * n)
    return unreached(at, n) if why == "unreached" else unanswered(at, n, why)


@given(st.lists(told | st.sampled_from([*REFUSED, "unreached"]).map(lambda why: ("no", why)), max_size=30))
def test_nothing_is_flagged_without_a_doubt(checks: list[object]) -> None:
    signals = [
        silent(n, each[1]) if isinstance(each, tuple) else check(100 * n, each)  # type: ignore[arg-type]
        for n, each in enumerate(checks)
    ]
    doubts = {signal.source for signal in signals if signal.kind != SignalKind.device_agrees}
    for rule in (DeviceDiffers(), DeviceSilent(), DeviceUnreached()):
        for flag in rule.flags(signals):
            assert set(flag.evidence) <= doubts
            assert flag.start <= flag.end
