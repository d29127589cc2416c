"""The exam file: the example, the round trip, the mistakes."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from grading import grade, read_exam
from grading.errors import ItemError
from grading.exam import public, to_data
from tests.grading.samples import ALL, CHOICE, ROOT

FILE = ROOT / "grading" / "examples" / "exam.yaml"
SMALL = {"title": "Small", "duration_minutes": 5, "pass_percent": 50, "items": [CHOICE]}


def example() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return data


def test_the_example_has_every_kind_and_choices_of_four() -> None:
    exam = read_exam(example())
    kinds = Counter(item.kind for item in exam.items)
    assert kinds == {"choice": 18, "match": 1, "numeric": 1, "short": 2, "essay": 1, "code": 1}
    assert all(len(entry["options"]) == 4 for entry in public(exam)["items"] if entry["kind"] == "choice")
    assert exam.certificate is not None
    assert exam.proctoring.camera
    assert exam.max_points == 71


def test_round_trip() -> None:
    exam = read_exam(example())
    assert read_exam(json.loads(json.dumps(to_data(exam)))) == exam
    assert read_exam(yaml.safe_load(yaml.safe_dump(to_data(exam)))) == exam


def test_the_public_part_of_the_example_leaks_nothing() -> None:
    shown = json.dumps(public(read_exam(example())), ensure_ascii=False)
    for secret in (
        "19.62",
        '"pairs"',
        "pull the mean down",
        "Zeros are ignored",
        "zero steps are still a day",
        '"correct"',
        '"relative"',
    ):
        assert secret in FILE.read_text(encoding="utf-8") or secret.startswith('"')
        assert secret not in shown


def test_the_keyed_options_of_the_example_earn_full_points() -> None:
    for item in read_exam(example()).items:
        if item.kind == "choice":
            got = grade(item, {"choice": list(getattr(item, "correct", ()))})
            assert getattr(got, "points", None) == item.points


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"title": None}, ("title",), "is missing"),
        ({"pass_percent": 0}, ("pass_percent",), "more than 0"),
        ({"pass_percent": 101}, ("pass_percent",), "at most 100"),
        ({"duration_minutes": 0}, ("duration_minutes",), "from 1"),
        ({"durations_minutes": 5}, ("durations_minutes",), "did you mean 'duration_minutes'"),
        ({"items": []}, ("items",), "from 1"),
        ({"items": None}, ("items",), "is missing"),
        ({"items": [CHOICE, CHOICE]}, ("items", 1, "id"), "used twice"),
        ({"items": [CHOICE, {**CHOICE, "id": "b", "correct": "e"}]}, ("items", 1, "correct"), "not an option"),
        ({"items": [CHOICE, "b"]}, ("items", 1), "key: value"),
        ({"proctoring": {"camera": "on"}}, ("proctoring", "camera"), "true or false"),
        ({"proctoring": {"webcam": True}}, ("proctoring", "webcam"), "known keys"),
        ({"proctoring": {"browser": "locked"}}, ("proctoring", "browser"), "did you mean 'locked-down'?"),
        ({"proctoring": {"browser": True}}, ("proctoring", "browser"), "text"),
        ({"certificate": {"name": "x"}}, ("certificate", "description"), "is missing"),
        ({"certificate": {"name": "x", "description": "d", "criteria": "c", "valid_years": 0}}, ("certificate", "valid_years"), "from 1"),
    ],
)  # fmt: skip
def test_mistakes(change: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    read_exam(SMALL)
    with pytest.raises(ItemError) as caught:
        read_exam({**SMALL, **change})
    assert caught.value.path == path
    assert words in caught.value.message


def test_an_item_is_found_by_its_id() -> None:
    exam = read_exam({**SMALL, "items": list(ALL.values())})
    assert exam.item("why").kind == "short"
    with pytest.raises(KeyError):
        exam.item("nowhere")
