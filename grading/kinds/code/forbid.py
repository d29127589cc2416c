"""What an answer uses although the exercise asks not to: remarks with their lines. No wall; the sandbox is the wall.

Python is read by its tokens, not as a tree: a tree of hostile source recurses, and warns; the tokens are our own, because
the library's take minutes for a text that never ends. Other languages are read line by line, without their comments and texts.
All of it takes time linear in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grading.kinds.code.submission import Submission
    from grading.kinds.code.values import Forbid

MOST = 20

_IMPORT: dict[str, str] = {
    "c": r'^\s*#\s*include\s*[<"]([^">]+)[">]',
    "cpp": r'^\s*(?:#\s*include|import)\s*[<"]([^">]+)[">]',
    "javascript": r"""(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]""",
    "java": r"^\s*import\s+(?:static\s+)?([\w.]+)",
    "go": r"""^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"]+)"\s*$""",
    "rust": r"^\s*(?:pub\s+)?(?:use|extern\s+crate)\s+(?:::)?([\w:]+)",
    "bash": r"^\s*(?:source|\.)\s+(\S+)",
}
_IMPORT["typescript"] = _IMPORT["javascript"]
_HASH = ("python", "bash")
# A text that does not end goes to the end of its line, or as far as a character constant may: looking for its end anew
# from each quote in it would take minutes.
_DOUBLE, _SINGLE = r'"(?:[^"\\\n]|\\.)*+"?', r"'(?:[^'\\\n]|\\.){0,500}+'"
_ASIDE = {  # comments and texts of one line, and comments of several; texts first, since they may look like the others
    True: re.compile(rf"({_DOUBLE}|{_SINGLE})|#[^\n]*"),
    False: re.compile(rf"({_DOUBLE}|{_SINGLE})|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL),
}
_PYTHON = re.compile(
    r"""
    (?:\b[rbufRBUF]{1,2})?(?:
        \"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\"|\Z) | '''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)
      | "(?:[^"\\\n]|\\.)*+"? | '(?:[^'\\\n]|\\.)*+'?
    )
    | \#[^\n]* | \\\r?\n | (?P<end>[\n;:]) | (?P<part>\w+|[.,*()]) | [^\n]
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Remark:
    """A forbidden `word` in a line (from 1) of a file."""

    file: str
    line: int
    word: str

    def text(self) -> str:
        return f"Line {self.line} of {self.file!r} uses {self.word!r}, which this exercise asks not to use."


def remarks(rules: Forbid, submission: Submission) -> tuple[Remark, ...]:
    """At most `MOST`, in the order of the files and their lines."""
    if not rules.imports and not rules.words:
        return ()
    found: dict[Remark, None] = {}
    for name, text in submission.files.items():
        for line, word in sorted(_found(rules, submission.language, text)):
            found.setdefault(Remark(name, line, word))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _found(rules: Forbid, language: str, text: str) -> Iterator[tuple[int, str]]:
    uses = _python(text) if language == "python" else _others(language, text)
    for line, what, word in uses:
        if what == "import":
            parts = re.split(r"[./:]+", word)
            beginnings = {word, *(".".join(parts[:count]) for count in range(1, len(parts) + 1))}
            yield from ((line, name) for name in rules.imports if name in beginnings)
        elif word in rules.words:
            yield line, word
    if language != "python":
        yield from _signs(rules, language, text)


def _python(text: str) -> Iterator[tuple[int, str, str]]:
    """("import", module) and ("word", name) with their lines."""
    statement: list[str] = []
    line = 1
    for token in _PYTHON.finditer(text):
        found = token[0]
        if token.lastgroup == "end":
            yield from ((line, "import", name) for name in _modules(statement))
            statement = []
        elif token.lastgroup == "part":
            statement.append(found)
            if found.isidentifier():
                yield line, "word", found
        line += found.count("\n")
    yield from ((line, "import", name) for name in _modules(statement))


def _modules(statement: list[str]) -> Iterator[str]:
    """The modules of one import statement given as tokens; nothing for any other statement."""
    if not statement or statement[0] not in ("import", "from"):
        return
    from_ = statement[0] == "from"
    module = ""
    alias = False
    for part in [*statement[1:], ","]:
        if part == "," or (from_ and part == "import"):
            if module:
                yield module
            if from_:
                return
            module, alias = "", False
        elif part == "as":
            alias = True
        elif not alias:
            module += part


def _others(language: str, text: str) -> Iterator[tuple[int, str, str]]:
    pattern = re.compile(_IMPORT[language]) if language in _IMPORT else None
    bare = _without(language, text, texts=False).split("\n")
    for number, line in enumerate(_without(language, text, texts=True).split("\n"), 1):
        if pattern:
            yield from ((number, "import", match[1].strip()) for match in pattern.finditer(line[:1000]))
        yield from ((number, "word", match[0]) for match in re.finditer(r"\w+", bare[number - 1]))


def _signs(rules: Forbid, language: str, text: str) -> Iterator[tuple[int, str]]:
    """Forbidden words that are more than a word, such as "std::sort"."""
    wanted = [word for word in rules.words if not re.fullmatch(r"\w+", word)]
    for number, line in enumerate(_without(language, text, texts=False).split("\n"), 1) if wanted else ():
        yield from ((number, word) for word in wanted if word in line)


def _without(language: str, text: str, *, texts: bool) -> str:
    """The text without comments, and without the texts in it unless `texts`; lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[1] and texts else "\n" * match[0].count("\n")

    return _ASIDE[language in _HASH].sub(blank, text)
