"""What an author reads about skills, programmes and maps is understood in German."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from credentials.achievement.frameworks import from_case, from_table
from credentials.errors import Malformed
from exam_api.errors import PathwayFileWrong
from exam_api.exams.service.checking import sentence
from exam_api.pathways.service.files import read_map, read_programme
from exam_api.pathways.service.maps import from_file
from grading.errors import ItemError
from grading.exam import read_exam
from tests.exam_api.pathways.conftest import rule
from tests.exam_api.pathways.test_skills import MAP
from tests.grading.test_skills import changed
from tests.web.german import unsaid

EXAM = "0b6c7d9a-0000-4000-8000-000000000000"


def said(error: PathwayFileWrong) -> str:
    return str(error.extra["problems"][0]["message"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["items", 0, "skills"], ["chart"]),
        (["items", 0, "skills"], ["zzz"]),
        (["items", 0, "skills"], ["charts", "charts"]),
        (["certificate", "skills", 0, "url"], "charts"),
        (["certificate", "skills", 1, "id"], "charts"),
        (["certificate", "skills", 1, "level"], 2),
        (["certificate", "skills", 0, "type"], "CFItm"),
    ],
)
def test_mistakes_about_skills(path: list[Any], value: Any) -> None:
    with pytest.raises(ItemError) as wrong:
        read_exam(changed(path, value))
    assert unsaid(sentence(wrong.value)) == []


@pytest.mark.parametrize(
    "new_rule",
    [
        {"exam": "knots"},
        {"exam": EXAM, "programme": "x"},
        {},
        {"min_score": 3},
        {"exam": EXAM, "level": 2},
        {"skill": "x"},
        {"any_of": [{"exam": EXAM}, {"exam": EXAM}]},
        {"any_of": [{"exam": f"0b6c7d9a-0000-4000-8000-0000000000{n:02}"} for n in range(51)]},
        {"at_least": 3, "of": [{"exam": EXAM}]},
        {"any_of": [{"any_of": [{"any_of": [{"any_of": [{"any_of": [{"any_of": [{"exam": EXAM}]}]}]}]}]}]},
    ],
)
def test_mistakes_in_a_rule(new_rule: dict[str, Any]) -> None:
    data = yaml.safe_load(rule(EXAM)) | {"rule": new_rule}
    with pytest.raises(PathwayFileWrong) as wrong:
        read_programme(json.dumps(data))
    assert unsaid(said(wrong.value)) == []


@pytest.mark.parametrize(
    "change",
    [
        ("part_of: [rope-work]}", "part_of: [rop-work]}"),
        ("requires: [splicing]", "requires: [rigging]"),
        ("level: 2}]\n", "level: 3}]\n"),
        ("Rope work, url: https://case.example/CFItems/0", "W, url: https://c.example/0, part_of: [joining]"),
        ("url: https://case.example/CFItems/4, requires: [splicing]", "url: https://case.example/CFItems/3"),
        ("id: rigging", "id: splicing"),
        ("{level: 2, name: Does", "{level: 1, name: Does"),
        ("requires: [splicing]", "broader: [joining], levels: [{level: 2, name: A}, {level: 1, name: B}]"),
    ],
)
def test_mistakes_in_a_map(change: tuple[str, str]) -> None:
    with pytest.raises(PathwayFileWrong) as wrong:
        read_map(MAP.replace(*change))
    assert unsaid(said(wrong.value)) == []


@pytest.mark.parametrize(
    "content",
    [
        b'{"CFItems": []}',
        b'{"CFDocument": {}, "CFItems": []}',
        b"name,url\nA\n",
        b"name,url\nA,b,c\n",
        b"name,url,x\nA,b,c\n",
        b"name,url\n",
        b"\xff\xfe,url",
    ],
)
def test_mistakes_in_a_file_from_elsewhere(content: bytes) -> None:
    with pytest.raises(PathwayFileWrong) as wrong:
        from_file(content, "x")
    assert unsaid(said(wrong.value)) == []


def test_the_cores_refuse_what_is_no_table_and_no_package() -> None:
    with pytest.raises(Malformed):
        from_case([])
    with pytest.raises(Malformed):
        from_table("", "T")
