"""What every kind of item promises. A kind is one frozen dataclass in one file of this folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypedDict

from grading.errors import ResponseError
from grading.mark import Grade, Tools
from grading.reading import Fields, storable
from sandbox.job import Result, Work

Response = Mapping[str, object]
"""A JSON object. Its keys are the kind's own: `choice`, `match`, `text`, `source`, `files`, or `strokes` with `text`."""


class Common(TypedDict):
    """The fields that every item has."""

    id: str
    title: str
    prompt: str
    points: float
    tags: tuple[str, ...]
    required: bool
    stimulus: str
    skills: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Item(ABC):
    """One question. `prompt` is Markdown; `points` is the most it can earn, above 0. `stimulus`
    is the id of the text that it is about, "" for none; `skills` are ids of what it proves.

    `tags` are for the author and for pools; `required`: the exam cannot be submitted without an answer.

    The names of a kind's dataclass fields are its keys in the file.
    """

    kind: ClassVar[str]
    id: str
    title: str
    prompt: str
    points: float
    tags: tuple[str, ...] = ()
    required: bool = False
    stimulus: str = ""
    skills: tuple[str, ...] = ()

    @classmethod
    @abstractmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        """Read the kind's own keys. Raises `ItemError`."""

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """What a candidate may see besides id, kind, title, prompt and points. JSON values, never a key."""

    @abstractmethod
    def check(self, response: Response) -> None:
        """Raise `ResponseError` where the shape or the size is wrong. A wrong answer is fine here."""

    @abstractmethod
    def is_blank(self, response: Response) -> bool:
        """Whether nothing was answered. Called only after `check`."""

    def plan(self, response: Response, results: Sequence[Result] = ()) -> tuple[Work, ...]:
        """What has to run next, given the results of what has run so far, in order; nothing when `mark` can decide.

        Most kinds run nothing.
        """
        return ()

    def solution(self) -> str | None:
        """A right answer in words, for whoever may see it after the exam; None where a person or a program decides."""
        return None

    def answered(self, response: Response) -> str:
        """A response in words, for its reader. Called only after `check`."""
        return next((value for value in response.values() if isinstance(value, str)), "")

    @abstractmethod
    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Grade:
        """Grade an answer that passed `check` and is not blank. `outcomes` answer all rounds of `plan`, in order."""


def read_text(response: Response, key: str, longest: int) -> str:
    """The one text of a response `{key: text}`, at most `longest` characters. Raises `ResponseError`."""
    if set(response) != {key}:
        raise ResponseError(f"an answer to this item has exactly one field, {key!r}")
    text = response[key]
    if not isinstance(text, str):
        raise ResponseError(f"{key!r} must be text")
    if len(text) > longest:
        raise ResponseError(f"the answer has {len(text):,} characters; at most {longest:,} are accepted")
    if not storable(text):
        raise ResponseError("the answer holds a character that cannot be stored (a NUL or half of a surrogate pair)")
    return text
