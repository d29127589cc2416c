"""A course folder becomes a course, or a list of what to mend, each with file and line."""

from pathlib import Path

import pytest

import courses
from courses.__main__ import main
from courses.content import Course, read_course
from courses.errors import ContentError, SourceError, UnknownLesson
from courses.folder import read_folder

EXAMPLE = Path(courses.__file__).parent / "examples" / "data-literacy"

OUTLINE = """\
slug: tiny
title: A tiny course
summary: Two lessons.
modules:
  - id: one
    title: First
    lessons:
      - id: a
        title: Lesson A
        minutes: 5
      - id: b
        title: Lesson B
        minutes: 7
        after: [a]
        objectives: [do b]
exams:
  - slug: final
    title: The exam
"""
FILES = {"course.yaml": OUTLINE, "lessons/a.md": "Text of A.\n", "lessons/b.md": "## More\n\nText of B.\n"}


def problems(files: dict[str, str]) -> list[tuple[str, int, str]]:
    with pytest.raises(ContentError) as caught:
        read_course(files)
    return [(found.file, found.line, found.message) for found in caught.value.problems]


def test_a_course_is_read_in_order() -> None:
    course = read_course(FILES)
    assert (course.slug, course.language, course.mastery, course.minutes) == ("tiny", "en", 0.8, 12)
    assert [lesson.id for lesson in course.lessons] == ["a", "b"]
    assert course.lesson("b").after == ("a",)
    assert course.lesson("b").objectives == ("do b",)
    assert course.lesson("a").body_markdown == "Text of A.\n"
    assert course.exams[0].after == ("a", "b")
    with pytest.raises(UnknownLesson, match="c"):
        course.lesson("c")


def test_an_exam_may_ask_for_less_and_for_nothing() -> None:
    some = read_course({**FILES, "course.yaml": OUTLINE + "    after: [a]\n"})
    assert some.exams[0].after == ("a",)
    none = read_course({**FILES, "course.yaml": OUTLINE + "    after: []\n"})
    assert none.exams[0].after == ()


SLIPS = [
    ("title: A tiny", "tittle: A tiny", 2, 'did you mean "title"?'),
    ("slug: tiny", "slug: Tiny Course", 1, "small letters"),
    ("minutes: 5", "minutes: five", 10, "number from 1 to 240"),
    ("minutes: 5", "minutes: 0", 10, "number from 1 to 240"),
    ("minutes: 5", "minutes: true", 10, "number from 1 to 240"),
    ("after: [a]", "after: [b]", 14, "no lesson above"),
    ("after: [a]", "after: a", 14, "must be a list"),
    ("id: b", "id: a", 11, "Two lessons have the id"),
    ("slug: final", "slug: final\n    title: x\n  - slug: final", 19, "stands twice"),
    ("summary: Two lessons.", "summary: ''", 3, "missing"),
    ("summary: Two", "mastery: 1.5\nsummary: Two", 3, "from 0 to 1"),
    ("title: First", "title: " + "x" * 201, 6, "longer than 200"),
    ("minutes: 7", "file: elsewhere.md\n        minutes: 7", 13, "not in this folder"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), SLIPS)
def test_each_slip_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    found = problems({**FILES, "course.yaml": OUTLINE.replace(old, new, 1)})
    assert any(at == line and words in message for file, at, message in found if file == "course.yaml"), found


def test_all_problems_come_at_once() -> None:
    broken = OUTLINE.replace("minutes: 5", "minutes: x").replace("minutes: 7", "minutes: y")
    assert len(problems({**FILES, "course.yaml": broken})) == 2


LESSONS = [
    ("", 1, "empty"),
    ("Hello\n\n# Title\n", 3, "start headings at ##"),
    ("## A\n\n#### B\n", 3, "use ###"),
    ("Hello\n\n<b>bold</b>\n", 3, "HTML"),
    ("Hello\n\n<script>x</script>\n", 3, "HTML"),
    ("Look:\n\n![](x.png)\n", 3, "Describe the picture"),
    ("Look:\nagain\n![A curve](nowhere.png)\n", 3, "nowhere.png"),
    ("[here](b.txt)\n", 1, "b.txt"),
    ("[out](../../secret.md)\n", 1, "not in this folder"),
]


@pytest.mark.parametrize(("text", "line", "words"), LESSONS)
def test_a_lesson_everybody_can_read(text: str, line: int, words: str) -> None:
    [(file, at, message)] = problems({**FILES, "lessons/a.md": text})
    assert (file, at) == ("lessons/a.md", line)
    assert words in message


def test_links_that_lead_somewhere_are_fine() -> None:
    text = "[b](b.md#more) [out](https://example.org) [down](#x) ![A curve](../pictures/curve.png)\n"
    course = read_course({**FILES, "lessons/a.md": text, "pictures/curve.png": ""})
    assert text.strip() in {lesson.body_markdown.strip() for lesson in course.lessons}


def test_a_forgotten_lesson_file_is_noticed() -> None:
    assert problems({**FILES, "lessons/c.md": "Text."})[0][0] == "lessons/c.md"


def test_without_an_outline_there_is_no_course() -> None:
    assert "no course.yaml" in problems({})[0][2]
    with pytest.raises(SourceError):
        read_course({"course.yaml": "a: [1"})
    assert problems({"course.yaml": "- just\n- a list\n"})


def test_the_example_course_is_in_order_and_real() -> None:
    course: Course = read_course(read_folder(EXAMPLE))
    assert (len(course.modules), len(course.lessons), len(course.exams)) == (2, 5, 1)
    assert all(len(lesson.body_markdown.split()) > 250 for lesson in course.lessons)
    assert all("## Try it" in lesson.body_markdown and lesson.objectives for lesson in course.lessons)


def test_the_code_in_the_example_lessons_runs() -> None:
    lesson = read_course(read_folder(EXAMPLE)).lesson("first-function")
    blocks = [part.split("```")[0] for part in lesson.body_markdown.split("```python\n")[1:]]
    assert len(blocks) >= 6
    exec("waits = [2, 3, 3, 4, 28]\n" + "\n".join(blocks), {})


def test_a_folder_is_read_without_what_is_hidden_or_outside(tmp_path: Path) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("hidden")
    (tmp_path / "lessons" / "a.md").write_text("äöü", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / "outside.md").symlink_to("/etc/hostname")
    assert read_folder(tmp_path) == {"lessons/a.md": "äöü", "picture.png": ""}
    (tmp_path / "bad.md").write_bytes(b"ok\nb\xff")
    with pytest.raises(ContentError, match=r"bad\.md, line 2"):
        read_folder(tmp_path)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLE)]) == 0
    assert main(["outline", str(EXAMPLE)]) == 0
    assert "Together is not because (correlation-and-cause, 12 min)  after: mean-and-median" in capsys.readouterr().out
    (tmp_path / "course.yaml").write_text("slug: x\n")
    assert main(["check", str(tmp_path)]) == 1
    assert "course.yaml, line 1" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "absent")]) == 1
