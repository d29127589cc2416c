"""Read an author's file key by key, so that each mistake names its place and says what to write instead."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence

from grading.errors import ItemError

Path = tuple[str | int, ...]

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Fields:
    """One mapping of the file, at `path`; `known` lists every key it may have.

    All readers raise `ItemError` with the path of the key.
    """

    def __init__(self, data: object, path: Path, known: Sequence[str]) -> None:
        if not isinstance(data, Mapping):
            raise ItemError(path, f"must be a set of `key: value` lines, with keys from: {', '.join(known)}")
        for key in data:
            if key not in known:
                raise ItemError((*path, str(key)), _unknown(str(key), known))
        self._data = data
        self.path = path

    def has(self, key: str) -> bool:
        return self._data.get(key) is not None

    def fail(self, key: str, message: str) -> ItemError:
        """The error to raise for `key`."""
        return ItemError((*self.path, key), message)

    def value(self, key: str) -> object:
        if not self.has(key):
            raise self.fail(key, "is missing")
        return self._data[key]

    def text(self, key: str, default: str | None = None, longest: int = 20_000) -> str:
        """Text that is not blank; a default may be."""
        if default is not None and not self.has(key):
            return default
        return _text(self.value(key), (*self.path, key), longest, may_be_blank=default == "")

    def slug(self, key: str) -> str:
        text = self.text(key, longest=64)
        if not SLUG.fullmatch(text):
            raise self.fail(key, f"{text!r} must be small letters, digits and hyphens, such as 'mean-of-list'")
        return text

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        above: float = -math.inf,
        least: float = -math.inf,
        most: float = math.inf,
    ) -> float:
        """A finite number with `above` < number, `least` <= number <= `most`."""
        if default is not None and not self.has(key):
            return default
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(key, f"must be a number, not {value!r}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.fail(key, "must be a finite number")
        if number <= above:
            raise self.fail(key, f"must be more than {above:g}")
        if not least <= number <= most:
            raise self.fail(key, f"must be {_between(least, most)}")
        return number

    def whole(self, key: str, default: int | None = None, *, least: int, most: int) -> int:
        number = self.number(key, default, least=least, most=most)
        if number != int(number):
            raise self.fail(key, "must be a whole number")
        return int(number)

    def flag(self, key: str, *, default: bool) -> bool:
        if not self.has(key):
            return default
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return value

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        text = self.text(key, default)
        if text not in allowed:
            near = difflib.get_close_matches(text, allowed, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise self.fail(key, f"{text!r} must be one of: {', '.join(allowed)}{hint}")
        return text

    def rows(self, key: str, *, least: int = 0, most: int = 200) -> list[tuple[object, Path]]:
        """The entries of a list, each with its path. A list that may be empty may be left out."""
        if least == 0 and not self.has(key):
            return []
        value = self.value(key)
        if not isinstance(value, list | tuple):
            raise self.fail(key, "must be a list, one entry on each line that starts with '- '")
        if not least <= len(value) <= most:
            raise self.fail(key, f"must have {_between(least, most)} entries, and has {len(value)}")
        return [(entry, (*self.path, key, position)) for position, entry in enumerate(value)]

    def texts(self, key: str, *, least: int = 0, most: int = 50, longest: int = 4_000) -> tuple[str, ...]:
        """A list of texts; one text alone stands for a list of one."""
        alone = self._data.get(key)
        if isinstance(alone, str):
            return (_text(alone, (*self.path, key), longest),)
        return tuple(_text(entry, path, longest) for entry, path in self.rows(key, least=least, most=most))


def unique(values: Sequence[tuple[str, Path]], what: str) -> None:
    """Refuse the second of two equal values."""
    seen: set[str] = set()
    for value, path in values:
        if value in seen:
            raise ItemError(path, f"the {what} {value!r} is used twice")
        seen.add(value)


def _text(value: object, path: Path, longest: int, *, may_be_blank: bool = False) -> str:
    if not isinstance(value, str):
        raise ItemError(path, f"must be text; write {str(value)!r} in quotes if that is meant")
    if not may_be_blank and not value.strip():
        raise ItemError(path, "must not be empty")
    if len(value) > longest:
        raise ItemError(path, f"must not be longer than {longest:,} characters, and has {len(value):,}")
    if not storable(value):
        raise ItemError(path, "holds a character that cannot be stored (a NUL or half of a surrogate pair)")
    return value


def storable(text: str) -> bool:
    """PostgreSQL stores no NUL, and half of a surrogate pair has no UTF-8 form."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"unknown key {key!r}; " + (f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}")


def _between(least: float, most: float) -> str:
    if most == math.inf:
        return f"at least {least:g}"
    return f"at most {most:g}" if least == -math.inf else f"from {least:g} to {most:g}"
