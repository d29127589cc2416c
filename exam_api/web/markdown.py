"""Markdown that people wrote, as HTML that is safe to show: no raw HTML, no script, no address that runs code."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from exam_api.web import formulas

_PARSER = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "strikethrough"])
_PARSER.use(formulas.formulas)
_TAGS = nh3.ALLOWED_TAGS | formulas.TAGS
_ATTRIBUTES = {**nh3.ALLOWED_ATTRIBUTES, **formulas.ATTRIBUTES}


# A whole room asks for the same questions within a minute, and rendering them was most of what a sheet cost.
@lru_cache(maxsize=1_024)
def to_html(text: str) -> Markup:
    """The text as a fragment for the `prose` class. Headings keep their levels; images must be ours or inline data."""
    clean = nh3.clean(
        _PARSER.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"code": {formulas.WRONG}},
        link_rel="noopener noreferrer",
    )
    # What is wide scrolls sideways, so the keyboard must reach it (WCAG 2.1.1).
    clean = clean.replace("<pre>", '<pre tabindex="0">').replace(
        '<math display="block"', '<math tabindex="0" display="block"'
    )
    return Markup(clean)  # noqa: S704  (cleaned by nh3)
