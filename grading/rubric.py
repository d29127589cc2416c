"""The rubric of what a person grades: each line with the most it can earn, together the item's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grading.reading import Fields, Path


@dataclass(frozen=True)
class Criterion:
    """One line of the rubric and the most it can earn."""

    text: str
    points: float


Rubric = tuple[Criterion, ...]


def read_rubric(fields: Fields, points: float) -> Rubric:
    """At least one line, and points that add up. Raises `ItemError`."""
    rubric = tuple(_criterion(entry, path) for entry, path in fields.rows("rubric", least=1, most=50))
    total = sum(criterion.points for criterion in rubric)
    if abs(total - points) > 1e-6:
        raise fields.fail("rubric", f"its points add up to {total:g}, and the item has {points:g}")
    return rubric


def shown_rubric(rubric: Rubric) -> list[dict[str, Any]]:
    """Candidates should know what counts."""
    return [{"text": criterion.text, "points": criterion.points} for criterion in rubric]


def _criterion(entry: object, path: Path) -> Criterion:
    fields = Fields(entry, path, ("text", "points"))
    return Criterion(fields.text("text", longest=2_000), fields.number("points", above=0, most=1_000))
