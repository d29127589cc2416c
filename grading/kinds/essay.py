"""An essay. A person always grades it, along the rubric; the machine only counts words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from grading.kinds.base import Common, Item, Response, read_text
from grading.mark import Tools, Ungraded
from grading.reading import Fields
from grading.rubric import Rubric, read_rubric, shown_rubric
from sandbox.job import Result

MAX_CHARS = 100_000


@dataclass(frozen=True, kw_only=True)
class Essay(Item):
    """The rubric's points add up to the item's. `max_words` 0 means that no limit is told."""

    kind: ClassVar[str] = "essay"
    rubric: Rubric
    min_words: int = 0
    max_words: int = 0

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        rubric = read_rubric(fields, common["points"])
        min_words = fields.whole("min_words", 0, least=0, most=20_000)
        max_words = fields.whole("max_words", 0, least=0, most=20_000)
        if max_words and max_words < min_words:
            raise fields.fail("max_words", f"must be at least min_words, {min_words}")
        return cls(**common, rubric=rubric, min_words=min_words, max_words=max_words)

    def shown(self) -> dict[str, Any]:
        return {"min_words": self.min_words, "max_words": self.max_words, "rubric": shown_rubric(self.rubric)}

    def check(self, response: Response) -> None:
        read_text(response, "text", MAX_CHARS)

    def is_blank(self, response: Response) -> bool:
        return not count_words(read_text(response, "text", MAX_CHARS))

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Ungraded:
        words = count_words(read_text(response, "text", MAX_CHARS))
        length = f"{words} {'word' if words == 1 else 'words'}"
        if words < self.min_words:
            length += f", fewer than the {self.min_words} asked for"
        elif self.max_words and words > self.max_words:
            length += f", more than the {self.max_words} allowed"
        return Ungraded(self.points, f"A person reads every essay ({length}).", "person", {"words": words})


def count_words(text: str) -> int:
    """Runs of letters or digits between spaces, as an author would count: "well-known" is one, "–" is none."""
    return sum(any(letter.isalnum() for letter in run) for run in text.split())
