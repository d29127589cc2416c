"""Drawings: lines of whole numbers, and the picture that is made of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.errors import ResponseError
from grading.grade import grade
from grading.item import check_response
from grading.kinds.drawing import ACROSS, COLOURS, MAX_NUMBERS, WIDTHS, Drawing
from grading.mark import Ungraded
from tests.grading.samples import DRAWING, STROKE, made

SVG = "{http://www.w3.org/2000/svg}"
points = st.tuples(st.integers(0, ACROSS), st.integers(0, 1_200), st.integers(1, 9))
stroke = st.builds(
    lambda colour, width, run: {
        "colour": colour,
        "width": width,
        "points": [number for each in run for number in each],
    },
    st.sampled_from(sorted(COLOURS)),
    st.sampled_from(sorted(WIDTHS)),
    st.lists(points, min_size=1, max_size=30),
)


def sheet() -> Drawing:
    return cast("Drawing", made(DRAWING))


@pytest.mark.parametrize(
    "change",
    [
        {"points": []},
        {"points": [1, 2]},
        {"points": [1, 2, 3.5]},
        {"points": [1, 2, True]},
        {"points": [1, 2, 0]},
        {"points": [1, 2, 10]},
        {"points": [-1, 2, 5]},
        {"points": [ACROSS + 1, 2, 5]},
        {"points": [1, 1_201, 5]},
        {"points": "1,2,5"},
        {"colour": "pink"},
        {"colour": []},
        {"width": "huge"},
        {"onload": "alert(1)"},
    ],
)
def test_a_line_is_exact(change: dict[str, Any]) -> None:
    check_response(sheet(), {"strokes": [STROKE], "text": ""})
    with pytest.raises(ResponseError):
        check_response(sheet(), {"strokes": [{**STROKE, **change}], "text": ""})


def test_a_sheet_can_be_full() -> None:
    full = {**STROKE, "points": [1, 2, 5] * (MAX_NUMBERS // 3)}
    check_response(sheet(), {"strokes": [full], "text": ""})
    for strokes in ([full, STROKE], [{**STROKE, "points": [1, 2, 5]}] * 3_001):
        with pytest.raises(ResponseError):
            check_response(sheet(), {"strokes": strokes, "text": ""})


def test_words_in_the_place_of_lines_count() -> None:
    got = grade(sheet(), {"strokes": [], "text": "A triangle above a square."})
    assert isinstance(got, Ungraded)
    assert got.reason == "A person looks at every drawing (0 lines)."


@given(strokes=st.lists(stroke, max_size=5), words=st.text(max_size=20).filter(lambda text: "\0" not in text))
@settings(deadline=None)
def test_the_picture_holds_every_line_and_no_word_of_the_candidate(strokes: list[Any], words: str) -> None:
    answer = {"strokes": strokes, "text": words.encode(errors="ignore").decode()}
    tree = ET.fromstring(sheet().svg(answer))
    assert {each.tag for each in tree.iter()} <= {f"{SVG}{name}" for name in ("svg", "rect", "g", "polyline")}
    drawn = [point for line in tree.iter(f"{SVG}polyline") for point in line.attrib["points"].split()]
    for each in strokes:
        for at in range(0, len(each["points"]), 3):
            assert f"{each['points'][at]},{each['points'][at + 1]}" in drawn
