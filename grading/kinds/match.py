"""Give each entry on the left one of the texts on the right.

Each pair earns the same share of the points:

    points x right rows / rows

A row left open earns nothing. The right side may hold `distractors`, which belong nowhere, and one text may belong to
several rows. What the candidate sees on the right stands in alphabetical order, so its order says nothing about the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from grading.errors import ResponseError
from grading.kinds.base import Common, Item, Response
from grading.mark import Graded, Tools
from grading.reading import Fields, Path, unique
from sandbox.job import Result


@dataclass(frozen=True)
class Pair:
    """A row: `left` is Markdown, `right` one line of plain text, because it stands in a list to choose from."""

    id: str
    left: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Match(Item):
    """An answer maps the ids of rows to texts of the right side."""

    kind: ClassVar[str] = "match"
    pairs: tuple[Pair, ...]
    distractors: tuple[str, ...] = ()

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        rows = fields.rows("pairs", least=2, most=26)
        pairs = tuple(_pair(entry, path) for entry, path in rows)
        unique([(pair.id, (*path, "id")) for pair, (_, path) in zip(pairs, rows, strict=True)], "pair id")
        distractors = tuple(_line(text) for text in fields.texts("distractors", most=26, longest=400))
        item = cls(**common, pairs=pairs, distractors=distractors)
        paths: list[tuple[str, Path]] = [
            (text, (*fields.path, "distractors", at)) for at, text in enumerate(item.distractors)
        ]
        unique([*((text, ()) for text in {pair.right for pair in pairs}), *paths], "text")
        if len(item.right()) < 2:
            raise fields.fail("pairs", "must have two different right sides; or add a distractor")
        return item

    def right(self) -> list[str]:
        """What can be chosen, each text once."""
        return sorted({*(pair.right for pair in self.pairs), *self.distractors})

    def shown(self) -> dict[str, Any]:
        return {"left": [{"id": pair.id, "text": pair.left} for pair in self.pairs], "right": self.right()}

    def check(self, response: Response) -> None:
        picks = response.get("match")
        if set(response) != {"match"} or not isinstance(picks, Mapping):
            raise ResponseError("an answer to this item maps its rows to texts of the right side, under 'match'")
        rows, texts = {pair.id for pair in self.pairs}, set(self.right())
        for row, text in picks.items():
            if row not in rows:
                raise ResponseError("the answer names a row that this item does not have")
            if not isinstance(text, str) or text not in texts:
                raise ResponseError("the answer names a text that this item does not have on its right side")

    def is_blank(self, response: Response) -> bool:
        return not response["match"]

    def solution(self) -> str:
        return self._words({pair.id: pair.right for pair in self.pairs})

    def answered(self, response: Response) -> str:
        return self._words(cast("Mapping[str, str]", response["match"]))

    def _words(self, picks: Mapping[str, str]) -> str:
        """One row on each line; a row left open says so by a dash."""
        return "\n".join(f"{pair.left} → {picks.get(pair.id, '–')}" for pair in self.pairs)

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Graded:
        picks = cast("Mapping[str, str]", response["match"])
        right = [pair.id for pair in self.pairs if picks.get(pair.id) == pair.right]
        share = len(right) / len(self.pairs)
        feedback = "Correct." if share == 1 else "Partly correct." if share > 0 else "Not correct."
        evidence = {"picked": dict(picks), "correct": {pair.id: pair.right for pair in self.pairs}, "share": share}
        return Graded(self.points * share, self.points, 1.0, certain=True, feedback=feedback, evidence=evidence)

    def guessed(self) -> float:
        """The part of the points (0 to 1) that a blind guess in every row earns on average."""
        return 1 / len(self.right())


def _pair(entry: object, path: Path) -> Pair:
    fields = Fields(entry, path, ("id", "left", "right"))
    right = _line(fields.text("right", longest=400))
    return Pair(fields.slug("id"), fields.text("left", longest=4_000), right)


def _line(text: str) -> str:
    """Without line breaks and double spaces: two texts that look alike in a list must be the same text."""
    return " ".join(text.split())
