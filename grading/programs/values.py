"""Read an author's YAML piece by piece. Every mistake becomes a `ProblemError` that names its place."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from grading import plain_yaml
from grading.programs.checker import LARGEST, number
from grading.programs.errors import ProblemError

MAX_TEXT = 20_000  # characters of one value that is cut into words


class Values:
    """One mapping of a YAML file. `place` is the file, and the keys that lead here."""

    def __init__(self, data: object, place: str) -> None:
        if data is None:
            data = {}
        if not isinstance(data, Mapping):
            raise ProblemError(place, "must be a set of `key: value` lines")
        self.data: Mapping[Any, Any] = data
        self.place = place

    def fail(self, key: str, message: str) -> ProblemError:
        return ProblemError(f"{self.place}: {key}", message)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that nobody here reads: a rule that is not obeyed would be a wrong score."""
        if unknown := sorted(f"{key}" for key in self.data if key not in known):
            raise self.fail(unknown[0][:80], f"is not a key that is known here; those are {', '.join(sorted(known))}")

    def inner(self, key: str) -> Values:
        return Values(self.data.get(key), f"{self.place}: {key}")

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fail(key, f"must be text, not {value!r:.80}")
        return str(value)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text that a shell would split into words."""
        value = self.data.get(key)
        if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
            return tuple(str(one) for one in value)
        text = self.text(key)
        if len(text) > MAX_TEXT:
            raise self.fail(key, f"has more than {MAX_TEXT:,} characters")
        try:
            return tuple(shlex.split(text))
        except ValueError as error:
            raise self.fail(key, f"{value!r:.80} cannot be split into words: {error}") from error

    def number(self, key: str, default: float, *, above: float = 0, most: float = math.inf) -> float:
        if not self.has(key):
            return default
        value = self.data[key]
        if isinstance(value, str) and (parsed := number(value.strip())) is not None:
            value = float(parsed)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
            raise self.fail(key, f"must be a number, not {value!r:.80}")
        if not above < value <= most:
            raise self.fail(
                key,
                f"is {value:g}, and must be more than {above:g}"
                + ("" if most == math.inf else f" and at most {most:g}"),
            )
        return float(value)

    def whole(self, key: str, default: int, *, least: int = 1, most: int = 10**9) -> int:
        value = self.number(key, default, above=least - 1, most=most)
        if value != int(value):
            raise self.fail(key, f"must be a whole number, not {value:g}")
        return int(value)

    def exact(self, key: str) -> Fraction | None:
        """A number as it is written, None where there is none."""
        if not self.has(key):
            return None
        return self.as_exact(key, self.data[key])

    def as_exact(self, key: str, value: object) -> Fraction:
        found = None if isinstance(value, bool) else number(str(value).strip())
        if found is None:
            raise self.fail(key, f"must be a number, not {value!r:.80}")
        return found

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.fail(key, f"is {value!r}, and must be one of {', '.join(allowed)}")
        return value


def read_yaml(data: bytes, place: str) -> Values:
    """Raises `ProblemError` for what is no YAML, or no mapping."""
    return Values(load_yaml(data, place), place)


def load_yaml(data: bytes, place: str) -> object:
    try:
        return plain_yaml.load(data)
    except plain_yaml.YamlRefused as error:
        raise ProblemError(place, str(error)) from error
