"""From results to points, feedback and evidence: rounds, groups, checkers, talks, functions, unit tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import Graded, Ungraded, grade, plan
from grading.errors import ItemError
from grading.kinds.code.trial import remarks_on
from sandbox.job import Interaction, InteractionOutcome, Job, RunOutcome, Verdict
from tests.grading.coded import CHECKER, Answer, answered, code, coded, each, graded, rows, said, went

# --- groups ---

RIGHT, WRONG = said("1"), said("0")
GROUPS = {
    "tests": [{"name": "shown", "expect": "1"}, *rows("a", "b"), *rows("c", "d")],
    "groups": [
        {"name": "first", "points": 4, "rule": "sum", "tests": ["a", "b"]},
        {"name": "second", "points": 8, "rule": "all", "tests": ["c", "d"], "needs": ["first"]},
    ],
}


@pytest.mark.parametrize(
    ("passing", "points"),
    [("12345", 12), ("2345", 12), ("23", 4), ("2", 2), ("1", 0), ("", 0), ("234", 4), ("245", 2), ("45", 0)],
)
def test_groups_add_up(passing: str, points: float) -> None:
    answers = {name: RIGHT if name in passing else WRONG for name in "12345"}
    got = graded(code(**GROUPS), each(answers))
    assert got.points == points
    assert f"{len(passing)} of 5 tests passed." in got.feedback
    assert ("Group 'second' counts nothing" in got.feedback) == ({"2", "3"} - set(passing) != set())


@given(
    st.lists(
        st.tuples(st.sampled_from(["sum", "min", "all"]), st.lists(st.booleans(), min_size=1, max_size=4)), max_size=5
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_the_groups_points_are_exact_and_never_fall(groups: list[tuple[str, list[bool]]]) -> None:
    if not groups:
        return
    listed: list[dict[str, Any]] = []
    names: list[str] = []
    answers: dict[str, Answer] = {}
    expected = 0.0
    for at, (rule, passed) in enumerate(groups):
        mine = [f"{at}-{number}" for number in range(len(passed))]
        listed.append({"name": str(at), "points": 3, "rule": rule, "tests": mine})
        for ok in passed:
            names.append(mine[len(names) - sum(len(other[1]) for other in groups[:at])])
            answers[str(len(names))] = RIGHT if ok else WRONG
        expected += 3 * sum(passed) / len(passed) if rule == "sum" else 3 * all(passed)
    item = code(points=3 * len(groups), tests=rows(*names), groups=listed)
    got = graded(item, each(answers))
    assert got.points == pytest.approx(expected, abs=1e-9)
    assert (got.points == item.points) == all(all(passed) for _, passed in groups)
    assert graded(item, RIGHT).points == item.points >= got.points


# --- checkers ---


def test_a_checker_sees_only_outputs_that_ended_well_and_in_a_job_of_its_own() -> None:
    item = code(tests=rows("a", "b", stdin="7"), checker=CHECKER)
    got, results = went(item, each({"1": said("5"), "2": said(verdict=Verdict.TIME_LIMIT)}))
    (job,) = plan(item, {"source": "print(1)"}, results[:1])
    assert isinstance(job, Job)
    assert [run.name for run in job.runs] == ["1"]
    assert job.runs[0].stdin == b"5"
    assert isinstance(got, Graded)
    assert got.points == 6
    assert "more computing time" in got.feedback


def test_a_checker_gives_a_part_of_the_points_and_says_why() -> None:
    item = code(tests=rows("a", hidden=False), checker=CHECKER)
    part = coded(42, feedback__score_multiplier_txt=b"0.25", feedback__judgemessage_txt=b"for us")
    got = graded(item, said("5"), part)
    assert got.points == 3
    assert "accepted, for 3 points" in got.feedback
    assert got.evidence["tests"][0]["said"] == "for us"
    no = coded(43, feedback__teammessage_txt=b"for you")
    assert "for you" in graded(item, said("5"), no).feedback


@pytest.mark.parametrize(
    "broken",
    [
        coded(1),
        coded(0),
        said(verdict=Verdict.TIME_LIMIT, exit_code=None),
        said(verdict=Verdict.COMPILE_ERROR, exit_code=None),
        coded(42, feedback__score_multiplier_txt=b"many"),
        coded(42, feedback__score_txt=b"1000"),
    ],
)
def test_a_checker_that_breaks_is_no_zero(broken: Answer) -> None:
    got, _ = went(code(tests=rows("a"), checker=CHECKER), said("5"), broken)
    assert isinstance(got, Ungraded)
    assert got.cause == "person"
    assert got.evidence["problems"]


def test_a_set_up_of_the_test_that_fails_is_no_zero() -> None:
    broken = said(verdict=Verdict.SET_UP_FAILED, exit_code=3, stderr=b"The test's own set-up failed: no such table")
    got, _ = went(code(tests=rows("a")), broken)
    assert isinstance(got, Ungraded)
    assert got.cause == "person"
    assert got.evidence["problems"] == ["1: The test's own set-up failed: no such table"]


def test_results_of_another_answer_or_half_of_them_are_no_grade() -> None:
    item = code(tests=rows("a"), checker=CHECKER)
    _, results = went(item, said("5"))
    for some in (results[:1], []):
        got = grade(item, {"source": "print(1)"}, some)
        assert isinstance(got, Ungraded)
        assert got.cause == "failure"
    skipped = said(verdict=Verdict.SKIPPED, exit_code=None)
    for program, judge in ((skipped, coded(42)), (said("5"), skipped)):
        got, _ = went(item, program, judge)
        assert isinstance(got, Ungraded)
        assert got.cause == "failure"


# --- talks, functions and unit tests ---


@pytest.mark.parametrize(
    ("program", "judge", "points", "words"),
    [
        (said(), coded(42), 12, "1 of 1"),
        (said(), coded(43), 0, "conversation"),
        (said(verdict=Verdict.WALL_LIMIT), coded(42), 0, "in time"),
        (said(verdict=Verdict.BLOCKED), coded(42), 0, "not allowed here"),
    ],
)
def test_a_talk(program: Answer, judge: Answer, points: float, words: str) -> None:
    got = graded(code(tests=rows("a"), interactor=CHECKER), program, judge)
    assert got.points == points
    assert words in got.feedback


def test_a_program_of_a_talk_that_does_not_compile_is_judged_at_once() -> None:
    item = code(tests=rows("a", "b"), interactor=CHECKER)
    (work,) = plan(item, {"source": "print("}, [])
    assert isinstance(work, Interaction)
    not_compiled = answered(work, said(verdict=Verdict.COMPILE_ERROR), said(verdict=Verdict.SKIPPED))
    assert isinstance(not_compiled, InteractionOutcome)
    result = replace(not_compiled, first=())  # as the engine answers: nobody began
    assert not plan(item, {"source": "print("}, [result])
    got = grade(item, {"source": "print("}, [result])
    assert isinstance(got, Graded)
    assert got.feedback.startswith("The program does not compile.")


def test_an_interactor_that_breaks_is_no_zero() -> None:
    got, _ = went(code(tests=rows("a"), interactor=CHECKER), said(), coded(5))
    assert isinstance(got, Ungraded)
    assert got.cause == "person"


def record(text: str) -> Answer:
    return said(f"\x1einvigil {text}\n")


@pytest.mark.parametrize(
    ("returns", "text", "same"),
    [
        (2, '{"int": "0x2"}', True),
        (2, '{"float": "2.0"}', True),
        (2, '{"float": "2.0000001"}', False),
        (2.0, '{"float": "2.0000001"}', True),
        (2.0, '{"int": "0x2"}', True),
        (1, "true", False),
        (True, "true", True),
        (True, '{"int": "0x1"}', False),
        (0, "null", False),
        (None, "null", True),
        ("2", '"2"', True),
        ("2", '{"int": "0x2"}', False),
        ([1, [2]], '{"list": [{"int": "0x1"}, {"list": [{"int": "0x2"}]}]}', True),
        ([1, 2], '{"list": [{"int": "0x2"}, {"int": "0x1"}]}', False),
        ([1, 2], '{"set": [{"int": "0x1"}, {"int": "0x2"}]}', False),
        ([], '{"set": []}', False),
        ([1, 2], '{"other": "generator"}', False),
        ({"a": 1}, '{"map": [["a", {"int": "0x1"}]]}', True),
        ({"a": 1}, '{"map": [["a", {"int": "0x1"}], ["a", {"int": "0x1"}]]}', False),
        ({"a": 1}, '{"map": {"a": 1}}', False),
        (1.0, '{"float": "nan"}', False),
        (1.0, '{"float": "1e999"}', False),
        (1.0, '{"int": "0x' + "f" * 5000 + '"}', False),
        (2, "2", False),
        (2, '{"int": 2}', False),
        (2, '{"int": "2", "x": 1}', False),
    ],
)
def test_values_are_compared_with_their_types(returns: Any, text: str, same: bool) -> None:
    item = code(mode="function", function="f", tests=[{"name": "a", "args": [], "returns": returns}])
    assert graded(item, record(f'{{"value": {text}}}')).points == (12 if same else 0)


@pytest.mark.parametrize(
    ("returns", "text", "same"),
    [
        ([1, 2], '{"list": [{"int": "0x2"}, {"int": "0x1"}]}', True),
        ([1, 2], '{"set": [{"int": "0x2"}, {"int": "0x1"}]}', True),
        ([1, 1], '{"set": [{"int": "0x1"}]}', False),
        ([1, 1, 2], '{"list": [{"int": "0x1"}, {"int": "0x2"}, {"int": "0x2"}]}', False),
        ([0.1, 3], '{"list": [{"int": "0x3"}, {"float": "0.1000000001"}]}', True),
        ([1, 3], '{"list": [{"float": "nan"}, {"int": "0x1"}]}', False),
        ([1, "1", None, True], '{"list": [true, null, "1", {"int": "0x1"}]}', True),
        ([1, "1", True], '{"list": [true, {"int": "0x1"}, {"int": "0x1"}]}', False),
        ([[1, 2], [3]], '{"list": [{"list": [{"int": "0x3"}]}, {"list": [{"int": "0x1"}, {"int": "0x2"}]}]}', True),
        ([[1, 2], [3]], '{"list": [{"list": [{"int": "0x3"}]}, {"list": [{"int": "0x2"}, {"int": "0x1"}]}]}', False),
        ([[1, 2], [3]], '{"list": [{"list": [{"int": "0x3"}]}, {"set": [{"int": "0x2"}, {"int": "0x1"}]}]}', True),
        ([1], '{"int": "0x1"}', False),
        ([], '{"set": []}', True),
        ([], "null", False),
        ([10**400, 0.5], '{"set": [{"float": "0.5"}, {"int": "' + hex(10**400) + '"}]}', True),
        (["a"] * 3000, '{"list": [' + ", ".join(['"a"'] * 3000) + "]}", False),
    ],
)
def test_members_in_any_order_where_the_test_says_so(returns: Any, text: str, same: bool) -> None:
    test = {"name": "a", "args": [], "returns": returns, "unordered": True}
    item = code(mode="function", function="f", tests=[test])
    assert graded(item, record(f'{{"value": {text}}}')).points == (12 if same else 0)


def test_only_a_list_has_an_order() -> None:
    with pytest.raises(ItemError, match="unordered"):
        code(mode="function", function="f", tests=[{"name": "a", "args": [], "returns": 1, "unordered": True}])


@pytest.mark.parametrize(
    "output",
    ["", "2\n", '{"value": 2}', "\x1einvigil \n", "\x1einvigil []\n", '\x1einvigil {"value": {"int": "0x2"}}'],
)
def test_an_output_without_a_record_is_no_value(output: str) -> None:
    item = code(mode="function", function="f", tests=[{"name": "a", "args": [], "returns": 2}])
    got = graded(item, said(output))
    assert got.points == 0
    assert "did not come back with a value" in got.feedback


@given(st.binary(max_size=60) | st.from_regex(rb'\x1einvigil \{"value": [\[\]{}":0-9a-fx,]*\}\n', fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_no_output_whatever_breaks_the_reading_of_values(output: bytes) -> None:
    item = code(mode="function", function="f", tests=[{"name": "a", "args": [], "returns": {"k": [1, "x"]}}])
    got = graded(item, lambda run: RunOutcome(run.name, Verdict.OK, 0, stdout=output))
    assert got.points == 0


def test_an_exception_that_is_asked_for() -> None:
    item = code(mode="function", function="f", tests=[{"name": "a", "args": [], "raises": "ValueError"}])
    assert graded(item, record('{"raised": ["Mine", "ValueError", "Exception"]}')).points == 12
    assert graded(item, record('{"raised": ["KeyError"]}')).points == 0
    assert graded(item, record('{"value": "ValueError"}')).points == 0
    assert graded(item, record('{"broken": ["ValueError"]}')).points == 0


def test_unit_tests_say_what_they_called_where_it_may_be_seen() -> None:
    data = {"mode": "unit", "unit_tests": "def test_a():\n    pass\n"}
    no = coded(43, feedback__teammessage_txt=b"f(3) is 4", feedback__judgemessage_txt=b"line 2: AssertionError")
    for hidden in (False, True):
        item = code(**data, tests=[{"name": "a", "run": "test_a", "hidden": hidden}])
        got = graded(item, said(), no)
        assert got.points == 0
        assert ("f(3) is 4" in got.feedback) == (not hidden)
        assert "not content" in got.feedback
        assert "AssertionError" not in got.feedback
        assert got.evidence["tests"][0]["said"] == "line 2: AssertionError"


# --- what the candidate reads ---


@pytest.mark.parametrize(
    ("feedback", "seen", "unseen"),
    [
        ("none", ["tested"], ["of 2 tests", "wanted-1", "wanted-2"]),
        ("verdicts", ["0 of 2 tests", "Test 'a'", "Hidden test 1"], ["wanted-1", "wanted-2"]),
        ("samples", ["wanted-1", "Hidden test 1"], ["wanted-2"]),
        ("full", ["wanted-1", "wanted-2"], []),
    ],
)
def test_feedback_goes_as_far_as_the_author_allows(feedback: str, seen: list[str], unseen: list[str]) -> None:
    both = [{"name": "a", "expect": "wanted-1"}, {"name": "b", "expect": "wanted-2", "hidden": True}]
    got = graded(code(feedback=feedback, tests=both), said("other"))
    assert [words for words in seen if words not in got.feedback] == []
    assert [words for words in unseen if words in got.feedback] == []


def test_what_was_printed_reaches_nobody_as_a_command_to_their_screen() -> None:
    item = code(tests=rows("a", hidden=False))
    got = graded(item, said("\x1b[2J\x1b]0;own title\x07\u202eevil\0<script>"))
    for text in (got.feedback, str(got.evidence)):
        assert not any(sign in text for sign in ("\x1b", "\0", "\u202e", "\x07"))


FORBIDDEN = """# import os
import os.path as p, sys
from os import path
text = "sorted(x)"
y = sorted(x)
__import__("os")
"""


def test_what_the_exercise_asks_not_to_use_is_pointed_out_and_costs_nothing() -> None:
    item = code(tests=rows("a"), forbid={"imports": ["os"], "words": ["sorted", "__import__"]})
    got, _ = went(item, RIGHT, response={"source": FORBIDDEN})
    assert isinstance(got, Graded)
    assert got.points == 12
    lines = [f"Line {number} of 'main.py' uses {word!r}" for number, word in ((2, "os"), (3, "os"), (5, "sorted"))]
    assert [line for line in lines if line not in got.feedback] == []
    assert "Line 1 " not in got.feedback
    assert "Line 4 " not in got.feedback
    assert len(remarks_on(item, {"source": FORBIDDEN})) == 4
    assert len(got.evidence["remarks"]) == 4


def test_a_rule_that_is_required_leaves_the_points_to_a_person() -> None:
    item = code(tests=rows("a"), forbid={"words": ["sorted"], "required": True})
    got, _ = went(item, RIGHT, response={"source": "sorted([])"})
    assert isinstance(got, Ungraded)
    assert got.cause == "person"
    assert got.evidence["tests"][0]["passed"]
    got, _ = went(item, RIGHT, response={"source": "# sorted\nprint(1)"})
    assert isinstance(got, Graded)


# --- several languages and files ---


def test_an_answer_chooses_its_language_and_brings_its_files() -> None:
    item = code(
        tests=rows("a", files={"data.txt": "4"}),
        languages=["python", "c"],
        language_limits=[{"language": "c", "cpu_seconds": 0.5}],
        given={"given.h": "int x;"},
        most_files=2,
    )
    (job,) = plan(item, {"files": {"main.c": "int main;", "own.c": ""}, "language": "c"})
    assert isinstance(job, Job)
    assert (job.language, job.entry, set(job.files)) == ("c", "main.c", {"main.c", "own.c", "given.h"})
    assert job.limits.cpu_seconds == 0.5
    assert job.runs[0].files == {"data.txt": b"4"}
    (job,) = plan(item, {"source": "print(1)"})
    assert isinstance(job, Job)
    assert (job.language, job.entry) == ("python", "main.py")


def test_a_grade_keeps_what_ran_it_so_that_a_later_one_can_say_why_it_differs() -> None:
    for item in (code(tests=rows("a")), code(tests=rows("a"), interactor=CHECKER)):
        evidence = graded(item, RIGHT).evidence
        assert evidence["engine"]["image"] == "image"
        assert evidence["language"] == "python"
        assert evidence["limits"]["cpu_seconds"] == 2
