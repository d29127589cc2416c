r"""Formulas in Markdown: TeX between `$…$` in a line, or `$$…$$` on its own, becomes MathML, which browsers draw and read out.

A dollar that is money stays money: a formula starts and ends at a letter, not at a blank, and outside it no letter or
digit touches its dollars. `\$` is always a dollar. What is no formula is shown as it was written.
"""

import re
from functools import lru_cache
from html import escape, unescape
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LONGEST: Final = 1_000
DEEPEST: Final = 30
WRONG: Final = "formula-wrong"  # the class of a formula that is shown as it was written

TAGS: Final = frozenset(
    (
        *("math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
        *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded", "mphantom"),
        *("mstyle", "menclose", "mmultiscripts", "mprescripts"),
    )
)
_SHAPE: Final = ("mathvariant", "displaystyle", "scriptlevel", "width", "height", "depth", "columnalign", "notation")
ATTRIBUTES: Final = {
    **{tag: set(_SHAPE) for tag in TAGS},
    "math": {"display", "alttext"},
    "annotation": {"encoding"},
    "mo": {"stretchy", "fence", "form", "minsize", "maxsize", "lspace", "rspace", "largeop", "movablelimits", "accent"},
    "mfrac": {"linethickness", "displaystyle"},
    "mspace": {"width", "linebreak"},
    "mtable": {"columnalign", "columnlines", "rowlines", "rowspacing", "columnspacing", "displaystyle"},
}
_UNKNOWN: Final = re.compile(r">\\[A-Za-z]")  # the library shows a command it does not know as a name
_LINES: Final = re.compile(r"\s*\n\s*")


def formulas(parser: MarkdownIt) -> None:
    """Teach a Markdown parser formulas."""
    parser.inline.ruler.before("escape", "formula", _read)
    parser.add_render_rule("formula", _draw)


def mistakes(text: str) -> list[str]:
    """The formulas of a Markdown text that cannot be drawn, as they were written."""
    parser = MarkdownIt("commonmark", {"html": False}).use(formulas)
    tokens = (token for block in parser.parse(text) for token in block.children or ())
    return [
        _written(token) for token in tokens if token.type == "formula" and mathml(token.content, token.block) is None
    ]


@lru_cache(maxsize=4096)
def mathml(tex: str, block: bool) -> str | None:
    """The formula as MathML that holds its source, not yet sanitised; None where it is no formula that can be drawn."""
    if len(tex) > LONGEST or not _balanced(tex):
        return None
    from latex2mathml.converter import convert_to_element

    try:
        math = convert_to_element(tex, display="block" if block else "inline")
    except Exception:  # noqa: BLE001  (the library's own exceptions, and IndexError where its grammar has holes)
        return None
    drawn = Element("math", {"display": math.get("display", "inline"), "alttext": tex})
    for part in math.iter():
        part.text = unescape(part.text or "")  # the library hands out character references, for a printer of its own
    inner = SubElement(drawn, "semantics")
    inner.extend(list(math))
    SubElement(inner, "annotation", {"encoding": "application/x-tex"}).text = tex
    found = tostring(drawn, encoding="unicode", short_empty_elements=False)
    return None if _UNKNOWN.search(found.partition("<annotation")[0]) else found


def _balanced(tex: str) -> bool:
    depth = deepest = 0
    for letter in re.sub(r"\\.", "", tex, flags=re.DOTALL):
        depth += (letter == "{") - (letter == "}")
        deepest = max(depth, deepest)
        if depth < 0:
            return False
    return depth == 0 and deepest <= DEEPEST


def _read(state: StateInline, silent: bool) -> bool:
    """The formula that starts here, if one does."""
    text, start = state.src, state.pos
    if text[start] != "$" or (start and text[start - 1].isalnum()):
        return False
    mark = "$$" if text.startswith("$$", start) else "$"
    begin = start + len(mark)
    end = _end(text, begin, mark, state.posMax)
    if end is None:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup, token.block = _LINES.sub(" ", text[begin:end]).strip(), mark, mark == "$$"
    state.pos = end + len(mark)
    return True


def _end(text: str, begin: int, mark: str, most: int) -> int | None:
    """Where the closing dollars stand."""
    at = begin
    while (at := text.find(mark, at)) != -1 and at + len(mark) <= most:
        if text[at - 1] != "\\":
            after = text[at + len(mark) : at + len(mark) + 1]
            inside = text[begin:at]
            blank = not inside.strip() or (mark == "$" and (inside[0].isspace() or inside[-1].isspace()))
            return None if blank or after.isalnum() or after == "$" else at
        at += 1
    return None


def _draw(_renderer: RendererHTML, tokens: list[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[at]
    return mathml(token.content, token.block) or f'<code class="{WRONG}">{escape(_written(token))}</code>'


def _written(token: Token) -> str:
    return f"{token.markup}{token.content}{token.markup}"
