"""Read a YAML file that a person wrote, and remember on which line everything stands.

A smaller YAML than the standard's, chosen for people who write exams and courses: `No`, `on`, `12:30` and `007` are text as
they were typed (YAML 1.1 would make them False, True, 750 and 7); only `true`, `false`, `null`, `~`, an empty value and plain
decimal numbers mean something else than text. Keys are always text. Tags (`!something`) are refused.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from courses.errors import Problem, SourceError
from courses.plainly import in_plain_words

Path = tuple[str | int, ...]

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_ALIASES = 20
MAX_VALUES = 100_000
MAX_SHOWN = 20

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
# A point or an exponent is needed: a longer row of digits is a label, and a float would lose some of them.
_DECIMAL = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]{1,3})?|(?:0|[1-9][0-9]*)[eE][-+]?[0-9]{1,3})"
)


class _Loader(yaml.CSafeLoader):
    """The C parser (ten times faster, and a person waits) that leaves every plain value a text, for us to interpret."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}


@dataclass(frozen=True)
class Source:
    """What a file says (`data`: dict, list, str, int, float, bool, None) and where it says it."""

    name: str
    data: Any
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """Return the 1-based line of that key or element, or of its nearest ancestor that exists."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return self.lines.get((), 1)

    def problem(self, path: Path, message: str) -> Problem:
        """Say that something at `path` needs mending."""
        return Problem(self.line(path), message, self.name)


def read(text: str, name: str = "") -> Source:
    """Read one YAML document. Raises `SourceError` with every problem found; `name` is the file's, for the messages."""
    try:
        _check_text(text)
        _check_events(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, message = in_plain_words(error)
        raise SourceError((Problem(line, message, name),)) from error
    except SourceError as error:
        raise SourceError(tuple(Problem(found.line, found.message, name) for found in error.problems)) from error
    if root is None:
        raise SourceError((Problem(1, "The file is empty.", name),))
    builder = _Builder(name)
    data = builder.value(root, (), 0)
    if builder.problems:
        raise SourceError(tuple(builder.problems[:MAX_SHOWN]))
    return Source(name, data, builder.lines)


def _refuse(line: int, message: str) -> SourceError:
    return SourceError((Problem(line, message),))


def _check_text(text: str) -> None:
    strange = _UNPRINTABLE.search(text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise _refuse(line, f"An invisible character (U+{ord(strange.group()):04X}) stands here; delete it.")
    if len(text.encode()) > MAX_BYTES:
        raise _refuse(1, f"The file is larger than {MAX_BYTES // 1_000_000} MB; split it.")


def _check_events(text: str) -> None:
    """Stop what could cost much before anything is built: the parser's events come one by one, without recursion."""
    depth = aliases = values = 0
    for event in _events(text):
        line = event.start_mark.line + 1
        values += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > MAX_DEPTH:
            raise _refuse(line, f"Lists and groups are nested more than {MAX_DEPTH} deep.")
        if aliases > MAX_ALIASES:
            raise _refuse(line, f"More than {MAX_ALIASES} references (*name) in one file.")
        if values > MAX_VALUES:
            raise _refuse(line, f"More than {MAX_VALUES} values in one file; split it.")
        if getattr(event, "tag", None) is not None:
            raise _refuse(
                line, f"The tag {event.tag} is not allowed; put quotation marks around a text that starts with !."
            )


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_Loader)


class _Builder:
    """Turns the parsed nodes into plain values, noting lines and problems on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        # References (*name) may contain references: what they unfold to is limited here, not in the parser's events.
        if depth > MAX_DEPTH or len(self.lines) > MAX_VALUES:
            raise SourceError((Problem(line, "The references (*name) here unfold into too much.", self.name),))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, index), depth + 1) for index, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                self._note(line, "A name must be plain text, not a list or a group.")
            elif key == "<<":
                self._note(line, "Merging with << is not supported; write the values out.")
            elif key in mapping:
                self._note(line, f'"{key}" stands here twice; it is already on line {self.lines[*path, key]}.')
            else:
                self.lines[*path, key] = line
                mapping[key] = self.value(child, (*path, key), depth + 1)
        return mapping

    def _scalar(self, node: yaml.ScalarNode, line: int) -> str | int | float | bool | None:
        text: str = node.value
        if node.style:  # quoted, or a block of text: always text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            number = float(text)
            if math.isfinite(number):
                return number
            self._note(line, f"The number {text} is too large.")
        return text

    def _note(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message, self.name))
