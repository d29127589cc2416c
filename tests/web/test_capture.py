"""Pictures and sound on their way: the page's own sender before a server that follows the rules, over a network that cuts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.web.node import ROOM, run, run_file

MODEL = Path(__file__).with_name("capture.mjs")
# Each example is a crowd of its own, so that Node starts seldom.
MANY = settings(max_examples=3, deadline=None, phases=[Phase.generate])
ROOMY = {"count": 1000, "bytes": 10**9}
stories = st.fixed_dictionaries(
    {
        "steps": st.lists(
            st.sampled_from(["frame", "frame", "frame", "sound", "wait", "reload", "foreign"]), max_size=40
        ),
        "lives": st.lists(st.fixed_dictionaries({"messages": st.integers(0, 12), "deaf": st.booleans()}), max_size=6),
        "limits": st.just(ROOMY),
    }
)


@MANY
@given(crowd=st.lists(stories, min_size=12, max_size=12))
def test_whatever_the_network_does_everything_arrives_once_and_in_order(crowd: list[dict[str, Any]]) -> None:
    for story, told in zip(crowd, run_file(MODEL, crowd), strict=True):
        kinds = [step for step in story["steps"] if step in {"frame", "sound"}]
        assert told["wrong"] == [], story
        assert [(each["kind"], int(each["body"])) for each in told["held"]] == [
            (kind, number) for number, kind in enumerate(kinds, 1)
        ], story
        assert told["waiting"] == told["stored"] == 0, story


def test_what_does_not_fit_is_thinned_from_the_oldest() -> None:
    # Cut off again and again, so that all pieces are taken before the first arrives, on a slow machine too.
    lives = [{"messages": -1, "deaf": False}] * 8
    cut_off = {"steps": ["frame"] * 40 + ["sound"], "lives": lives, "limits": ROOMY}
    tight = cut_off | {"limits": {"count": 12, "bytes": 10**9}}
    (told,) = run_file(MODEL, [tight])
    bodies = [int(each["body"]) for each in told["held"]]
    assert told["held"][-1]["kind"] == "sound"
    assert bodies == sorted(bodies)
    assert 12 <= len(bodies) <= 13  # what was on its way when the network went is held beside the limit
    assert told["waiting"] == 0


THIN = f"""
const {{ thin }} = await import("{ROOM}/capture/pieces.js");
say(asked.map(({{ pieces, limits }}) => {{
  const all = pieces.map((piece, order) => ({{ ...piece, order }}));
  return thin(all, limits).map(({{ order }}) => order);
}}));
"""
pieces = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["frame", "frame", "sound"]),
            "size": st.integers(1, 100),
            "sent": st.booleans(),
            "challenge": st.sampled_from([None, None, None, 1]),
        }
    ),
    max_size=60,
)
limits = st.fixed_dictionaries({"count": st.integers(1, 60), "bytes": st.integers(1, 3000)})


@MANY
@given(crowd=st.lists(st.fixed_dictionaries({"pieces": pieces, "limits": limits}), min_size=60, max_size=60))
def test_thinning_keeps_the_newest_and_what_is_on_its_way(crowd: list[dict[str, Any]]) -> None:
    for case, gone in zip(crowd, run(THIN, crowd), strict=True):
        every, bounds = case["pieces"], case["limits"]
        left = [each for order, each in enumerate(every) if order not in gone]
        free = [order for order, each in enumerate(every) if not each["sent"]]
        assert len(gone) == len(set(gone))
        assert all(not every[order]["sent"] for order in gone)
        if free:
            assert free[-1] not in gone
        fits = len(left) <= bounds["count"] and sum(each["size"] for each in left) <= bounds["bytes"]
        assert fits or len(free) - len(gone) <= 1
        plain = [o for o in free[:-1] if every[o]["kind"] == "frame" and not every[o]["challenge"]]
        special = [order for order in gone if order not in plain]
        assert not special or len(set(plain) - set(gone)) <= 1, (
            "sound and checks go only when no picture is left to thin"
        )


LADDER = f"""
const {{ Ladder, RUNGS }} = await import("{ROOM}/capture/ladder.js");
const SIZE = {{ 640: 15000, 480: 8000, 400: 6500, 320: 5000 }}; // bytes of a JPEG of a talking head
say(asked.map(({{ kbits, seconds, sound }}) => {{
  const ladder = new Ladder();
  let queue = [], last = 0, heard = 0, bytes = 0, rungs = [];
  for (let at = 0, due = 0; at < seconds * 1000; at += 50) {{
    const backlog = queue.reduce((sum, each) => sum + each.left, 0);
    if (at >= due) {{
      // As the thread does it: nothing is taken while the line is full.
      if (backlog > 128 * 1024 || queue.length >= 20) ladder.stuck(at);
      else queue.push({{ left: SIZE[ladder.rung.width], at }});
      due = at + ladder.rung.every;
    }}
    if (sound && at % 10000 === 0) queue.push({{ left: 20000, at }});
    let room = (kbits * 1000 / 8) * 0.05;
    while (room > 0 && queue.length) {{
      const sent = Math.min(room, queue[0].left);
      queue[0].left -= sent;
      room -= sent;
      bytes += sent;
      if (queue[0].left <= 0) heard = queue.shift().at;
    }}
    if (heard !== last && at % 2000 === 0) {{ ladder.kept(heard, at); last = heard; }}
    if (at > seconds * 500) rungs.push(ladder.at);
  }}
  const oldest = queue.length ? seconds * 1000 - queue[0].at : 0;
  return {{ rungs: [Math.min(...rungs), Math.max(...rungs)], oldest, kbits: bytes * 8 / seconds / 1000 }};
}}));
"""


@pytest.mark.parametrize(
    ("kbits", "sound", "best", "worst"),
    [(1000, True, 0, 0), (250, True, 0, 0), (50, True, 1, 3), (30, True, 2, 4), (8, False, 2, 4)],
    ids=str,
)
def test_the_ladder_settles_where_the_line_carries_it(kbits: int, *, sound: bool, best: int, worst: int) -> None:
    (told,) = run(LADDER, [{"kbits": kbits, "seconds": 1200, "sound": sound}])
    assert best <= told["rungs"][0] <= told["rungs"][1] <= worst, told
    assert told["kbits"] <= kbits
    assert told["oldest"] <= 45_000, "what is taken arrives while it still tells something"
