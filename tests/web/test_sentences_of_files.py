"""What an author reads about a file is understood in German: every mistake that the readers' own tests make."""

from typing import Any

import pytest

from courses import plainly
from courses.errors import ProblemsError
from courses.source import MAX_ALIASES, MAX_DEPTH, read
from exam_api.exams.service.checking import check, sentence
from grading import read_item
from grading.errors import ItemError
from grading.exam import read_exam, to_data
from tests.courses.test_content import FILES, LESSONS, OUTLINE, SLIPS, problems
from tests.courses.test_source import REFUSED
from tests.exam_api.exams.test_checking import GOOD
from tests.grading.samples import CHOICE
from tests.grading.test_code_reading import GROUPS, MISTAKES_OF_GROUPS
from tests.grading.test_code_reading import MISTAKES as MISTAKES_OF_CODE
from tests.grading.test_reading_items import MISTAKES
from tests.web.german import say, unsaid


def mistake(data: Any, path: tuple[str | int, ...] = ("items", 3)) -> str:
    with pytest.raises(ItemError) as caught:
        read_item(data, path)
    return sentence(caught.value)


@pytest.mark.parametrize(("data", "change"), [(data, change) for data, change, _path, _words in MISTAKES])
def test_every_mistake_in_a_question_is_understood(data: dict[str, Any], change: dict[str, Any]) -> None:
    assert unsaid(mistake({**data, **change})) == []


@pytest.mark.parametrize("data", [data for data, _path, _words in MISTAKES_OF_CODE])
def test_every_mistake_in_a_question_with_a_program_is_understood(data: dict[str, Any]) -> None:
    assert unsaid(mistake({key: value for key, value in data.items() if value is not None})) == []


@pytest.mark.parametrize("groups", [groups for groups, _words in MISTAKES_OF_GROUPS])
def test_every_mistake_in_groups_of_tests_is_understood(groups: list[dict[str, Any]]) -> None:
    assert unsaid(mistake({**GROUPS, "groups": groups})) == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 201},
        {"options": 3},
        {"correct": ["a", "a"], "multiple": True},
        {"id": "a: b"},
        {"colour": "red"},
    ],
)
def test_more_mistakes_in_a_question_are_understood(change: dict[str, Any]) -> None:
    assert unsaid(mistake({**CHOICE, **change})) == []


def test_a_question_that_is_none_is_understood() -> None:
    assert unsaid(mistake(3)) == []
    assert unsaid(mistake({**CHOICE, "id": "x"} | {"kind": None}, ())) == []


@pytest.mark.parametrize(
    "change",
    [
        {"duration_minutes": 0},
        {"duration_minutes": 2.5},
        {"pass_percent": 0},
        {"proctoring": 3},
        {"items": []},
        {"items": 3},
        {"proctoring": {"camera": "yes"}},
        {"titel": "x"},
        {"zzzz": "x"},
        {"items": [CHOICE, CHOICE]},
    ],
)
def test_every_mistake_in_an_exam_is_understood(change: dict[str, Any]) -> None:
    exam = check(GOOD).exam
    assert exam is not None
    with pytest.raises(ItemError) as caught:
        read_exam({**to_data(exam), **change})
    assert unsaid(sentence(caught.value)) == []


def test_a_file_that_is_no_exam_is_understood() -> None:
    for text in ("- a", "5", "", "a: [", GOOD.replace("title: Averages", "title: *x")):
        found = check(text).problems
        assert found
        assert [each.message for each in found if unsaid(each.message)] == []


@pytest.mark.parametrize("text", [text for text, _line, _words in REFUSED])
def test_every_refused_text_is_understood(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read(text)
    assert [each.message for each in caught.value.problems if unsaid(each.message)] == []


def test_every_bound_of_a_text_is_understood() -> None:
    many = "a: &x 1\n" + "\n".join(f"b{at}: *x" for at in range(MAX_ALIASES + 1))
    for text in ("a: &x [*x]", many, "[" * (MAX_DEPTH + 1), "a: " + "x" * 1_000_001, "\n".join(["- 1"] * 100_001)):
        with pytest.raises(ProblemsError) as caught:
            read(text)
        assert [each.message for each in caught.value.problems if unsaid(each.message)] == []


def test_every_sentence_about_yaml_is_understood() -> None:
    assert [said for _context, _problem, said, _start in plainly._SENTENCES if unsaid(said)] == []


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new, _line, _words in SLIPS])
def test_every_mistake_in_a_course_is_understood(old: str, new: str) -> None:
    found = problems({**FILES, "course.yaml": OUTLINE.replace(old, new, 1)})
    assert [message for _file, _line, message in found if unsaid(message)] == []


@pytest.mark.parametrize("text", [text for text, _line, _words in LESSONS])
def test_every_mistake_in_a_lesson_is_understood(text: str) -> None:
    found = problems({**FILES, "lessons/a.md": text, "lessons/c.md": "Unused."})
    assert [message for _file, _line, message in found if unsaid(message)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("modules:", "modules: 3\nmore:"),
        ("summary: Two lessons.", "summary: Two lessons.\nlanguage: Klingon"),
        ("title: First", "title: First\n    zzzz: 1"),
        ("        after: [a]", "        file: lessons/a.md\n        after: [a]"),
        ("modules:", "modules: []\nmore:"),
        ("  - id: one", "  - 5\n  - id: one"),
    ],
)
def test_more_mistakes_in_a_course_are_understood(old: str, new: str) -> None:
    found = problems({**FILES, "course.yaml": OUTLINE.replace(old, new, 1)})
    assert found
    assert [message for _file, _line, message in found if unsaid(message)] == []


def test_an_authors_own_words_stay() -> None:
    assert say("\"kind\": 'is missing' must be one of: choice, code; did you mean 'code'?") == (
        "„kind“: 'is missing' muss eines von diesen sein: choice, code; meinten Sie 'code'?"
    )
