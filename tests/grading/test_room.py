"""What an exam offers in the room: tools, texts beside questions, a language."""

from __future__ import annotations

from typing import Any

import pytest

from grading import read_exam
from grading.errors import ItemError
from grading.exam import public, to_data
from grading.room import TOOLS, USUAL_TOOLS, is_right_to_left
from tests.grading.samples import CHOICE

LETTER = {"id": "letter", "title": "A letter", "text": "Dear **Ada**"}
SMALL = {"title": "Small", "duration_minutes": 5, "pass_percent": 50, "items": [CHOICE]}


def exam(**change: Any) -> Any:
    return read_exam({**SMALL, **change})


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        (None, USUAL_TOOLS),
        ([], ()),
        ("zoom", ("zoom",)),
        (["scientific", "calculator", "scientific"], ("calculator", "scientific")),
        (list(TOOLS), TOOLS),
    ],
)
def test_tools(wanted: Any, offered: tuple[str, ...]) -> None:
    made = exam(tools=wanted)
    assert made.tools == offered
    assert public(made)["tools"] == list(offered)
    assert read_exam(to_data(made)) == made


def test_what_is_usual_gives_nothing_away_and_is_not_written_down() -> None:
    assert not {"calculator", "scientific"} & set(USUAL_TOOLS)
    assert set(to_data(exam())) == {*SMALL, "description"}


def test_a_text_beside_questions() -> None:
    made = exam(stimuli=[LETTER], items=[{**CHOICE, "stimulus": "letter"}, {**CHOICE, "id": "other"}])
    shown = public(made)
    assert shown["stimuli"] == [LETTER]
    assert [entry.get("stimulus") for entry in shown["items"]] == ["letter", None]
    assert read_exam(to_data(made)) == made


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"tools": ["abacus"]}, ("tools", 0), "must be one of"),
        ({"tools": ["highlihgter"]}, ("tools", 0), "did you mean 'highlighter'"),
        ({"tools": [1]}, ("tools", 0), "must be text"),
        ({"language": "Arabic"}, ("language",), "language tag"),
        ({"language": 'ar" onload="x'}, ("language",), "language tag"),
        ({"stimuli": [LETTER, LETTER]}, ("stimuli", 1, "id"), "used twice"),
        ({"stimuli": [{**LETTER, "text": " "}]}, ("stimuli", 0, "text"), "must not be empty"),
        ({"items": [{**CHOICE, "stimulus": "letter"}]}, ("items", 0, "stimulus"), "it has none"),
        ({"stimuli": [LETTER], "items": [{**CHOICE, "stimulus": "latter"}]}, ("items", 0, "stimulus"), "it has letter"),
    ],
)  # fmt: skip
def test_mistakes(change: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(ItemError) as caught:
        exam(**change)
    assert caught.value.path == path
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("tag", "turned"), [("ar", True), ("he-IL", True), ("fa", True), ("de", False), ("", False), ("arn", False)]
)
def test_direction(tag: str, turned: bool) -> None:
    assert is_right_to_left(tag) is turned
