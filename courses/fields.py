"""Take expected fields out of a `Source`, collecting every problem with its line instead of stopping at the first."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from courses.errors import Problem
from courses.source import Path, Source

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG = 64


class Fields:
    """Reads values by path. Every method returns a usable value even when it notes a problem, so that reading goes on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def note(self, path: Path, message: str) -> None:
        self.problems.append(self.source.problem(path, message))

    def group(self, path: Path, known: Iterable[str]) -> dict[str, Any]:
        """Return the mapping at `path`; a name that is not `known` is a problem, with the nearest known one suggested."""
        value = self._at(path)
        if not isinstance(value, dict):
            self.note(path, f"{_called(path)} must be a group of names with values.")
            return {}
        known = list(known)
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f'did you mean "{near[0]}"?' if near else f"possible are: {', '.join(known)}."
                self.note((*path, key), f'"{key}" is not known here; {hint}')
        return value

    def text(
        self, path: Path, *, default: str | None = None, longest: int = 200, like: re.Pattern[str] | None = None
    ) -> str:
        """Return a text of 1 to `longest` characters; a number is taken as it stands (a title may be `2024`)."""
        value = self._at(path)
        if value is None and default is not None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self.note(path, f"{_called(path)} is missing; write a text.")
            return default or ""
        if len(value) > longest:
            self.note(path, f"{_called(path)} is longer than {longest} characters.")
        if like is not None and not like.fullmatch(value):
            self.note(path, f'{_called(path)} cannot be "{value}"; {_shape(like)}')
        return value.strip()

    def slug(self, path: Path) -> str:
        """Return a name fit for an address: small letters, digits and single hyphens."""
        return self.text(path, longest=MAX_SLUG, like=SLUG)

    def number(self, path: Path, low: float, high: float, *, default: float | None = None) -> float:
        """Return a number from `low` to `high`, both allowed."""
        value = self._at(path)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.note(path, f"{_called(path)} must be a number from {low:g} to {high:g}.")
            return low
        return value

    def entries(self, path: Path, *, least: int = 0) -> int:
        """Return how many entries the list at `path` has (0 when there is none)."""
        value = self._at(path)
        if value is None and least == 0:
            return 0
        if not isinstance(value, list):
            self.note(path, f"{_called(path)} must be a list; start each entry with a hyphen.")
            return 0
        if len(value) < least:
            self.note(path, f"{_called(path)} needs at least {least} {'entry' if least == 1 else 'entries'}.")
        return len(value)

    def texts(self, path: Path, *, longest: int = 200) -> tuple[str, ...]:
        """Return a list of texts, () when there is none."""
        return tuple(self.text((*path, index), longest=longest) for index in range(self.entries(path)))

    def has(self, path: Path) -> bool:
        """Say whether something other than null stands at `path`."""
        return self._at(path) is not None

    def _at(self, path: Path) -> Any:
        value = self.source.data
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def _called(path: Path) -> str:
    names = [str(step) for step in path if isinstance(step, str)]
    if not names:
        return "The file"
    if path and isinstance(path[-1], int):
        return f'Entry {path[-1] + 1} of "{names[-1]}"'
    return f'"{names[-1]}"'


def _shape(like: re.Pattern[str]) -> str:
    if like is SLUG:
        return "use small letters a-z, digits and single hyphens."
    return f"it must look like {like.pattern}."
