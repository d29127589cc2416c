"""Markdown that people wrote, as HTML that is safe to show: no raw HTML, no script, no address that runs code."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "strikethrough"])


def to_html(text: str) -> Markup:
    """The text as a fragment for the `prose` class. Headings keep their levels; images must be ours or inline data."""
    return Markup(nh3.clean(_PARSER.render(text), link_rel="noopener noreferrer"))  # noqa: S704  (cleaned by nh3)
