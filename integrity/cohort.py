"""Everybody's answers to one exam, as numbers that a statistic can work with."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from integrity.errors import TooSmall, UnreadableAnswers

BLANK = -1
LEAST_PEOPLE = 10
LEAST_ITEMS = 5


@dataclass(frozen=True, eq=False)
class Cohort:
    """Answers of `people` to `items`.

    `answers` (people x items) holds option codes 0, 1, … per item, -1 for blank; `key` (items) the right code;
    `options` (items) how many different answers are possible; `labels` per item the text behind each code;
    `seconds` (people x items) the time spent, NaN where unknown. `inferred_key` says that nobody gave a key and the most
    frequent answer stands in for it.
    """

    items: tuple[str, ...]
    people: tuple[str, ...]
    answers: NDArray[np.int64]
    key: NDArray[np.int64]
    options: NDArray[np.int64]
    labels: tuple[tuple[str, ...], ...]
    seconds: NDArray[np.float64] | None = None
    inferred_key: bool = False

    @classmethod
    def of(
        cls,
        rows: Mapping[str, Mapping[str, str | None]],
        key: Mapping[str, str] | None = None,
        *,
        options: Mapping[str, int] | None = None,
        seconds: Mapping[str, Mapping[str, float | None]] | None = None,
    ) -> "Cohort":
        """Build from person → item → answer (None, "" or absent: blank), any text being an answer.

        `key` names the right answer per item, and so which items count. `options` says how many different answers an item
        allows (4 for a choice among four); where it is not said, only the answers seen count, which is the cautious
        choice: a coincidence then looks more likely than it is. Raises `TooSmall` below 10 people or 5 items, and
        leaves out nobody: a person without any answer stays, and matches no one.
        """
        if not rows:
            raise TooSmall(f"There are no answers; at least {LEAST_PEOPLE} people are needed.")
        people = tuple(rows)
        items = tuple(key) if key is not None else tuple(dict.fromkeys(item for row in rows.values() for item in row))
        _check_size(len(people), len(items))
        right = dict(key) if key is not None else {item: _most_frequent(rows, item) for item in items}
        labels = tuple(_labels(rows, item, right[item]) for item in items)
        codes = [{label: code for code, label in enumerate(column)} for column in labels]
        answers = np.array(
            [[codes[at].get(rows[one].get(item) or "", BLANK) for at, item in enumerate(items)] for one in people],
            dtype=np.int64,
        )
        possible = [max((options or {}).get(item, 0), len(column)) for item, column in zip(items, labels, strict=True)]
        return cls(
            items=items,
            people=people,
            answers=answers,
            key=np.array([codes[at][right[item]] for at, item in enumerate(items)], dtype=np.int64),
            options=np.array(possible, dtype=np.int64),
            labels=labels,
            seconds=None if seconds is None else _times(seconds, people, items),
            inferred_key=key is None,
        )

    def __post_init__(self) -> None:
        _check_size(len(self.people), len(self.items))
        shape = (len(self.people), len(self.items))
        if self.answers.shape != shape or (self.seconds is not None and self.seconds.shape != shape):
            raise UnreadableAnswers(f"Expected a table of {shape[0]} people by {shape[1]} items.")
        if len(set(self.people)) != shape[0] or len(set(self.items)) != shape[1]:
            raise UnreadableAnswers("A person or an item stands in the table twice.")

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """(people x items): there is an answer."""
        answered: NDArray[np.bool_] = self.answers != BLANK
        return answered

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """(people x items): the answer is the right one."""
        right: NDArray[np.bool_] = self.answers == self.key
        return right

    @cached_property
    def wrong(self) -> NDArray[np.int64]:
        """(people x items): which wrong answer was given (0, 1, … per item), -1 where it is right or blank."""
        shifted = self.answers - (self.answers > self.key)
        return np.where(self.answered & ~self.right, shifted, BLANK)

    def label(self, person: int, item: int) -> str:
        """Return the answer as it was given, "" for a blank."""
        code = self.answers[person, item]
        return "" if code == BLANK else self.labels[item][code]


def _check_size(people: int, items: int) -> None:
    if people < LEAST_PEOPLE or items < LEAST_ITEMS:
        raise TooSmall(
            f"Too few answers to tell chance from copying: {people} of at least {LEAST_PEOPLE} people, "
            f"{items} of at least {LEAST_ITEMS} items."
        )


def _labels(rows: Mapping[str, Mapping[str, str | None]], item: str, right: str) -> tuple[str, ...]:
    """Sorted, so that the order of the rows changes nothing."""
    return tuple(sorted({answer for row in rows.values() if (answer := row.get(item))} | {right}))


def _most_frequent(rows: Mapping[str, Mapping[str, str | None]], item: str) -> str:
    counts = Counter(answer for row in rows.values() if (answer := row.get(item)))
    if not counts:
        raise UnreadableAnswers(f'Nobody answered "{item}" and no key was given, so nothing is known about it.')
    most = max(counts.values())
    return min(answer for answer, count in counts.items() if count == most)


def _times(
    seconds: Mapping[str, Mapping[str, float | None]], people: tuple[str, ...], items: tuple[str, ...]
) -> NDArray[np.float64]:
    def known(person: str, item: str) -> float:
        value = seconds.get(person, {}).get(item)
        return np.nan if value is None or value <= 0 else float(value)

    return np.array([[known(person, item) for item in items] for person in people], dtype=np.float64)
