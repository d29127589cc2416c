"""The timeline picture: well-formed, without scripts, the same facts as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from proctor import BrowserEvent, Flag, Severity, Signal, SignalKind, flags, picture

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def attempt() -> list[Signal]:
    kinds = [SignalKind.face_ok] * 20 + [SignalKind.face_absent] * 15 + [SignalKind.faces_many] * 5
    seen = [Signal(START + timedelta(seconds=n), kind, 1, 1, 1, f"frame:{n}") for n, kind in enumerate(kinds)]
    far = Signal(START + timedelta(seconds=3), SignalKind.face_other, 0.7, 0.8, 1, "frame:3")
    dark = Signal(START + timedelta(seconds=39), SignalKind.too_dark, 9, 0.8, 0.2, "frame:39")
    return [*seen, far, dark, BrowserEvent.of(1, START + timedelta(seconds=6), "hidden", seconds=5).signal()]


def test_lanes_marks_and_text_say_the_same() -> None:
    found = flags(attempt())
    root = ET.fromstring(picture.svg(attempt(), found, ident="a1"))
    classes = [each.get("class") for each in root.iter() if each.get("class")]
    assert classes == ["one", "absent", "many", "other", "poor", "browser", "flag-medium", "flag-medium", "flag-high"]
    labelled = {each.get("id"): each for each in root.iter() if each.get("id")}
    assert root.get("aria-labelledby") == "a1-title a1-desc"
    assert set(labelled) == {"a1-title", "a1-desc"}
    words = labelled["a1-desc"].text or ""
    assert "face absent 15" in words
    assert all(flag.reason in words for flag in found)


def test_no_script_no_style_attribute_unless_alone() -> None:
    inside, alone = picture.svg(attempt(), []), picture.svg(attempt(), [], alone=True)
    assert "<style" not in inside
    assert "style=" not in inside
    assert "prefers-color-scheme: dark" in alone
    assert "<script" not in inside + alone


def test_sound_attention_and_things_have_lanes_of_their_own() -> None:
    def at(n: int, kind: SignalKind, source: str, seconds: int | None = None) -> Signal:
        length = None if seconds is None else timedelta(seconds=seconds)
        return Signal(START + timedelta(seconds=n), kind, 3, 1, 1, f"{source}:{n}", length)

    turned = [at(n, SignalKind.head_turned if n < 6 else SignalKind.head_forward, "frame") for n in range(9)]
    things = [at(n, SignalKind.phone if n in {2, 4} else SignalKind.things_none, "frame") for n in range(0, 9, 2)]
    kinds = (SignalKind.speech, SignalKind.speech, SignalKind.quiet, SignalKind.noise, SignalKind.microphone_silent)
    sound = [at(10 * n, kind, "sound", 10) for n, kind in enumerate(kinds)]
    drawn = picture.svg([*turned, *things, *sound], [])
    root = ET.fromstring(drawn)
    assert [each.get("class") for each in root.iter(f"{SVG}rect")] == ["turned", "thing", "speech", "noise", "silent"]
    titles = [each.findtext(f"{SVG}title") for each in root.iter(f"{SVG}rect")]
    assert titles == [
        "head turned: 6 frames from 0 s",
        "phone: 2 frames from 2 s",
        "speech: 2 pieces of sound from 0 s",
        "noise: 1 pieces of sound from 30 s",
        "microphone silent: 1 pieces of sound from 40 s",
    ]
    assert "9 frames and 5 pieces of sound." in picture.describe([*turned, *things, *sound], [])


def test_words_from_outside_are_escaped() -> None:
    nasty = Flag("x<y", Severity.low, START, START, {}, '</desc><script>alert("1")</script>', (), (), 1.0)
    drawn = picture.svg(attempt(), [nasty])
    assert "<script" not in drawn
    ET.fromstring(drawn)


def test_nothing_recorded_is_said_so() -> None:
    assert "Nothing was recorded." in picture.svg([], [])


def test_long_attempts_stay_small() -> None:
    kinds = (SignalKind.face_ok, SignalKind.face_same, SignalKind.too_blurred, SignalKind.head_turned)
    three_hours = [
        Signal(START + timedelta(seconds=n), kind, 0.3, 1, 1, f"frame:{n}") for n in range(3 * 3600) for kind in kinds
    ]
    assert len(picture.svg(three_hours, [])) < 400_000
