"""Answers and solutions in words, for whoever may see them after the exam."""

from __future__ import annotations

from typing import Any

import pytest

from grading import Graded, Tools, grade
from tests.grading.samples import CHOICE, CODE, ESSAY, MATCH, NUMERIC, SEVERAL, SHORT, made


@pytest.mark.parametrize(
    ("data", "solution"),
    [
        (CHOICE, "Option b"),
        (SEVERAL, "Option a\nOption b"),
        (MATCH, "France → Paris\nGermany → Berlin\nItaly → Rome\nVatican City → Rome"),
        (NUMERIC, "9.81"),
        ({**NUMERIC, "unit": "m/s^2"}, "9.81 m/s^2"),
        (SHORT, SHORT["answers"][0]),
        (ESSAY, None),
        (CODE, None),
    ],
)
def test_a_solution_in_words(data: dict[str, Any], solution: str | None) -> None:
    assert made(data).solution() == solution


@pytest.mark.parametrize(
    ("data", "response", "words"),
    [
        (CHOICE, {"choice": ["c"]}, "Option c"),
        (SEVERAL, {"choice": ["d", "a"]}, "Option a\nOption d"),
        (SEVERAL, {"choice": []}, ""),
        (MATCH, {"match": {"fr": "Lyon"}}, "France → Lyon\nGermany → –\nItaly → –\nVatican City → –"),
        (NUMERIC, {"text": "9,8"}, "9,8"),
        (CODE, {"source": "print(1)"}, "print(1)"),
    ],
)
def test_an_answer_in_words(data: dict[str, Any], response: dict[str, Any], words: str) -> None:
    assert made(data).answered(response) == words


@pytest.mark.parametrize("data", [NUMERIC, {**NUMERIC, "unit": "m/s^2"}])
def test_the_solution_of_a_number_earns_all_points(data: dict[str, Any]) -> None:
    item = made(data)
    got = grade(item, {"text": item.solution()}, (), Tools())
    assert isinstance(got, Graded)
    assert got.points == item.points
