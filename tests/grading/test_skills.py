"""Skills in the exam file: what a certificate proves, which items and sections prove it, and what each section came to."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading import read_exam
from grading.deal import deal
from grading.errors import ItemError
from grading.exam import Exam, public, to_data
from grading.mark import Grade, Graded, Ungraded
from grading.parts import averaged, evidence, parts, proven_by
from grading.scale import result
from grading.skills import TYPES, Skill
from tests.grading.samples import CHOICE, NUMERIC, SHORT

CASE = "https://case.example/ims/case/v1p0/CFItems/7"
SKILLS = [
    {"id": "charts", "name": "Reads charts", "url": CASE, "framework": "Data", "code": "DL.3", "level": 2},
    {"id": "charts-well", "name": "Reads charts", "url": CASE, "level": 4},
    {"id": "python", "name": "Python", "url": "http://data.europa.eu/esco/skill/ccd0a1d9", "type": "ESCO"},
    {"id": "tests", "name": "Testing", "url": "urn:example:testing", "type": "CTDL"},
]
DATA: dict[str, Any] = {
    "title": "Skills",
    "duration_minutes": 30,
    "pass_percent": 60,
    "certificate": {
        "name": "Charts",
        "description": "Reads them.",
        "criteria": "Answer.",
        "kind": "micro-credential",
        "skills": SKILLS,
    },
    "pools": [{"id": "drawn", "draw": 1, "items": ["pick", "pick-too"]}],
    "sections": [
        {"id": "one", "title": "Charts", "items": ["drawn"]},
        {"id": "two", "title": "Numbers", "items": ["speed", "why"], "skills": ["python"]},
    ],
    "items": [
        {**CHOICE, "skills": ["charts"]},
        {**CHOICE, "id": "pick-too", "skills": ["charts-well"]},
        {**NUMERIC, "skills": ["tests"]},
        SHORT,
    ],
}


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    data = deepcopy(DATA)
    node: Any = data
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return data


def test_skills_are_read_and_written_back() -> None:
    exam = read_exam(DATA)
    assert exam.certificate is not None
    assert exam.certificate.kind == "micro-credential"
    assert exam.certificate.skills[0] == Skill("charts", "Reads charts", CASE, "Data", "DL.3", "CFItem", 2)
    assert read_exam(json.loads(json.dumps(to_data(exam)))) == exam


def test_an_exam_without_them_keeps_its_digest() -> None:
    bare = {key: value for key, value in DATA.items() if key not in {"pools", "sections"}}
    bare["items"] = [CHOICE]
    bare["certificate"] = dict.fromkeys(("name", "description", "criteria"), "Words")
    written = json.dumps(to_data(read_exam(bare)))
    assert "skills" not in written
    assert "kind" not in to_data(read_exam(bare))["certificate"]


def test_candidates_are_not_told_what_a_question_proves() -> None:
    assert "skills" not in json.dumps(public(read_exam(DATA)))


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        (["items", 0, "skills"], ["chart"], "items[0].skills[0]", "did you mean 'charts'?"),
        (["items", 0, "skills"], ["zzz"], "items[0].skills[0]", "they are: charts, charts-well, python, tests"),
        (["items", 0, "skills"], ["charts", "charts"], "items[0].skills[1]", "used twice"),
        (["sections", 1, "skills"], ["pyton"], "sections[1].skills[0]", "did you mean 'python'?"),
        (["certificate", "kind"], "micro", "certificate.kind", "must be one of"),
        (["certificate", "skills", 0, "url"], "charts", "certificate.skills[0].url", "full address"),
        (["certificate", "skills", 0, "url"], "https:// x", "certificate.skills[0].url", "full address"),
        (["certificate", "skills", 0, "url"], "https:///path", "certificate.skills[0].url", "full address"),
        (["certificate", "skills", 0, "type"], "CFItm", "certificate.skills[0].type", "did you mean 'CFItem'?"),
        (["certificate", "skills", 0, "level"], 10, "certificate.skills[0].level", "from 1 to 9"),
        (["certificate", "skills", 0, "levle"], 1, "certificate.skills[0].levle", "did you mean 'level'?"),
        (["certificate", "skills", 1, "level"], 2, "certificate.skills[1].url", "used twice"),
        (["certificate", "skills", 1, "id"], "charts", "certificate.skills[1].id", "used twice"),
        (["certificate"], None, "items[0].skills[0]", "none yet"),
    ],
)
def test_a_mistake_names_its_place_and_what_to_write(path: list[Any], value: Any, where: str, said: str) -> None:
    with pytest.raises(ItemError) as refused:
        read_exam(changed(path, value))
    found = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in refused.value.path).lstrip(".")
    assert found == where
    assert said in refused.value.message


@pytest.mark.parametrize("kind", TYPES)
def test_every_framework(kind: str) -> None:
    assert read_exam(changed(["certificate", "skills", 0, "type"], kind)) is not None


def test_what_proves_what() -> None:
    exam = read_exam(DATA)
    assert evidence(exam) == {"charts": ("pick",), "charts-well": ("pick-too",), "python": (), "tests": ("speed",)}
    assert proven_by(exam, exam.sections[0]) == ("charts", "charts-well"), "by its pool's items"
    assert proven_by(exam, exam.sections[1]) == ("python",), "what the author wrote stands above what its items say"


def graded(form: Exam, shares: list[float]) -> dict[str, Grade]:
    return {
        item.id: Graded(round(item.points * share, 6), item.points, 1, certain=True, feedback="")
        for item, share in zip(form.items, shares, strict=True)
    }


shares = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(shares, st.binary(min_size=16, max_size=16), st.sampled_from([0.0, 12.5, 100.0]))
def test_sections_add_up_to_the_exam(found: list[float], seed: bytes, off: float) -> None:
    form = deal(read_exam(DATA), seed.hex()).exam
    marks = graded(form, found)
    whole = result(list(marks.values()), 60, off)
    told = parts(form, marks, off)
    assert [each.id for each in told] == ["one", "two"]
    assert all(0 <= each.percent <= 100 for each in told)
    assert sum(each.points for each in told) == pytest.approx(whole.points, abs=1e-5)
    assert sum(each.max_points for each in told) == whole.max_points
    weighted = sum(each.percent * each.max_points for each in told) / whole.max_points
    assert weighted == pytest.approx(whole.percent, abs=1e-4)


@given(st.lists(st.tuples(shares, st.binary(min_size=16, max_size=16)), min_size=1, max_size=4))
def test_the_mean_of_attempts_lies_between_them(tries: list[tuple[list[float], bytes]]) -> None:
    exam = read_exam(DATA)
    forms = [(deal(exam, seed.hex()).exam, found) for found, seed in tries]
    several = [parts(form, graded(form, found)) for form, found in forms]
    for at, mean in enumerate(averaged(several)):
        percents = [each[at].percent for each in several]
        assert min(percents) - 1e-4 <= mean.percent <= max(percents) + 1e-4


def test_what_is_not_graded_has_earned_nothing_yet() -> None:
    form = deal(read_exam(DATA), "0" * 32).exam
    waits = {item.id: Ungraded(item.points, "later", "person") for item in form.items}
    assert [each.percent for each in parts(form, waits)] == [0, 0]
    assert [each.percent for each in parts(form, {})] == [0, 0]


def test_one_sheet_has_no_parts() -> None:
    bare = changed(["pools"], [])
    bare["sections"] = []
    assert parts(read_exam(bare), {}) == ()
