"""What a lesson's Markdown must keep to, so that every reader can follow it, also one who cannot see it."""

from collections.abc import Collection, Iterator
from posixpath import dirname, join, normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from courses.errors import Problem

_ADDRESSES = ("http://", "https://", "mailto:", "#")


def text_problems(file: str, text: str, files: Collection[str]) -> list[Problem]:
    """Return what to mend in one lesson; `files` are the names that a link may lead to (relative to the course folder)."""
    if not text.strip():
        return [Problem(1, "This lesson is empty.", file)]
    return [Problem(line, message, file) for line, message in dict.fromkeys(_findings(file, text, files))]


def _findings(file: str, text: str, files: Collection[str]) -> Iterator[tuple[int, str]]:
    level = 1  # the page shows the lesson's title as its only first-level heading
    line = 1
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        line = token.map[0] + 1 if token.map else line
        if token.type == "heading_open":
            deeper = int(token.tag[1])
            if deeper == 1:
                yield line, "The title is shown above the text already; start headings at ##."
            elif deeper > level + 1:
                yield line, f"This heading skips a level; use {'#' * (level + 1)}."
            level = max(deeper, 2)
        elif token.type == "html_block":
            yield line, "HTML is shown as it is typed; write Markdown."
        for child in token.children or ():
            line += child.type in {"softbreak", "hardbreak"}
            message = _inline_problem(child, dirname(file), files)
            if message:
                yield line, message


def _inline_problem(token: Token, folder: str, files: Collection[str]) -> str | None:
    if token.type == "html_inline":
        return "HTML is shown as it is typed; write Markdown."
    if token.type == "image":
        if not token.content.strip():
            return "Describe the picture between the square brackets for people who cannot see it."
        return _link_problem(str(token.attrs.get("src", "")), folder, files)
    if token.type == "link_open":
        return _link_problem(str(token.attrs.get("href", "")), folder, files)
    return None


def _link_problem(target: str, folder: str, files: Collection[str]) -> str | None:
    if target.startswith(_ADDRESSES):
        return None
    if not target or normpath(join(folder, target.partition("#")[0])) not in files:
        return f'The link leads to "{target}", which is not in this folder.'
    return None
