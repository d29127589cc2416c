"""One HTML file that checks a certificate without us and without a network: for a USB stick, an archive, a drawer.

The page holds the checking program, the vocabularies, and, where it is made for one certificate, its bundle. Whoever gives
somebody this page could have changed it: the sentence in it says so, and it checks other files as well.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from credentials.canonical import JsonObject
from credentials.linked_data.contexts import CONTEXTS

LIBRARY = "jsonld.min.js"  # of the npm package `jsonld`; fetched at set-up, so it comes as an argument
WORDS: Mapping[str, str] = {
    "heading": "Certificate check",
    "given_to": "Awarded to",
    "checked": "What was checked",
    "limits": "This page asks nobody. It shows what the file proves; compare the key with the one that the issuer "
    "publishes, and the name with an identity document. Whoever gave you this page could have changed it: for "
    "certainty, take the page from somebody whom you trust, and choose the file here.",
    "another": "Check another file (the bundle, JSON)",
    "noscript": "This page needs JavaScript. Without it: python -m credentials verify FILE.",
    "working": "Checking …",
    "choose": "Choose the file of a certificate.",
    "unreadable": "This file is no certificate that this page can read.",
    "verdict_proven": "Genuine, and valid today as far as this file tells",
    "verdict_not_proven": "Not proven: do not rely on it",
    "verdict_revoked": "Revoked: do not rely on it",
    "verdict_suspended": "Suspended: do not rely on it for now",
    "verdict_expired": "Genuine, but its time is over",
    "verdict_unsupported": "This browser cannot check Ed25519 signatures. Take a newer one.",
    "signature": "Signature",
    "log": "Public log",
    "status": "Status",
    "dates": "Dates",
    "holds": "holds",
    "fails": "does not hold",
    "absent": "not in the file",
    "unsupported": "cannot be checked by this browser",
    "unknown": "unknown",
    "revoked": "revoked",
    "suspended": "suspended",
    "not_revoked": "not revoked",
    "valid": "current",
    "expired": "over",
    "not yet": "not yet",
    "as_of": "as of",
    "key": "Key:",
    "anchored": "Anchored",
    "named": "named in the file",
    "named_detail": "This page cannot ask there; python -m credentials verify checks such an anchor.",
    "entry": "entry {index} of {size} in {origin}",
}
_ON_PAGE = ("heading", "given_to", "checked", "limits", "another", "noscript")


def page(library: str, bundle: JsonObject | None, words: Mapping[str, str] = WORDS, lang: str = "en") -> str:
    """The file. `library` is the text of `jsonld.min.js`; `words` are `WORDS` in another language."""
    folder = files("credentials.forms.offline")
    program = "\n".join(_program((folder / name).read_text("utf-8")) for name in ("check.js", "show.js"))
    parts = {
        "lang": lang,
        "words": _data(dict(words)),
        "contexts": _data(CONTEXTS),
        "bundle": "" if bundle is None else _data(bundle),
        "library": _inline(library),
        "script": _inline(program),
        **{name: html.escape(words[name]) for name in _ON_PAGE},
    }
    text = (folder / "page.html").read_text("utf-8")
    pieces = text.split("{")
    made = [pieces[0]]
    for piece in pieces[1:]:
        name, closed, rest = piece.partition("}")
        made.append(f"{parts[name]}{rest}" if closed and name in parts else "{" + piece)
    return "".join(made)


def _program(text: str) -> str:
    """A module's text as part of one script."""
    return text.replace("export async function", "async function").replace("export function", "function")


def _inline(script: str) -> str:
    """Nothing in a script may end its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _data(value: Any) -> str:
    """JSON that cannot leave its element, whatever a name in it says."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
