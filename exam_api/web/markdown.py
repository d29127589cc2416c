"""Markdown that people wrote, as HTML that is safe to show: no raw HTML, no script, no address that runs code."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "strikethrough"])


# A whole room asks for the same questions within a minute, and rendering them was most of what a sheet cost.
@lru_cache(maxsize=1_024)
def to_html(text: str) -> Markup:
    """The text as a fragment for the `prose` class. Headings keep their levels; images must be ours or inline data."""
    clean = nh3.clean(_PARSER.render(text), link_rel="noopener noreferrer")
    # A wide block of code scrolls sideways, so the keyboard must reach it (WCAG 2.1.1).
    return Markup(clean.replace("<pre>", '<pre tabindex="0">'))  # noqa: S704  (cleaned by nh3)
