"""YAML that somebody else wrote, read so that it cannot fill the memory or keep us busy.

The parser's events come one by one and without recursion, so depth, references and long numbers are refused before
anything is built. References count as often as they are used: nine lines can name a thousand million values.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

from grading.errors import GradingError

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 60
MAX_VALUES: Final = 200_000  # with every reference followed
MAX_NUMBER: Final = 400  # characters of what may be read as a number
_LIKE_A_NUMBER: Final = re.compile(r"[-+.]?[0-9][-+.:_0-9a-fA-FxXo]*")
_TEXT: Final = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary")
# What the constructor of PyYAML raises for values that are none of their kind, such as `!!int ""`.
_WRONG: Final = (yaml.YAMLError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError, RecursionError)


class YamlRefused(GradingError, ValueError):
    """This is no YAML that is read here; correct it and try again."""

    def __str__(self) -> str:
        return str(self.args[0])


def load(data: bytes, most: int = MAX_BYTES) -> object:
    """The one document in `data`, of at most `most` bytes. Raises `YamlRefused` with the reason."""
    if len(data) > most:
        raise YamlRefused(f"has more than {most // 1024} KiB")
    try:
        _check(data)
        return yaml.load(data, Loader=yaml.CSafeLoader)
    except YamlRefused:
        raise
    except _WRONG as error:
        said = " ".join(str(error).split())
        raise YamlRefused(f"is no readable YAML: {said[:300]}") from error


def _check(data: bytes) -> None:
    """Raises `YamlRefused`, or what PyYAML raises."""
    open_names: list[str | None] = []
    sizes: list[int] = [0]
    known: dict[str, int] = {}
    for event in yaml.parse(data, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in open_names:
                raise YamlRefused(f"has a value that holds itself (*{event.anchor})"[:200])
            sizes[-1] += known.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            _check_scalar(event)
            sizes[-1] += 1
            if event.anchor:
                known[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_names.append(event.anchor)
            sizes.append(1)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, name = sizes.pop(), open_names.pop()
            sizes[-1] += size
            if name:
                known[name] = size
        if len(open_names) > MAX_DEPTH:
            raise YamlRefused(f"is nested more than {MAX_DEPTH} deep")
        if sum(sizes) > MAX_VALUES:
            raise YamlRefused(f"has more than {MAX_VALUES:,} values, with its references followed")


def _check_scalar(event: yaml.ScalarEvent) -> None:
    """Whole numbers in base 16 or 60 may be of any length, and the longest would take minutes to work out."""
    if len(event.value) <= MAX_NUMBER:
        return
    plain = event.implicit[0] and _LIKE_A_NUMBER.fullmatch(event.value)
    if plain or (event.tag and event.tag not in _TEXT):
        raise YamlRefused(f"has a number of more than {MAX_NUMBER} characters")
