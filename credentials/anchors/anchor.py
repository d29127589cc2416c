"""What all kinds of anchors share: how one is asked for, kept, checked, and whom a verifier believes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from cryptography.x509 import Certificate, load_pem_x509_certificates

from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import CredentialError, Malformed

STEP = "anchor"
MAX_TEXT = 64 * 1024  # characters of one binary part of an anchor
HEADER_BYTES = 80  # of a Bitcoin block


class Incapable(CredentialError):
    """This installation lacks the library that reads such an anchor; install `invigil[anchors]`."""


class Transport(Protocol):
    """How an anchor reaches the outside: the cores themselves never do."""

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        """The answer's body. Raises Unreachable."""

    def get(self, url: str) -> bytes | None:
        """The body, None where there is none (404). Raises Unreachable."""


@dataclass(frozen=True)
class Evidence:
    """An anchor as it is kept: `parts` is a JSON object that only its kind reads. Not `complete`: its proof is still to come."""

    kind: str
    parts: JsonObject
    complete: bool

    def as_json(self) -> JsonObject:
        """As it travels in a certificate's file."""
        return {"kind": self.kind, **self.parts}


class Anchor(Protocol):
    """One place outside: `text` is always the text of a checkpoint, three lines, whose digest is anchored."""

    @property
    def kind(self) -> str:
        """`rfc3161`, `opentimestamps` or `evm`."""

    def submit(self, text: str) -> Evidence:
        """Ask for an anchor. Raises Unreachable, Malformed, NotProven where the answer is none."""

    def upgrade(self, text: str, pending: Evidence) -> Evidence:
        """What has become of it: the same where nothing has. Raises Unreachable, Malformed, NotProven."""


@dataclass(frozen=True)
class Anchored:
    """A proven anchor. `at`: the head existed then, None where only a block's number is known. `pinned`: by an authority or a
    block that the verifier knew beforehand; otherwise by those that the file itself claims. `where` names it for people.
    """

    kind: str
    where: str
    at: datetime | None
    pinned: bool


@dataclass(frozen=True)
class AnchorTrust:
    """Whom a verifier believes: roots of time-stamping authorities; Bitcoin headers (80 bytes) by height; hashes of blocks of
    an EVM chain by chain id. Empty: the file's own claims are followed, and the report says so.
    """

    authorities: tuple[Certificate, ...] = ()
    bitcoin: Mapping[int, bytes] = field(default_factory=dict)
    evm: Mapping[int, frozenset[bytes]] = field(default_factory=dict)


def digest(text: str) -> bytes:
    """What is anchored of a checkpoint: SHA-256 of its text without its signatures."""
    return hashlib.sha256(text.encode()).digest()


def binary(parts: JsonObject, name: str) -> bytes:
    """A binary part of an anchor. Raises Malformed."""
    text = parts.get(name)
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Malformed(f"an anchor has no {name!r} of a size that can be")
    return b64u_decode(text)


def number(parts: JsonObject, name: str) -> int:
    """A number of an anchor. Raises Malformed."""
    found = parts.get(name)
    if type(found) is not int or found < 0:
        raise Malformed(f"an anchor has no number {name!r}")
    return found


def trust_from(file: object) -> AnchorTrust:
    """Read `{"rfc3161": [PEM…], "bitcoin": {height: header in hex}, "evm": {chain id: [block hash in hex…]}}`, each as far as
    it is known. Raises Malformed.
    """
    if not isinstance(file, dict) or set(file) - {"rfc3161", "bitcoin", "evm"}:
        raise Malformed("what is known about anchors has rfc3161, bitcoin and evm, nothing else")
    try:
        found = with_authorities(AnchorTrust(), "\n".join(file.get("rfc3161", [])).encode())
        headers = {int(height): bytes.fromhex(header) for height, header in file.get("bitcoin", {}).items()}
        blocks = {
            int(chain): frozenset(bytes.fromhex(each.removeprefix("0x")) for each in hashes)
            for chain, hashes in file.get("evm", {}).items()
        }
    except (AttributeError, TypeError, ValueError) as reason:
        raise Malformed("what is known about anchors is not in its form") from reason
    if any(len(header) != HEADER_BYTES for header in headers.values()):
        raise Malformed(f"a Bitcoin header has {HEADER_BYTES} bytes")
    return replace(found, bitcoin=headers, evm=blocks)


def with_authorities(known: AnchorTrust, pem: bytes) -> AnchorTrust:
    """The same with these roots (PEM) of time-stamping authorities. Raises Malformed."""
    if not pem.strip():
        return known
    try:
        return replace(known, authorities=(*known.authorities, *load_pem_x509_certificates(pem)))
    except ValueError as reason:
        raise Malformed("a root of a time-stamping authority is not PEM") from reason
