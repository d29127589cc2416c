"""The form of a question with a program: what it shows, and what it leaves as the file has it."""

from __future__ import annotations

from typing import Any

import pytest

from exam_api.exams.service import form as forms
from grading.item import read_item
from grading.item import to_data as item_to_data

CALLED: dict[str, Any] = {
    "id": "twice",
    "kind": "code",
    "title": "Twice",
    "prompt": "Double it.",
    "points": 4,
    "language": "python",
    "mode": "function",
    "function": "twice",
    "tests": [
        {"name": "one", "args": [1], "returns": 2},
        {"name": " two, and more", "args": [2], "returns": 4, "hidden": True},
        {"name": "three", "args": [3], "returns": 6, "hidden": True},
    ],
    "groups": [
        {"name": "easy", "points": 1, "rule": "all", "tests": ["one"]},
        {"name": "hard", "points": 3, "rule": "min", "tests": [" two, and more", "three"], "needs": ["easy"]},
    ],
    "reference": {"language": "python", "source": "def twice(n): return 2 * n"},
}
TALKS: dict[str, Any] = {
    **{key: value for key, value in CALLED.items() if key not in {"mode", "function", "groups"}},
    "tests": [{"name": "one"}],
    "interactor": {"language": "python", "source": "print(1)"},
}


@pytest.mark.parametrize("data", [CALLED, TALKS])
def test_what_a_form_cannot_show_of_a_program_stays(data: dict[str, Any]) -> None:
    whole = item_to_data(read_item(data))
    # The form of a browser always names a way to compare; where somebody else judges, it does not count.
    shown = {**forms.item_form(whole), "compare": "tokens", "title": "Another"}
    changed = forms.changed_item(shown, whole)
    assert read_item(changed) == read_item({**whole, "title": "Another"})


def test_every_key_of_a_program_is_a_field_or_kept() -> None:
    form = forms.item_form({**CALLED, "types": {"arguments": ["int"], "returns": "int"}, "unit_tests": "x"})
    assert not [name for name in form if name.startswith(("type", "unit"))]
    assert {"types", "unit_tests", "mode", "given", "checker"} <= set(forms.KEPT_OF_CODE)
    assert form["group-1-tests"] == " two, and more\nthree"
    assert form["group-1-needs"] == "easy"
