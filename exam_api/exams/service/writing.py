"""An exam → the readable file. What is written reads back equal, always."""

from typing import Any

import yaml

from courses.errors import SourceError
from courses.source import read
from grading.exam import Exam, to_data

_WIDTH = 110
# What our reader (and YAML 1.2) takes for something other than text; PyYAML only knows the 1.1 spellings.
_NUMBER_LETTERS = frozenset("0123456789+-.eE_:xXoOabcdefABCDEF")
_BREAKS_THAT_CHANGE = ("\r", "\x85", "\u2028", "\u2029")


class _Pretty(yaml.SafeDumper):
    """Long text as a block, indented lists, no references: a file as an author would type it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Quoted(_Pretty):
    """Every text in double quotes: ugly, and nothing can be misread."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text and not any(letter in text for letter in _BREAKS_THAT_CHANGE):
        style = "|"
    elif set(text) <= _NUMBER_LETTERS:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"')


_Pretty.add_representer(str, _text)
_Quoted.add_representer(str, _quoted)


def write(exam: Exam) -> str:
    """The file of an exam."""
    return write_data(to_data(exam))


def write_data(data: dict[str, Any]) -> str:
    """The file that `courses.source.read` turns back into `data` (texts, finite numbers, truth values, lists, groups)."""
    text = _dump(data, _Pretty)
    return text if _reads_back(text, data) else _dump(data, _Quoted)


def _dump(data: dict[str, Any], dumper: type[yaml.SafeDumper]) -> str:
    return yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _reads_back(text: str, data: dict[str, Any]) -> bool:
    # PyYAML's block style has corner cases (leading blanks, odd line ends); asking the reader is simpler than knowing all.
    try:
        return bool(read(text).data == data)
    except SourceError:
        return False


def count_comments(source: str) -> int:
    """Lines with a comment: writing the file anew loses them, so the page editor says how many there are.

    Between two tokens of a readable file stand only blanks and comments; a `#` inside a text (a program's first lines, a
    prompt with a heading) is part of a token. Only a block's head, such as `|  # why`, is a token with a comment in it.
    """
    source = source.removeprefix("\ufeff")
    count = end = 0
    for token in yaml.scan(source, Loader=yaml.CSafeLoader):
        count += _lines_with_a_comment(source[end : token.start_mark.index])
        end = max(end, token.end_mark.index)
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            count += _lines_with_a_comment(source[token.start_mark.index : end].splitlines()[0])
    return count


def _lines_with_a_comment(text: str) -> int:
    return sum("#" in line for line in text.splitlines())
