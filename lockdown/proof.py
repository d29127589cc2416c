"""How a browser shows which settings it runs on: SHA-256 of the address it asks for and a key (SEB, "Integration").

The same two hashes come as headers of each request and as properties of the page (`SafeExamBrowser.security`). They are
constant for an address: whoever saw one can show it again. So the address must hold something new that nobody can guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from lockdown.errors import BadExamKey

CONFIG_KEY_HEADER = "X-SafeExamBrowser-ConfigKeyHash"
EXAM_KEY_HEADER = "X-SafeExamBrowser-RequestHash"
MAX_EXAM_KEYS = 50

_KEY = re.compile(r"[0-9a-f]{64}")


def request_hash(url: str, key: str) -> str:
    """64 hexadecimal digits for an absolute address, as the client asked for it; what follows a `#` is never part of it."""
    return hashlib.sha256((url.partition("#")[0] + key).encode()).hexdigest()


def proves(url: str, keys: Iterable[str], claimed: str | None) -> bool:
    """Whether `claimed` is the hash of this address with one of the keys; in a time that does not say with which."""
    said = (claimed or "").strip().lower().encode()
    return sum([hmac.compare_digest(request_hash(url, key).encode(), said) for key in keys]) > 0


def read_exam_keys(text: str) -> tuple[str, ...]:
    """Browser Exam Keys from a list with one a line. Raises `BadExamKey`."""
    keys = tuple(text.lower().split())
    for key in keys:
        if not _KEY.fullmatch(key):
            raise BadExamKey(f"{key[:70]!r} is no Browser Exam Key: it has 64 hexadecimal digits.")
    if len(set(keys)) < len(keys):
        raise BadExamKey("A Browser Exam Key stands in the list twice.")
    if len(keys) > MAX_EXAM_KEYS:
        raise BadExamKey(f"A sitting has at most {MAX_EXAM_KEYS} Browser Exam Keys.")
    return keys


def browser_link(url: str) -> str:
    """The link that opens settings in Safe Exam Browser: `sebs:` stands for `https:`, `seb:` for `http:`."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"http", "https"}:
        raise ValueError("only web addresses open in Safe Exam Browser")
    return f"seb{scheme.removeprefix('http')}://{rest}"
