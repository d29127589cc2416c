"""Whom a verifier trusted before it saw the file."""

from __future__ import annotations

from dataclasses import dataclass

from credentials.canonical import load
from credentials.errors import Malformed
from credentials.keys import PublicKey

_KEYS = ("issuer_keys", "log_keys", "receipt_keys")


@dataclass(frozen=True)
class Trust:
    """The keys that the verifier knew beforehand. Where `issuer_keys` (for receipts `receipt_keys`) are given, no other
    key counts; where `log_keys` are given, a certificate needs a proof from that log, and `origin` names it. Empty: the
    file's own claims are followed, and the report says so.
    """

    issuer_keys: tuple[PublicKey, ...] = ()
    log_keys: tuple[PublicKey, ...] = ()
    origin: str | None = None
    receipt_keys: tuple[PublicKey, ...] = ()


def trust_from(document: bytes) -> Trust:
    """Read `{"issuer_keys": [multikey…], "log_keys": […], "receipt_keys": […], "origin": text}`. Raises Malformed, BadKey."""
    file = load(document)
    origin = file.get("origin")
    if set(file) - {*_KEYS, "origin"} or not isinstance(origin, str | None):
        raise Malformed("a trust file has issuer_keys, log_keys, receipt_keys and origin, nothing else")
    lists = [file.get(name, []) for name in _KEYS]
    if any(not isinstance(each, list) for each in lists) or not any(lists):
        raise Malformed("a trust file lists at least one key")
    issuer, logs, receipts = (tuple(PublicKey.from_multikey(str(text)) for text in texts) for texts in lists)
    return Trust(issuer, logs, origin, receipts)
