"""The small pure parts of what watches in the room: where a paste came from, which recording shows a moment, how a clock jumps."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.web.node import ROOM, run

MANY = settings(max_examples=3, deadline=None, phases=[Phase.generate])

COPIES = f"""
globalThis.document = new EventTarget();
const {{ Copies, Jumps }} = await import("{ROOM}/signals.js");
const copies = new Copies(2);
const told = [];
for (const [what, text] of asked) {{
  if (what === "copy") copies.keep(text);
  else told.push(copies.originOf(text));
}}
say(told);
"""


@pytest.mark.parametrize(
    ("steps", "origins"),
    [
        ([("paste", "from elsewhere")], ["outside"]),
        ([("copy", "a sentence of mine"), ("paste", "a sentence of mine")], ["inside"]),
        ([("copy", "a sentence\n  of mine"), ("paste", " sentence of ")], ["inside"]),
        ([("copy", "mine"), ("paste", "mine and more")], ["outside"]),
        ([("copy", ""), ("paste", "")], ["unknown"]),
        ([("copy", "1"), ("copy", "2"), ("copy", "3"), ("paste", "1"), ("paste", "3")], ["outside", "inside"]),
    ],
)
def test_a_paste_says_whether_the_text_was_copied_here(steps: list[tuple[str, str]], origins: list[str]) -> None:
    assert run(COPIES, steps) == origins


JUMPS = f"""
globalThis.document = new EventTarget();
const {{ Jumps }} = await import("{ROOM}/signals.js");
const jumps = new Jumps(0, 0);
say(asked.map(([wall, steady]) => jumps.look(wall, steady)));
"""


def test_a_clock_that_is_set_jumps_once_and_one_that_drifts_never() -> None:
    hour, beat = 3_600_000, 2000
    drifting = [(step * (beat + 20), step * beat) for step in range(1, 500)]
    assert set(run(JUMPS, drifting)) == {0}
    still = [(beat, beat), (2 * beat + hour, 2 * beat), (3 * beat + hour, 3 * beat), (4 * beat, 4 * beat)]
    assert run(JUMPS, still) == [0, 3600, 0, 3600]


BEST = f"""
const {{ best }} = await import("{ROOM}/capture/clips.js");
say(asked.map(({{ starts, from }}) => {{
  const recordings = starts.map((began) => ({{ began, ended: began + 45_000 }}));
  return best(recordings, from, from + 25_000);
}}));
"""


@MANY
@given(
    asked=st.lists(
        st.fixed_dictionaries({"first": st.integers(0, 10**6), "from": st.integers(0, 80_000)}),
        min_size=40,
        max_size=40,
    )
)
def test_twenty_five_seconds_of_the_last_ninety_lie_whole_in_one_recording(asked: list[dict[str, int]]) -> None:
    told = run(
        BEST,
        [
            {"starts": [each["first"] + 20_000 * n for n in range(6)], "from": each["first"] + each["from"]}
            for each in asked
        ],
    )
    for each, found in zip(asked, told, strict=True):
        begins = each["first"] + each["from"]
        assert found["began"] <= begins
        assert begins + 25_000 <= found["ended"]


ENCODERS = f"""
const {{ Clips }} = await import("{ROOM}/capture/clips.js");
const tried = [];
globalThis.MediaStream = class {{}};
globalThis.MediaRecorder = class {{
  static isTypeSupported = (type) => type !== "video/webm";
  constructor(_, {{ mimeType }}) {{ this.type = mimeType; this.state = "inactive"; }}
  start() {{
    tried.push(this.type);
    if (asked.refuses.includes(this.type)) throw new DOMException("no encoder", "NotSupportedError");
    this.state = "recording";
    if (asked.fails.includes(this.type)) queueMicrotask(() => {{ this.state = "inactive"; this.onerror(); }});
  }}
  stop() {{ this.state = "inactive"; }}
}};
const camera = {{ readyState: "live", clone: () => camera, applyConstraints: async () => undefined }};
const clips = new Clips({{ now: () => 0 }});
await clips.start({{ getVideoTracks: () => [camera] }});
for (let beat = 0; beat < 20; beat += 1) {{ clips.beat(); await null; }}
say(tried);
"""
VP9, VP8, MP4 = "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/mp4"


@pytest.mark.parametrize(
    ("refuses", "fails", "tried"),
    [
        ([], [], [VP9] * 5),
        ([VP9], [], [VP9, *[VP8] * 4]),
        ([], [VP9], [VP9, *[VP8] * 4]),
        ([VP9], [VP8, MP4], [VP9, VP8, *[MP4] * 3]),
    ],
)
def test_a_format_whose_encoder_fails_makes_room_for_the_next(
    refuses: list[str], fails: list[str], tried: list[str]
) -> None:
    """The last one is tried again and again: what failed may have been a moment."""
    assert run(ENCODERS, {"refuses": refuses, "fails": fails}) == tried


def test_a_moment_that_no_recording_shows_has_none() -> None:
    assert run(BEST, [{"starts": [0, 15_000], "from": 90_000}, {"starts": [], "from": 0}]) == [None, None]


RHYTHM = f"""
const {{ Rhythm }} = await import("{ROOM}/rhythm.js");
const told = [];
const rhythm = new Rhythm((kind, detail) => told.push({{ kind, ...detail }}));
for (const at of asked) rhythm.key(at);
say(told);
"""


def _keys(gaps: list[int]) -> list[int]:
    at, keys = 0, [0]
    for gap in gaps:
        at += gap
        keys.append(at)
    return keys


def test_a_program_types_evenly_and_a_person_does_not() -> None:
    (even,) = run(RHYTHM, _keys([100] * 600))
    assert even == {"kind": "rhythm_changed", "length": 600, "seconds": 60, "spaced": True}
    (uneven,) = run(RHYTHM, _keys([80, 140, 110, 320] * 100))
    assert uneven["spaced"] is False


def test_pauses_and_single_keys_say_nothing() -> None:
    assert run(RHYTHM, _keys([2500] * 200)) == []
    assert run(RHYTHM, _keys([1900] * 35)) == [], "too few keys in a minute"


WORDS = f"""
const {{ reasonOf }} = await import("{ROOM}/capture/words.js");
say(asked.map((name) => reasonOf({{ name }})));
"""


def test_a_camera_that_does_not_open_says_what_a_person_can_do() -> None:
    told = run(WORDS, ["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"])
    assert told == ["refused", "absent", "busy", "other"]


LOUD = f"""
const {{ loudness }} = await import("{ROOM}/capture/sound.js");
say(asked.map((samples) => loudness(samples)));
"""


def test_loudness_runs_from_silence_to_full_scale() -> None:
    silent, full, quiet = run(LOUD, [[0] * 8, [1, -1] * 4, [0.01, -0.01] * 4])
    assert silent == 0
    assert full == 1
    assert 0.3 < quiet < 0.4
