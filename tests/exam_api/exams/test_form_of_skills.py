"""Skills in the page editor: of the certificate as rows, of a question as boxes."""

from __future__ import annotations

from typing import Any

import pytest

from exam_api.exams.service import form as forms
from exam_api.exams.service.editing import fresh
from grading.errors import ItemError
from grading.exam import read_exam, to_data


def with_skills() -> dict[str, Any]:
    skills = [
        {"id": "charts", "name": "Reads charts", "url": "https://case.example/7", "framework": "DL", "code": "3"},
        {"id": "mean-of", "name": "Means", "url": "http://data.europa.eu/esco/1", "type": "ESCO", "level": 2},
    ]
    words = dict.fromkeys(("name", "description", "criteria"), "Words")
    item = {**fresh("choice", "pick"), "skills": ["charts", "mean-of"]}
    exam = {"title": "Skills", "duration_minutes": 5, "pass_percent": 50, "items": [item, fresh("code", "program")]}
    renewal = {"credits": 7.5, "window_days": 90, "or_exam": True}
    terms = {**words, "kind": "micro-credential", "skills": skills, "valid_years": 2}
    return {**exam, "certificate": {**terms, "suspendable": True, "renewal": renewal}}


def test_skills_go_through_the_forms_unchanged() -> None:
    data = to_data(read_exam(with_skills()))
    assert read_exam(forms.settings_data(forms.settings_form(data), data)) == read_exam(data)
    for item in data["items"]:
        assert forms.changed_item(forms.item_form(item), item) == item
    unticked = {name: text for name, text in forms.item_form(data["items"][0]).items() if name != "skill-charts"}
    assert forms.changed_item(unticked, data["items"][0])["skills"] == ["mean-of"]


@pytest.mark.parametrize(
    ("at", "value", "name"),
    [("url", "charts", "skill-1-url"), ("level", 12, "skill-1-level"), ("id", None, "skill-1-id")],
)
def test_a_mistake_in_a_skill_stands_beside_its_field(at: str, value: Any, name: str) -> None:
    data = with_skills()
    data["certificate"]["skills"][1][at] = value
    with pytest.raises(ItemError) as wrong:
        read_exam(data)
    assert forms.field_of(wrong.value) == name
