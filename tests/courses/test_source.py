"""What an author types is read as typed, and what is wrong is named with its line."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.errors import SourceError
from courses.source import MAX_ALIASES, MAX_DEPTH, read


def problem_of(text: str) -> tuple[int, str]:
    with pytest.raises(SourceError) as caught:
        read(text, "exam.yaml")
    first = caught.value.problems[0]
    assert first.file == "exam.yaml"
    return first.line, first.message


def test_values_and_lines() -> None:
    source = read(
        "title: Übung\nitems:\n  - id: a\n    points: 2\n  - id: b\n    options: [x,\n      y]\n", "exam.yaml"
    )
    assert source.data == {
        "title": "Übung",
        "items": [{"id": "a", "points": 2}, {"id": "b", "options": ["x", "y"]}],
    }
    assert source.line(("items",)) == 2
    assert source.line(("items", 0, "points")) == 4
    assert source.line(("items", 1)) == 5
    assert source.line(("items", 1, "options", 1)) == 7


def test_what_is_not_there_has_the_line_of_its_nearest_ancestor() -> None:
    source = read("items:\n  - id: a\n")
    assert source.line(("items", 0, "points")) == 2
    assert source.line(("items", 7, "points")) == 1
    assert source.line(("nothing",)) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("No", "No"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2027-01-31", "2027-01-31"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("123456789012345678901", "123456789012345678901"),
        (".inf", ".inf"),
        ("'5'", "5"),
        ('""', ""),
        ("true", True),
        ("~", None),
        ("", None),
        ("5", 5),
        ("-3", -3),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0.07", 0.07),
    ],
)
def test_plain_values_mean_what_a_person_thinks(typed: str, meant: object) -> None:
    assert read(f"value: {typed}").data == {"value": meant}


REFUSED = [
    ("", 1, "empty"),
    ("a: 1\nb: 2\na: 3", 3, '"a" stands here twice; it is already on line 1'),
    ("a: foo\n\tbar: 1", 2, "tab"),
    ("a: b: c", 1, "colon"),
    ("a: 1\nb\nc: 2", 2, "lacks a colon"),
    ("a: 1\nb: [1,\n 2\n", 2, "not closed"),
    ("a: 'x\n", 1, "never closed"),
    ("a: @me", 1, "quotation marks"),
    ("a: *me", 1, "quotation marks"),
    ("a: 1\nb: !!python/object:os.system x", 2, "not allowed"),
    ("a: !!int 5", 1, "not allowed"),
    ("---\na\n---\nb", 3, "Only one document"),
    ("a: 1\nb: \x07", 2, "U+0007"),
    ("a: \ud800", 1, "U+D800"),
    ("a: 1e999", 1, "too large"),
    ("? [a]\n: b", 1, "plain text"),
    ("a: &x {b: 1}\nc:\n  <<: *x", 3, "Merging"),
    ("x: - a", 1, "its own line"),
]


@pytest.mark.parametrize(("text", "line", "words"), REFUSED)
def test_refusals_name_the_line(text: str, line: int, words: str) -> None:
    found = problem_of(text)
    assert found[0] == line
    assert words in found[1]


def test_every_duplicate_is_reported_at_once() -> None:
    with pytest.raises(SourceError) as caught:
        read("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [problem.line for problem in caught.value.problems] == [2, 3]


def test_a_reference_repeats_its_value() -> None:
    assert read("a: &x [1, 2]\nb: *x").data == {"a": [1, 2], "b": [1, 2]}


def test_a_reference_into_itself_is_refused() -> None:
    assert "unfold" in problem_of("a: &x [*x]")[1]


def test_a_small_file_cannot_unfold_into_a_large_one() -> None:
    bomb = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 3) if i else 'x, x, x'}]" for i in range(1, 7))
    bomb = "a0: &a0 [" + ", ".join(["x"] * 500) + "]\n" + bomb
    assert "unfold" in problem_of(bomb)[1]


def test_too_many_references_are_refused() -> None:
    assert "references" in problem_of("a: &x 1\n" + "\n".join(f"b{i}: *x" for i in range(MAX_ALIASES + 1)))[1]


def test_depth_is_bounded() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).data
    assert "deep" in problem_of("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[1]
    assert "deep" in problem_of("[" * 200_000)[1]


def test_size_is_bounded() -> None:
    assert "larger" in problem_of("a: " + "x" * 1_000_001)[1]
    assert "values" in problem_of("\n".join(["- 1"] * 100_001))[1]


plain = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
written = plain | st.text(alphabet=string.printable[:-5] + "äß€", max_size=20)
trees = st.recursive(
    written,
    lambda child: st.lists(child, max_size=4) | st.dictionaries(st.text("abc", max_size=3), child, max_size=4),
    max_leaves=15,
)


@given(trees)
@settings(max_examples=50, deadline=None)
def test_json_is_read_as_json(tree: object) -> None:
    """JSON is YAML, so what JSON writes must come back the same."""
    assert read(json.dumps(tree, ensure_ascii=False)).data == tree


@given(st.text(max_size=60) | st.text("ab:-[]{}*&!|>#%@'\"\\ \n\t", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_with_a_line_inside_it(text: str) -> None:
    last = len(text.replace("\r\n", "\n").splitlines()) + 1
    assert all(1 <= line <= last for line in _lines(text))


def _lines(text: str) -> list[int]:
    try:
        return list(read(text).lines.values())
    except SourceError as error:
        return [problem.line for problem in error.problems] or [0]
