"""Choose one option, or several.

Credit for several, `right_minus_wrong` (the default), with K keyed options and D others:

    points x max(0, right picks / K - wrong picks / D)

so picking everything earns nothing, and so does picking nothing. (Counting single picks instead, as
`(right - wrong) / K` does, pays for picking everything as soon as most options are right.)
`all_or_nothing` pays for exactly the keyed set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar, Literal, Self, cast

from grading.errors import ResponseError
from grading.kinds.base import Common, Item, Response
from grading.mark import Graded, Tools
from grading.reading import Fields, Path, unique
from sandbox.job import Result

Credit = Literal["right_minus_wrong", "all_or_nothing"]


@dataclass(frozen=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Choice(Item):
    """`correct` holds option ids: exactly one, unless `multiple`. `shuffle`: each candidate may see another order."""

    kind: ClassVar[str] = "choice"
    options: tuple[Option, ...]
    correct: tuple[str, ...]
    multiple: bool = False
    credit: Credit = "right_minus_wrong"
    shuffle: bool = False

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        rows = fields.rows("options", least=2, most=26)
        options = tuple(_option(entry, path) for entry, path in rows)
        unique([(option.id, (*path, "id")) for option, (_, path) in zip(options, rows, strict=True)], "option id")
        item = cls(
            **common,
            options=options,
            correct=fields.texts("correct", least=1),
            multiple=fields.flag("multiple", default=False),
            credit=cast("Credit", fields.one_of("credit", ("right_minus_wrong", "all_or_nothing"), cls.credit)),
            shuffle=fields.flag("shuffle", default=False),
        )
        _check_key(item, fields)
        return item

    def shown(self) -> dict[str, Any]:
        options = [{"id": option.id, "text": option.text} for option in self.options]
        return {"options": options, "multiple": self.multiple, "shuffle": self.shuffle}

    def solution(self) -> str:
        return self._words(self.correct)

    def answered(self, response: Response) -> str:
        return self._words(response["choice"])

    def _words(self, picks: object) -> str:
        """The texts of the picked options, in the file's order, one on each line."""
        picked = picks if isinstance(picks, list | tuple) else ()
        return "\n".join(option.text for option in self.options if option.id in picked)

    def check(self, response: Response) -> None:
        picks = response.get("choice")
        if set(response) != {"choice"} or not isinstance(picks, list | tuple):
            raise ResponseError("an answer to this item is a list of option ids under 'choice'")
        known = {option.id for option in self.options}
        if not all(isinstance(pick, str) and pick in known for pick in picks):
            raise ResponseError("the answer names an option that this item does not have")
        if len(set(picks)) != len(picks):
            raise ResponseError("the answer names an option twice")
        if len(picks) > 1 and not self.multiple:
            raise ResponseError("this item takes one option")

    def is_blank(self, response: Response) -> bool:
        return not response["choice"]

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Graded:
        picks = set(cast("Sequence[str]", response["choice"]))
        share = self.share(picks)
        feedback = "Correct." if share == 1 else "Partly correct." if share > 0 else "Not correct."
        evidence = {"picked": sorted(picks), "correct": sorted(self.correct), "share": share, "credit": self.credit}
        return Graded(self.points * share, self.points, 1.0, certain=True, feedback=feedback, evidence=evidence)

    def share(self, picks: set[str]) -> float:
        """The part of the points (0 to 1) that these picks earn."""
        key = set(self.correct)
        if not self.multiple or self.credit == "all_or_nothing":
            return float(picks == key)
        others = len(self.options) - len(key)
        return max(0.0, len(picks & key) / len(key) - len(picks - key) / others)

    def guessed(self) -> float:
        """The part of the points (0 to 1) that a blind guess earns on average: one option, or any set but the empty."""
        keyed, count = len(self.correct), len(self.options)
        if not self.multiple:
            return 1 / count
        if self.credit == "all_or_nothing":
            return 1 / (2.0**count - 1)
        others = count - keyed
        earned = (
            comb(keyed, right) * comb(others, wrong) * max(0.0, right / keyed - wrong / others)
            for right in range(keyed + 1)
            for wrong in range(others + 1)
        )
        return sum(earned) / (2.0**count - 1)


def _option(entry: object, path: Path) -> Option:
    fields = Fields(entry, path, ("id", "text"))
    return Option(fields.slug("id"), fields.text("text", longest=4_000))


def _check_key(item: Choice, fields: Fields) -> None:
    known = [option.id for option in item.options]
    paths: list[tuple[str, Path]] = [(pick, (*fields.path, "correct", at)) for at, pick in enumerate(item.correct)]
    unique(paths, "correct option")
    for at, pick in enumerate(item.correct):
        if pick not in known:
            raise fields.fail("correct", f"entry {at + 1}, {pick!r}, is not an option; there are {', '.join(known)}")
    if len(item.correct) > 1 and not item.multiple:
        raise fields.fail("correct", "has several options; add 'multiple: true' or keep one")
    if len(item.correct) == len(item.options):
        raise fields.fail("correct", "must leave at least one option that is wrong")
