"""Each kind of mistake in an exam file is named with its exact line, in words an author can act on."""

from __future__ import annotations

import textwrap

import pytest

from exam_api.exams.service.checking import check
from tests.factories import EXAMPLE_EXAM

GOOD = textwrap.dedent(
    """\
    title: Averages
    duration_minutes: 30
    pass_percent: 50
    items:
      - id: mean
        kind: choice
        title: The mean
        prompt: What is the mean of 1 and 3?
        points: 2
        options:
          - {id: a, text: "2"}
          - {id: b, text: "4"}
        correct: a
      - id: speed
        kind: numeric
        title: Speed
        prompt: How fast?
        points: 3
        value: 9.81
        unit: m/s^2
      - id: why
        kind: essay
        title: Why
        prompt: Explain.
        points: 2
        rubric:
          - {text: A reason, points: 2}
    """
)


def test_the_file_that_the_others_break_is_right() -> None:
    checked = check(GOOD)
    assert checked.problems == ()
    assert checked.outline is not None
    assert [(item.id, item.line) for item in checked.outline.items] == [("mean", 5), ("speed", 14), ("why", 21)]
    assert checked.outline.max_points == 7


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("title: Averages\n", "", 1, '"title"'),
        ("duration_minutes: 30", "duration_minutes: 3000", 2, "from 1 to 1440"),
        ("pass_percent: 50", "pass_percent: half", 3, "must be a number"),
        ("pass_percent: 50", "pas_percent: 50", 3, "did you mean 'pass_percent'"),
        ("    kind: choice", "    kind: choise", 6, "did you mean 'choice'"),
        ("    points: 3", "    points: -3", 18, '"points"'),
        ("    correct: a", "    correct: c", 13, "is not an option"),
        ('{id: b, text: "4"}', '{id: a, text: "4"}', 12, "used twice"),
        ("    unit: m/s^2", "    unit: wuz", 20, "not a unit"),
        ("points: 2}", "points: 5}", 26, "add up to 5"),
        ("  - id: why", "  - id: mean", 21, "used twice"),
        ("    prompt: How fast?", '    prompt: "How fast?', 17, "never closed"),
        ("    value: 9.81", "\tvalue: 9.81", 19, "tab"),
        ("    title: Speed", "    title: Speed\n    title: Again", 17, "stands here twice"),
        ("    value: 9.81", "    value: *nine", 19, "starts with *"),
        ("    value: 9.81", "    value: !!python/object 1", 19, "tag"),
    ],
)
def test_a_mistake_is_named_with_its_line(right: str, wrong: str, line: int, said: str) -> None:
    assert GOOD.count(right) >= 1
    problems = check(GOOD.replace(right, wrong, 1)).problems
    assert any(problem.line == line and said in problem.message for problem in problems), problems


def test_every_wrong_question_is_listed_not_only_the_first() -> None:
    text = GOOD.replace("pass_percent: 50", "pass_percent: 0").replace("points: 2\n", "points: none\n")
    assert [problem.line for problem in check(text).problems] == [3, 9, 25]
    assert check(text).exam is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a\n- b\n",
        "title: [",
        "a: &a [1]\n" + "".join(f"b{n}: *a\n" for n in range(500)),
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n",
        "[" * 5_000,
        "x: y\n" * 100,
        "title: \ud800",
        "title: a\x00b",
        "items: 5",
        "items: {}",
        "items: [null, 3, {}]",
        "n: " + "9" * 5_000,
        "x" * 1_100_000,
    ],
)
def test_nothing_an_author_sends_is_more_than_a_problem(text: str) -> None:
    checked = check(text)
    assert checked.exam is None
    assert checked.problems
    assert all(problem.line >= 1 and problem.message for problem in checked.problems)


def test_the_example_that_ships_is_right() -> None:
    assert check(EXAMPLE_EXAM.read_text(encoding="utf-8")).problems == ()
