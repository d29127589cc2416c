"""Compact JSON Web Signatures (RFC 7515) with one algorithm, ES256, and a type that the reader expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credentials.canonical import JsonObject, b64u, b64u_decode, jcs, load
from credentials.errors import Malformed, NotProven
from credentials.keys.es256 import WalletKey, WalletSigner

ALGORITHM = "ES256"
MAX_CHARACTERS = 512 * 1024


def sign(typ: str, claims: JsonObject, key: WalletSigner, header: Mapping[str, Any] | None = None) -> str:
    """`header.payload.signature`. `typ` is what a reader must expect (RFC 8725 section 3.11)."""
    said = {"alg": ALGORITHM, "typ": typ, **(header or {})}
    signed = f"{b64u(jcs(said))}.{b64u(jcs(claims))}"
    return f"{signed}.{b64u(key.sign(signed.encode()))}"


def peek(compact: str) -> tuple[JsonObject, JsonObject]:
    """Header and claims, unproven: only to find out which key to ask. Raises Malformed."""
    if len(compact) > MAX_CHARACTERS:
        raise Malformed(f"the token is longer than {MAX_CHARACTERS:,} characters")
    parts = compact.split(".")
    if len(parts) != 3 or not compact.isascii():
        raise Malformed("a signed token has three parts, joined by dots")
    return load(b64u_decode(parts[0])), load(b64u_decode(parts[1]))


def verify(compact: str, typ: str, key: WalletKey) -> tuple[JsonObject, JsonObject]:
    """Header and claims of a token of this type that `key` signed. Raises NotProven, Malformed.

    The algorithm is ours, not the token's: a token that names another one, or extensions we do not know, is refused
    (RFC 8725 section 3.1).
    """
    header, claims = peek(compact)
    if header.get("alg") != ALGORITHM:
        raise NotProven("signature", f"it must be signed with {ALGORITHM}, not with {str(header.get('alg'))[:20]!r}")
    if header.get("typ") != typ:
        raise NotProven("type", f"it must be of the type {typ}, not {str(header.get('typ'))[:40]!r}")
    if "crit" in header:
        raise NotProven("signature", "it asks for extensions that we do not know")
    signed, _, signature = compact.rpartition(".")
    key.verify(b64u_decode(signature), signed.encode())
    return header, claims
