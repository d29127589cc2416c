"""Read the tables that people have: one row per person, one column per item, as comma-separated text."""

import csv
from collections.abc import Mapping

from integrity.cohort import Cohort
from integrity.errors import UnreadableAnswers


def read_cohort(answers: str, key: str | None = None, seconds: str | None = None) -> Cohort:
    """Build the cohort from CSV texts. First row: a heading for the person, then the items; an empty cell is a blank.

    `key` has either two columns (item, answer) or one row of answers below the items' names. `seconds` is laid out like
    `answers`. Raises `UnreadableAnswers` with the line, or `TooSmall`.
    """
    rows = _table(answers)
    right = None if key is None else _key(key)
    if right is not None:
        items = set(next(iter(rows.values()), {}))
        unknown = [item for item in right if item not in items]
        if unknown:
            raise UnreadableAnswers(
                f"The key names items that have no column among the answers: {', '.join(unknown[:5])}."
            )
    return Cohort.of(rows, right, seconds=None if seconds is None else _seconds(seconds))


def _lines(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line] for line in csv.reader(text.lstrip("\ufeff").splitlines()) if any(line)]


def _table(text: str) -> dict[str, dict[str, str | None]]:
    lines = _lines(text)
    if not lines:
        raise UnreadableAnswers("The table is empty.")
    items = lines[0][1:]
    if len(set(items)) != len(items) or "" in items:
        raise UnreadableAnswers("Line 1 must name every item, each by another name.")
    rows: dict[str, dict[str, str | None]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(items) + 1:
            raise UnreadableAnswers(f"Row {number} has {len(line)} cells, the heading {len(items) + 1}.")
        if not line[0] or line[0] in rows:
            raise UnreadableAnswers(f'Row {number} must start with a person named once ("{line[0]}").')
        rows[line[0]] = {item: cell or None for item, cell in zip(items, line[1:], strict=True)}
    return rows


def _key(text: str) -> dict[str, str]:
    lines = _lines(text)
    if len(lines) == 2 and len(lines[0]) == len(lines[1]) and len(lines[0]) > 2:
        pairs = list(zip(lines[0], lines[1], strict=True))
    elif lines and all(len(line) == 2 for line in lines):
        heading = [cell.lower() for cell in lines[0]]
        pairs = [(line[0], line[1]) for line in (lines[1:] if heading[0] == "item" else lines)]
    else:
        raise UnreadableAnswers(
            "The key needs two columns (item, answer), or the items in one row and their answers below."
        )
    key = dict(pairs)
    if len(key) != len(pairs) or not all(key.values()):
        raise UnreadableAnswers("The key must give every item one answer, once.")
    return key


def _seconds(text: str) -> Mapping[str, Mapping[str, float | None]]:
    def number(person: str, item: str, cell: str | None) -> float | None:
        try:
            return None if cell is None else float(cell)
        except ValueError as error:
            raise UnreadableAnswers(f'The seconds of {person} for {item} are no number: "{cell}".') from error

    table = _table(text)
    return {person: {item: number(person, item, cell) for item, cell in row.items()} for person, row in table.items()}
