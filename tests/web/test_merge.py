"""What the page does with answers it could not send: its own modules, led by Node through any order of accidents."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.web.node import ROOM, run, run_file

MODEL = Path(__file__).with_name("journal.mjs")
# Each example is a crowd of its own, so that Node starts seldom; making a failing crowd smaller would take minutes.
MANY = settings(max_examples=3, deadline=None, phases=[Phase.generate])
MERGE = f"""
const {{ conflicts, countItems, open, same, standing }} = await import("{ROOM}/merge.js");
say(asked.map(({{ journal, answers, jkt }}) => ({{
  standing: standing(journal, answers, jkt).map((each) => each.order),
  conflicts: journal.map((each) => conflicts(each, answers[each.item], jkt)),
  open: journal.filter(open).map((each) => each.order),
  count: countItems(journal, journal),
  same: journal.map((each) => same(each.answer, answers[each.item]?.answer ?? null)),
}})));
"""
ITEMS, KEYS = ["one", "two", "three"], ["me", "other"]
answers = st.one_of(
    st.builds(lambda text: {"text": text}, st.sampled_from(["", "a", "b"])),
    st.builds(lambda pairs: {"match": dict(pairs)}, st.permutations([("long name", "x"), ("b", "y"), ("aa", "z")])),
)
held = st.dictionaries(
    st.sampled_from(ITEMS),
    st.fixed_dictionaries({"seq": st.integers(1, 9), "answer": answers, "jkt": st.sampled_from(KEYS)}),
)


@st.composite
def journals(draw: st.DrawFn) -> dict[str, Any]:
    """A journal in its order, and the newest saved answers."""
    ends: list[dict[str, Any]] = [{}, {"receipt": {"seq": 1}}, {"aside": True}, {"refused": "No."}]
    journal = [
        {"order": order, "item": draw(st.sampled_from(ITEMS)), "answer": draw(answers), "base": draw(st.integers(0, 9))}
        | draw(st.sampled_from(ends))
        for order in range(draw(st.integers(0, 6)))
    ]
    return {"journal": journal, "answers": draw(held), "jkt": "me"}


@MANY
@given(st.lists(journals(), min_size=60, max_size=60))
def test_two_devices_never_overwrite_each_other_unseen(examples: list[dict[str, Any]]) -> None:
    for example, found in zip(examples, run(MERGE, examples), strict=True):
        journal, saved = example["journal"], example["answers"]
        for entry, conflict, same in zip(journal, found["conflicts"], found["same"], strict=True):
            theirs = saved.get(entry["item"])
            unseen = theirs is not None and theirs["jkt"] != "me" and theirs["seq"] > entry["base"]
            assert same == (theirs is not None and theirs["answer"] == entry["answer"]), "whatever order names come in"
            assert conflict == (unseen and not same)
        newest = {entry["item"]: entry for entry in journal}
        wanted = [
            entry["order"]
            for entry in newest.values()
            if "refused" in entry and not found["conflicts"][journal.index(entry)]
        ]
        assert sorted(found["standing"]) == sorted(wanted), "a refused answer stands only while nothing came after it"
        settled = {"receipt", "aside", "refused"}
        assert found["open"] == [entry["order"] for entry in journal if not settled & entry.keys()]
        assert found["count"] == len(newest)


ACCIDENTS = ["good", "lost", "late", "dropped", "cut", "doubled", "busy", "gateway", "login"]
steps = st.tuples(
    st.sampled_from(["type", "type", "type", "type-refused", "pause", "pause", "reload", "crash", "other"]),
    st.sampled_from(ITEMS),
)
lives = st.fixed_dictionaries(
    {"steps": st.lists(steps, min_size=1, max_size=10), "network": st.lists(st.sampled_from(ACCIDENTS), max_size=20)}
)


@MANY
@given(st.lists(lives, min_size=30, max_size=30))
def test_nothing_typed_is_lost_and_nothing_old_wins(examples: list[dict[str, Any]]) -> None:
    for example, end in zip(examples, run_file(MODEL, examples), strict=True):
        assert end["stops"] == [], example
        assert end["open"] == 0, (example, end)
        assert end["proven"], (example, end)
        for item in ITEMS:
            _check(item, example, end)


def _check(item: str, example: Any, end: dict[str, Any]) -> None:
    typed = [text for each, text in end["typed"] if each == item]
    ours = [(number, text) for number, (each, text, mine) in enumerate(end["chain"], 1) if each == item and mine]
    theirs = [number for number, (each, _, mine) in enumerate(end["chain"], 1) if each == item and not mine]
    beside, refused = _texts(item, end["aside"]), _texts(item, end["refused"])
    if typed:
        assert typed[-1] in {text for _, text in ours} | beside | refused, (item, example, end)
        assert ("never" in typed[-1]) == (typed[-1] in refused), (item, example, end)
    places = [typed.index(text) for _, text in ours]
    assert places == sorted(places), ("an older text came after a newer one", item, example, end)
    bases = dict(end["bases"])
    for number, _ in ours:
        unseen = [each for each in theirs if bases.get(number, number) < each < number]
        assert not unseen, ("the other device's answer was overwritten unseen", item, example, end)
    shown = _texts(item, end["shown"])
    assert shown <= refused & set(typed[-1:]), ("only the newest word stands again", item, example, end)


def _texts(item: str, pairs: Iterable[Any]) -> set[str]:
    return {text for each, text in pairs if each == item}
