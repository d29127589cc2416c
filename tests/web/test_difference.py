"""Where an output leaves the expected one: the page's own module, run by Node."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.node import ROOM, run

COMPARE = f"""
const {{ difference }} = await import("{ROOM}/kinds/difference.js");
say(asked.map(([expected, printed]) => difference(expected, printed)));
"""
BLANK = "\u00a0"


def differences(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return list(run(COMPARE, pairs))


def test_what_differs_is_marked_within_the_line() -> None:
    numbers, spaces, more, nothing, faces, four, blank = differences(
        ("1\n20\n3\n", "1\n25\n3\n"),
        ("1 2\n\n", "1 2  \n"),
        ("a\nb\nc\n", "a\nx\ny\nc\n"),
        ("42\n", ""),
        ("👍🏽!", "👍🏿!"),
        ("1\n2\n3\n4\n5\n6", "1\n2\n3\nfour\n5"),
        ("a\nb", "a\n\nb"),
    )
    assert numbers["first"] == 2
    assert numbers["expected"] == [["1", "", ""], ["2", "0", ""], ["3", "", ""]]
    assert numbers["printed"] == [["1", "", ""], ["2", "5", ""], ["3", "", ""]]
    assert spaces["first"] == 0
    assert [part for line in spaces["printed"] for part in line] == ["1 2", "", ""]
    assert more["first"] == 2
    assert more["expected"][1] == ["", "b", ""]
    assert more["printed"] == [["a", "", ""], ["", "x", ""], ["", "y", ""], ["c", "", ""]]
    assert [line[1] for line in four["expected"]] == ["", "", "", "4", "", "6"], "what is equal after it has no mark"
    assert [line[1] for line in four["printed"]] == ["", "", "", "four", ""]
    assert [line[1] for line in blank["printed"]] == ["", BLANK, ""]
    assert nothing == {"first": 1, "expected": [["", "42", ""]], "printed": [["", BLANK, ""]]}
    assert faces["expected"] == [["👍", "🏽", "!"]], "no half of a pair"


texts = st.lists(st.text("ab \t👍ü", max_size=6), max_size=6).map("\n".join)


@settings(max_examples=5, deadline=None)  # each is a crowd of its own: Node starts seldom
@given(st.lists(st.tuples(texts, texts), min_size=30, max_size=60))
def test_nothing_is_lost_and_equal_texts_have_no_marks(pairs: list[tuple[str, str]]) -> None:
    for (expected, printed), found in zip(pairs, differences(*pairs), strict=True):
        for text, lines in ((expected, found["expected"]), (printed, found["printed"])):
            shown = ["".join(line) for line in lines]
            seen = text.rstrip(" \t\n")
            assert [line.replace(BLANK, "") for line in shown] == [line.rstrip(" \t") for line in seen.split("\n")]
        same = found["expected"] == found["printed"]
        assert same == (found["first"] == 0)
        assert same == (not any(line[1] for line in (*found["expected"], *found["printed"])))
