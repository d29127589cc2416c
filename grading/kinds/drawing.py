"""A sheet to draw on. The answer is the lines themselves, so it is kept, proven and merged like any other answer.

    {"strokes": [{"colour": "black", "width": "thin", "points": [x, y, pressure, x, y, pressure, …]}], "text": "…"}

The sheet is 1,600 units wide; all numbers are whole. Pressure is 1 to 9, and 5 is what a mouse has. `text` is what the
drawing would show, in words, for whoever cannot draw here: it is graded in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self, cast

from grading.errors import ResponseError
from grading.kinds.base import Common, Item, Response, read_text
from grading.mark import Tools, Ungraded
from grading.reading import Fields
from grading.rubric import Rubric, read_rubric, shown_rubric
from sandbox.job import Result

ACROSS = 1_600  # units
COLOURS = {"black": "#1b1b1b", "blue": "#1f4fbf", "red": "#b3261e", "green": "#1a6b35"}
WIDTHS = {"thin": 3.0, "medium": 7.0, "thick": 16.0}
# About 9,000 points, far more than people draw in an exam; each save sends and keeps the whole sheet.
MAX_NUMBERS = 27_000
MAX_STROKES = 3_000
MAX_CHARS = 4_000


@dataclass(frozen=True)
class Stroke:
    """One line: (x, y, pressure) after (x, y, pressure)."""

    colour: str
    width: str
    points: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Drawing(Item):
    """`width` and `height` are the sheet's proportions, such as 4 and 3."""

    kind: ClassVar[str] = "drawing"
    rubric: Rubric
    width: int = 4
    height: int = 3

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        width = fields.whole("width", cls.width, least=1, most=100)
        height = fields.whole("height", cls.height, least=1, most=100)
        if not 1 / 3 <= height / width <= 3:
            raise fields.fail("height", "the sheet may be at most three times as high as wide, or as wide as high")
        return cls(**common, rubric=read_rubric(fields, common["points"]), width=width, height=height)

    @property
    def down(self) -> int:
        """The height of the sheet in its units."""
        return round(ACROSS * self.height / self.width)

    def shown(self) -> dict[str, Any]:
        return {"across": ACROSS, "down": self.down, "rubric": shown_rubric(self.rubric)}

    def check(self, response: Response) -> None:
        self.strokes(response)

    def is_blank(self, response: Response) -> bool:
        return not response["strokes"] and not str(response["text"]).strip()

    def answered(self, response: Response) -> str:
        return str(response["text"])

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Ungraded:
        count = len(self.strokes(response))
        lines = f"{count} {'line' if count == 1 else 'lines'}"
        return Ungraded(self.points, f"A person looks at every drawing ({lines}).", "person", {"strokes": count})

    def strokes(self, response: Response) -> tuple[Stroke, ...]:
        """The lines of a response. Raises `ResponseError`."""
        if set(response) != {"strokes", "text"} or not isinstance(response["strokes"], list | tuple):
            raise ResponseError("an answer to this item is a list of lines under 'strokes', and words under 'text'")
        read_text({"text": response["text"]}, "text", MAX_CHARS)
        if len(response["strokes"]) > MAX_STROKES:
            raise ResponseError(f"the drawing has more than {MAX_STROKES:,} lines")
        strokes = tuple(self._stroke(each) for each in response["strokes"])
        if sum(3 * len(stroke.points) for stroke in strokes) > MAX_NUMBERS:
            raise ResponseError("the drawing has more points than can be kept; take some lines away")
        return strokes

    def _stroke(self, entry: object) -> Stroke:
        if not isinstance(entry, Mapping) or set(entry) != {"colour", "width", "points"}:
            raise ResponseError("a line has exactly the fields colour, width and points")
        if entry["colour"] not in (*COLOURS,) or entry["width"] not in (*WIDTHS,):
            raise ResponseError(f"a line is {', '.join(COLOURS)}, and {', '.join(WIDTHS)}")
        numbers = entry["points"]
        if not isinstance(numbers, list | tuple) or not numbers or len(numbers) % 3:
            raise ResponseError("the points of a line are whole numbers, three for each point")
        if len(numbers) > MAX_NUMBERS or not all(type(number) is int for number in numbers):
            raise ResponseError("the points of a line are whole numbers, three for each point")
        points = tuple(cast("Iterator[tuple[int, int, int]]", zip(*[iter(numbers)] * 3, strict=True)))
        if not all(0 <= x <= ACROSS and 0 <= y <= self.down and 1 <= press <= 9 for x, y, press in points):
            raise ResponseError("a point lies outside of the sheet")
        return Stroke(str(entry["colour"]), str(entry["width"]), points)

    def svg(self, response: Response) -> str:
        """The drawing as a picture: made here of checked numbers, so nothing that a candidate wrote is in it. The page
        around it says in its own language that it is one.
        """
        lines = "".join(_line(stroke, points) for stroke in self.strokes(response) for points in _runs(stroke))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ACROSS} {self.down}" aria-hidden="true">'
            f'<rect width="{ACROSS}" height="{self.down}" fill="#ffffff"/>'
            f'<g fill="none" stroke-linecap="round" stroke-linejoin="round">{lines}</g></svg>'
        )


def _runs(stroke: Stroke) -> Iterator[list[tuple[int, int, int]]]:
    """Parts of a line that were drawn with the same pressure; each starts where the one before ends."""
    run = [stroke.points[0]]
    for before, point in pairwise(stroke.points):
        if point[2] != run[-1][2] and len(run) > 1:
            yield run
            run = [(before[0], before[1], point[2])]
        run.append(point)
    yield run


def _line(stroke: Stroke, run: list[tuple[int, int, int]]) -> str:
    width = WIDTHS[stroke.width] * (0.4 + 0.12 * run[-1][2])
    points = " ".join(f"{x},{y}" for x, y, _ in (run if len(run) > 1 else run * 2))
    return f'<polyline points="{points}" stroke="{COLOURS[stroke.colour]}" stroke-width="{width:.1f}"/>'
