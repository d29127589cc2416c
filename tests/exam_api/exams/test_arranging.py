"""Sections and pools survive the page editor, and follow what it does to questions."""

from typing import Any

import pytest

from exam_api.errors import NotFound
from exam_api.exams.service import editing
from exam_api.exams.service import form as forms
from exam_api.exams.service.arranging import move_entry, move_section
from exam_api.exams.service.checking import check, read_draft
from exam_api.exams.service.writing import write
from grading.exam import read_exam, to_data
from tests.grading.test_deal import EXAM

SOURCE = write(read_exam(EXAM))


def arranged(change: editing.Change) -> dict[str, Any]:
    return to_data(read_draft(editing.changed(SOURCE, change)))


def test_saving_the_settings_loses_nothing() -> None:
    data = to_data(read_draft(SOURCE))
    assert read_exam(forms.settings_data(forms.settings_form(data), data)) == read_draft(SOURCE)


def test_saving_a_question_loses_nothing() -> None:
    data = to_data(read_draft(SOURCE))
    for item in data["items"]:
        shown = forms.item_form(item)
        assert all(isinstance(value, str) for value in shown.values())
        kept = {key: item[key] for key in forms.KEPT if key in item}
        assert {**forms.item_data(shown), **kept} == item


def test_sections_and_pools_follow_a_new_name_and_a_deletion() -> None:
    first = {**EXAM["items"][0], "id": "opening"}
    data = arranged(editing.replace_item("first", first))
    assert data["sections"][0]["items"] == ["opening", "charts"]
    data = arranged(editing.replace_item("mean-0", {**EXAM["items"][6], "id": "middle"}))
    assert data["pools"][1]["items"] == ["mean-2", "middle", "mean-1"]
    data = arranged(editing.delete_item("last"))
    assert data["sections"][1]["items"] == ["means"]
    data = arranged(editing.add_item("essay", "essay-1"))
    assert data["sections"][1]["items"] == ["means", "last", "essay-1"]


def test_a_pool_without_items_goes_with_its_last() -> None:
    source = SOURCE
    for name in ("mean-1", "mean-2", "mean-0"):
        source = editing.changed(source, editing.delete_item(name))
    assert [pool.id for pool in read_draft(source).pools] == ["charts"]


def test_sections_and_what_is_in_them_can_be_moved() -> None:
    assert [each["id"] for each in arranged(move_section("two", -1))["sections"]] == ["two", "one"]
    assert [each["id"] for each in arranged(move_section("two", 1))["sections"]] == ["one", "two"]
    assert arranged(move_entry("charts", -1))["sections"][0]["items"] == ["charts", "first"]
    assert [each["items"] for each in arranged(move_entry("charts", 1))["sections"]] == [
        ["first"],
        ["charts", "means", "last"],
    ]
    for wrong in (move_section("nobody", 1), move_entry("nobody", 1)):
        with pytest.raises(NotFound):
            arranged(wrong)


def test_a_mistake_in_a_section_is_named_with_its_line() -> None:
    lines = SOURCE.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == "- charts")
    lines[at] = lines[at].replace("charts", "carts")
    (problem,) = check("\n".join(lines)).problems
    assert (problem.line, problem.path) == (at + 1, "sections[0].items[1]")
