"""Forms: the same seed, the same form; everybody can earn the same; nothing secret is shown."""

from __future__ import annotations

import copy
import json
from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.__main__ import main
from grading.deal import deal
from grading.errors import ItemError
from grading.exam import Exam, public, read_exam, to_data
from grading.grade import Graded, grade

SEED = "000102030405060708090a0b0c0d0e0f"
seeds = st.binary(min_size=16, max_size=16).map(bytes.hex)


def choice(item_id: str, points: float = 1, **more: Any) -> dict[str, Any]:
    options = [{"id": letter, "text": f"Option {letter}"} for letter in "abcd"]
    common = {"id": item_id, "kind": "choice", "title": item_id, "prompt": "Which?", "points": points}
    return {**common, "options": options, "correct": ["a"], "shuffle": True, **more}


def drawn(item_id: str, points: float = 2) -> dict[str, Any]:
    return {
        "id": item_id,
        "kind": "numeric",
        "title": "Mean",
        "prompt": "What is the mean of {{a}} and {{ b }}?",
        "points": points,
        "parameters": [{"name": "a", "least": 0.1, "most": 0.9, "step": 0.1}, {"name": "b", "of": [10, 20, 50]}],
        "formula": "(a + b) / 2",
        "tolerance": {"absolute": 0.01},
    }


EXAM: dict[str, Any] = {
    "title": "Forms",
    "duration_minutes": 60,
    "pass_percent": 50,
    "least_minutes": 5,
    "items": [
        choice("first", required=True),
        *(choice(f"chart-{at}", 3, tags=["chart"]) for at in range(5)),
        *(drawn(f"mean-{at}") for at in range(3)),
        choice("last"),
    ],
    "pools": [
        {"id": "charts", "draw": 2, "tag": "chart"},
        {"id": "means", "draw": 1, "items": ["mean-2", "mean-0", "mean-1"]},
    ],
    "sections": [
        {"id": "one", "title": "One", "items": ["first", "charts"], "intro": "Read.", "navigation": "sequential"},
        {"id": "two", "title": "Two", "items": ["means", "last"], "shuffle": True, "minutes": 20, "least_minutes": 2},
    ],
}


def exam_with(change: dict[str, Any]) -> Exam:
    return read_exam({**copy.deepcopy(EXAM), **change})


def test_a_known_seed_gives_the_form_it_gave_when_this_was_written() -> None:
    dealt = deal(read_exam(EXAM), SEED).exam
    assert [item.id for item in dealt.items] == ["first", "chart-2", "chart-4", "last", "mean-1"]
    assert [option["id"] for option in public(dealt)["items"][0]["options"]] == ["c", "a", "d", "b"]
    assert dealt.items[4].prompt == "What is the mean of 0.6 and 10?"


@given(seeds)
def test_every_form_is_fair_and_repeatable(seed: str) -> None:
    exam = read_exam(EXAM)
    dealt = deal(exam, seed).exam
    assert deal(read_exam(json.loads(json.dumps(to_data(exam)))), seed).exam == dealt
    ids = [item.id for item in dealt.items]
    assert len(ids) == len(set(ids)) == exam.count == 5
    assert sum(name.startswith("chart-") for name in ids) == 2
    assert sum(name.startswith("mean-") for name in ids) == 1
    assert ids == [name for section in dealt.sections for name in section.items]
    assert sum(item.points for item in dealt.items) == dealt.max_points == exam.max_points == 10
    assert read_exam(to_data(dealt)) == dealt
    assert deal(dealt, seed).exam == dealt


@given(seeds)
def test_no_key_and_no_formula_is_shown(seed: str) -> None:
    shown = json.dumps(public(deal(read_exam(EXAM), seed).exam))
    for secret in ("formula", "parameters", "(a + b)", "{{", "correct", "tolerance", '"value"', "tags", "draw", "pool"):
        assert secret not in shown


def test_the_answer_that_the_drawn_numbers_ask_for_is_right() -> None:
    exam = read_exam({**EXAM, "items": [drawn("mean")], "pools": [], "sections": []})
    for at in range(40):
        (item,) = deal(exam, f"{at:032x}").exam.items
        a, b = (float(word.rstrip("?")) for word in item.prompt.split()[-3::2])
        given_ = grade(item, {"text": str((a + b) / 2)})
        assert isinstance(given_, Graded)
        assert given_.points == 2


def test_every_order_is_equally_likely() -> None:
    exam = read_exam({**EXAM, "items": [choice(name) for name in "abc"], "pools": [], "sections": [], "shuffle": True})
    orders = Counter("".join(item.id for item in deal(exam, f"{at:032x}").exam.items) for at in range(1_200))
    assert len(orders) == 6
    assert all(140 < count < 260 for count in orders.values())  # 200 expected


def test_an_old_file_is_dealt_as_it_stands() -> None:
    old = read_exam(
        {**EXAM, "items": [choice("a", shuffle=False), choice("b", shuffle=False)], "pools": [], "sections": []}
    )
    assert deal(old, SEED).exam == old
    assert not {"sections", "pools", "shuffle"} & to_data(old).keys()
    with pytest.raises(ValueError, match="32 hexadecimal"):
        deal(old, "00")


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"sections": []}, ("pools", 0, "id"), "drawn nowhere"),
        ({"shuffle": True}, ("shuffle",), "each section"),
        ({"pools": []}, ("sections", 0, "items", 1), "neither an item nor a pool"),
        ({"least_minutes": 61}, ("least_minutes",), "from 0 to 60"),
    ],
)
def test_mistakes_of_the_whole_name_their_place(change: dict[str, Any], path: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ItemError, match=words) as caught:
        exam_with(change)
    assert caught.value.path == path


def change_at(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data = copy.deepcopy(EXAM)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        (("pools", 0, "draw"), 6, ("pools", 0, "draw"), "asks for 6 items, and the pool has 5"),
        (("pools", 1, "items"), ["mean-0", "nobody"], ("pools", 1, "items", 1), "not an item"),
        (("pools", 1, "id"), "first", ("pools", 1, "id"), "used twice"),
        (("pools", 1, "tag"), "chart", ("pools", 1, "items"), "either a list of items or a tag"),
        (("pools", 1, "items"), ["mean-0", "mean-0"], ("pools", 1, "items", 1), "used twice"),
        (("pools", 1, "items"), ["mean-0", "chart-1"], ("pools", 1, "items", 1), "equal points"),
        (("items", 2, "points"), 4, ("pools", 0, "tag"), "equal points"),
        (("items", 1, "tags"), ["Chart"], ("items", 1, "tags", 0), "small letters"),
        (("items", 6, "formula"), "a / (b - 20)", ("items", 6, "formula"), "b = 20: it divides by zero"),
        (("items", 6, "formula"), "a + c", ("items", 6, "formula"), "'c' is not a parameter"),
        (("items", 6, "value"), 3, ("items", 6, "value"), "formula"),
        (("items", 6, "prompt"), "{{a}} {{b}} {{c}}", ("items", 6, "prompt"), "not a parameter"),
        (("items", 6, "prompt"), "{{a}}", ("items", 6, "prompt"), "does not show the parameter 'b'"),
        (("items", 6, "parameters", 0, "name"), "sqrt", ("items", 6, "parameters", 0, "name"), "small letters"),
        (("items", 6, "parameters", 0, "step"), 1e-9, ("items", 6, "parameters", 0, "step"), "larger one"),
        (("items", 6, "parameters", 0, "most"), 0, ("items", 6, "parameters", 0, "most"), "from 0.1"),
        (("items", 6, "parameters", 1, "least"), 1, ("items", 6, "parameters", 1, "least"), "list or a range"),
        (("items", 6, "parameters", 1, "name"), "a", ("items", 6, "parameters", 1, "name"), "used twice"),
        (("sections", 0, "items"), ["first"], ("pools", 0, "id"), "in no section"),
        (("sections", 1, "items"), ["means"], ("items", 9, "id"), "in no section"),
        (("sections", 1, "items"), ["means", "last", "chart-1"], ("sections", 1, "items", 2), "in the pool 'charts'"),
        (("sections", 1, "items"), ["means", "last", "first"], ("sections", 1, "items", 2), "used twice"),
        (("sections", 1, "navigation"), "linear", ("sections", 1, "navigation"), "must be one of"),
        (("sections", 1, "least_minutes"), 21, ("sections", 1, "least_minutes"), "more than 'minutes'"),
        (("sections", 1, "id"), "one", ("sections", 1, "id"), "used twice"),
    ],
)
def test_each_mistake_names_its_place(path: tuple[Any, ...], value: Any, place: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ItemError, match=words) as caught:
        read_exam(change_at(path, value))
    assert caught.value.path == place


def test_every_combination_is_tried_exactly_once() -> None:
    data = {**EXAM, "items": [drawn("mean")], "pools": [], "sections": []}
    (item,) = read_exam(data).items
    numbers = [float(value) for value in item.parameters[0].values]  # type: ignore[attr-defined]
    assert numbers == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    seen = {deal(read_exam(data), f"{at:032x}").exam.items[0].prompt for at in range(400)}
    assert len(seen) == len(list(product(range(9), range(3))))


def test_the_command_prints_the_form(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(json.dumps(EXAM), encoding="utf-8")
    assert main(["deal", str(file), "--seed", SEED]) == 0
    assert "value: 5.3" in capsys.readouterr().out
    assert main(["deal", str(file), "--seed", SEED, "--public"]) == 0
    assert json.loads(capsys.readouterr().out)["max_points"] == 10
    assert main(["deal", str(file), "--seed", "xyz"]) == 1
    assert main(["check", str(file)]) == 0
    assert "Each candidate gets 5 of them" in capsys.readouterr().out
