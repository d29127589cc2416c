"""One byte form for JSON (RFC 8785), digests over it, and the strict reading of JSON that others wrote.

A digest is base64url SHA-256 without padding, over the JCS bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import rfc8785

from credentials.errors import Malformed

Json: TypeAlias = Any  # a JSON value; a recursive alias would only move the casts to every caller
JsonObject: TypeAlias = dict[str, Any]

MAX_BYTES = 4 * 1024 * 1024  # a receipt file with 2,000 essay drafts is about 3 MB
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it two JSON readers may disagree

_SHALLOW = 256  # brackets with which no nesting reaches any limit of recursion
_BRACKETS = re.compile(r"[\[\]{}]")
_FLAT = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def jcs(value: Json) -> bytes:
    """The canonical bytes of a JSON value (RFC 8785). Raises Malformed for what JSON cannot carry exactly.

    What is plain goes through Python's own encoder, ten times faster; a property test holds the two equal.
    """
    try:
        return _FLAT(value).encode() if _plain(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as reason:
        raise Malformed(f"this value has no canonical form: {reason}") from reason


def _plain(value: Json) -> bool:
    """Whether Python's encoder writes this as RFC 8785 asks: exact integers, no fractions, and names in ASCII, which
    sort alike in code points and UTF-16.
    """
    waiting = [value]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is dict:
            for name in item:
                if type(name) is not str or not name.isascii():
                    return False
            waiting.extend(item.values())
        elif kind is list:
            waiting.extend(item)
        elif kind is int:
            if not -MAX_INTEGER <= item <= MAX_INTEGER:
                return False
        elif kind is not str and kind is not bool and item is not None:
            return False
    return True


def jcs_flat(value: Mapping[str, str | int]) -> bytes:
    """Equal to `jcs` for one object of strings and integers, several times faster.

    It stands in the path of every saved answer. Python's own encoder escapes strings exactly as RFC 8785
    section 3.2.2.2 asks, and ASCII keys sort alike in code points and UTF-16; a property test holds the two equal.
    """
    for key, item in value.items():
        if type(item) is str:
            continue
        if type(item) is not int or not -MAX_INTEGER <= item <= MAX_INTEGER:
            raise Malformed(f"{key!r} must be a string or an exact integer")
    if not "".join(value).isascii():
        raise Malformed("names in a flat object must be ASCII")
    try:
        return _FLAT(value).encode()
    except UnicodeEncodeError as reason:
        raise Malformed(f"this value has no canonical form: {reason}") from reason


def digest(value: Json) -> str:
    """Base64url SHA-256 of the canonical bytes, 43 characters."""
    return b64u(hashlib.sha256(jcs(value)).digest())


def b64u(data: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_decode(text: str) -> bytes:
    """Strict: no padding, no other alphabet, no white space, no stray low bits. Raises Malformed."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError, binascii.Error) as reason:
        raise Malformed("this is not base64url") from reason
    if b64u(data) != text:
        raise Malformed("this is not base64url without padding in its one exact form")
    return data


def load(document: bytes | str, max_bytes: int = MAX_BYTES) -> JsonObject:
    """Read one JSON object that somebody else wrote.

    Refuses what two readers could understand differently: a name given twice, NaN, lone surrogates, integers
    beyond 2^53-1; and what is only there to exhaust us: size and depth. Raises Malformed.
    """
    if len(document) > max_bytes:
        raise Malformed(f"the file is larger than {max_bytes:,} bytes")
    try:
        text = document if isinstance(document, str) else document.decode()
        check_depth(text)
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError as reason:
        raise Malformed(f"the file is nested deeper than {MAX_DEPTH} levels") from reason
    except UnicodeDecodeError as reason:
        raise Malformed("the file is not JSON but something else, such as a picture or a PDF") from reason
    except json.JSONDecodeError as reason:
        raise Malformed(f"the file is not JSON from line {reason.lineno}, column {reason.colno} on") from reason
    except ValueError as reason:
        raise Malformed(f"the file is not JSON: {str(reason)[:120]}") from reason
    if not isinstance(value, dict):
        raise Malformed("the file must hold one JSON object")
    check(value)
    return cast("JsonObject", value)


def check(value: Json) -> None:
    """Refuse a JSON value that is too deep or has no exact form. Iterative, so depth cannot exhaust it."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Malformed(f"the document is nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, dict):
            waiting.extend((name, depth) for name in item)
            waiting.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, list):
            waiting.extend((child, depth + 1) for child in item)
        else:
            _check_scalar(item)


def check_depth(text: str) -> None:
    """Refuse deep JSON before a parser sees it: where a library has raised the limit of recursion, it ends the process instead of
    raising. Raises Malformed.
    """
    if text.count("[") + text.count("{") <= _SHALLOW:
        return
    outside = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]  # all that stands in no string
    depth = 0
    for mark in _BRACKETS.findall("".join(outside)):
        depth += 1 if mark in "[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(f"the file is nested deeper than {MAX_DEPTH} levels")


def _check_scalar(item: Json) -> None:
    if isinstance(item, str):
        try:
            item.encode()
        except UnicodeEncodeError as reason:
            raise Malformed("a text in the document is not valid Unicode") from reason
    elif isinstance(item, int) and not isinstance(item, bool) and not -MAX_INTEGER <= item <= MAX_INTEGER:
        raise Malformed("an integer in the document is too large to be exact")
    elif isinstance(item, float) and item in {float("inf"), float("-inf")}:
        raise Malformed("a number in the document is out of range")


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON number")
