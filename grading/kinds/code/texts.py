"""What a program printed, made safe to keep and to show: no NUL, no terminal commands, no turned reading direction."""

from __future__ import annotations

import re
import unicodedata

SHOWN_CHARS = 400
CUT = "…"

# CSI, OSC and two-letter sequences of ECMA-48. An unfinished one loses its escape character below.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


def clean(text: str) -> str:
    """Line ends and tabs stay; every other control character is seen as one."""
    text = _ANSI.sub("", text.replace("\r\n", "\n"))
    return "".join(sign if _is_plain(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _is_plain(sign: str) -> bool:
    return sign in "\n\t" or (sign not in _BIDI and unicodedata.category(sign) not in ("Cc", "Cs"))


def start_of(data: bytes | str, most: int = 8_000) -> str:
    """The start of an output."""
    text = data if isinstance(data, str) else data[: 4 * most + 4].decode(errors="replace")
    cleaned = clean(text[: most + 1])
    return cleaned if len(text) <= most else cleaned[:most] + CUT


def end_of(data: bytes | str, most: int = SHOWN_CHARS) -> str:
    """The end of a long text: the last lines of an error say most."""
    text = data if isinstance(data, str) else data[-4 * most - 4 :].decode(errors="replace")
    cleaned = clean(text.strip())
    return cleaned if len(cleaned) <= most else CUT + cleaned[-most:]
