"""Revocation: W3C Bitstring Status List 1.0. One bit for each of 131,072 certificates, so asking names nobody.

Give each certificate a random free index; a list below that size, or filled in order, would tell who was issued when.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from datetime import datetime

from credentials import contexts
from credentials.canonical import JsonObject, b64u, b64u_decode
from credentials.errors import Malformed
from credentials.times import moment, stamp

SIZE = 131_072  # entries; section 4.2: at least 16 KB uncompressed
PURPOSE = "revocation"
_MAX_BYTES = 1024 * 1024
_CREDENTIAL = {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSubject", "proof"}
_SUBJECT = {"id", "type", "statusPurpose", "encodedList"}


@dataclass(frozen=True)
class StatusList:
    """The bits of a list. Index 0 is the leftmost bit of the first byte (section 3.3). Immutable."""

    bits: bytes

    @classmethod
    def empty(cls, size: int = SIZE) -> StatusList:
        """A list in which nothing is revoked."""
        if size < SIZE or size % 8:
            raise Malformed(f"a status list has {SIZE:,} entries at least, and whole bytes")
        return cls(bytes(size // 8))

    def __len__(self) -> int:
        return len(self.bits) * 8

    def get(self, index: int) -> bool:
        """Whether the bit is set. Raises Malformed beyond the end."""
        return bool(self.bits[self._byte(index)] >> (7 - index % 8) & 1)

    def set(self, index: int, revoked: bool = True) -> StatusList:
        """A list that differs in this one bit."""
        at, mask = self._byte(index), 0x80 >> index % 8
        changed = bytearray(self.bits)
        changed[at] = changed[at] | mask if revoked else changed[at] & ~mask
        return StatusList(bytes(changed))

    def encode(self) -> str:
        """`encodedList`: multibase `u`, base64url, of the GZIP of the bits (section 3.3). The same bits, the same text."""
        return "u" + b64u(gzip.compress(self.bits, mtime=0))

    @classmethod
    def decode(cls, text: str) -> StatusList:
        """Read an `encodedList`, at most 1 MiB unpacked. Raises Malformed."""
        if text[:1] != "u":
            raise Malformed("a status list is written in base64url with a leading u")
        unpacker = zlib.decompressobj(wbits=31)
        try:
            bits = unpacker.decompress(b64u_decode(text[1:]), _MAX_BYTES + 1)
        except zlib.error as reason:
            raise Malformed("the status list cannot be unpacked") from reason
        if not unpacker.eof or unpacker.unused_data or not SIZE // 8 <= len(bits) <= _MAX_BYTES:
            raise Malformed("the status list has not a size that the standard allows")
        return cls(bits)

    def _byte(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise Malformed(f"the status list has no entry {index}")
        return index // 8


@dataclass(frozen=True)
class Status:
    """A read status list credential; whether its signature holds is a separate question."""

    url: str
    issuer: str
    as_of: datetime
    until: datetime | None
    entries: StatusList

    def revoked(self, index: int) -> bool:
        """Whether this list revokes the certificate with that index. Raises Malformed beyond the end."""
        return self.entries.get(index)


def entry(url: str, index: int) -> JsonObject:
    """The `credentialStatus` of a certificate."""
    if not index >= 0:
        raise Malformed("a status index counts from 0")
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": PURPOSE,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def build(
    url: str, issuer: str, entries: StatusList, valid_from: datetime, valid_until: datetime | None = None
) -> JsonObject:
    """The unsigned BitstringStatusListCredential; sign it with `proof.sign`. It is served at `url`, to everyone."""
    until = {} if valid_until is None else {"validUntil": stamp(valid_until)}
    return {
        "@context": [contexts.VC],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": stamp(valid_from),
        **until,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": entries.encode(),
        },
    }


def read(credential: JsonObject) -> Status:
    """Read a status list credential of the form that `build` gives. Raises Malformed."""
    subject = credential.get("credentialSubject")
    if set(credential) - _CREDENTIAL or not isinstance(subject, dict) or set(subject) != _SUBJECT:
        raise Malformed("the status list is not in the form that we issue")
    url, issuer = credential.get("id"), credential.get("issuer")
    types = (credential.get("type"), subject["type"], subject["statusPurpose"], credential.get("@context"))
    if types != (
        ["VerifiableCredential", "BitstringStatusListCredential"],
        "BitstringStatusList",
        PURPOSE,
        [contexts.VC],
    ):
        raise Malformed("the document is not a revocation status list")
    if not isinstance(url, str) or not isinstance(issuer, str) or not isinstance(subject["encodedList"], str):
        raise Malformed("the status list does not say whose it is")
    until = moment(credential["validUntil"]) if "validUntil" in credential else None
    return Status(url, issuer, moment(credential.get("validFrom")), until, StatusList.decode(subject["encodedList"]))


def read_entry(found: object) -> tuple[str, int]:
    """The list's address and the index that a certificate's `credentialStatus` names. Raises Malformed."""
    if not isinstance(found, dict):
        raise Malformed("the certificate's status entry is not an object")
    url, index = found.get("statusListCredential"), found.get("statusListIndex")
    if not isinstance(url, str) or not isinstance(index, str) or not index.isascii() or not index.isdigit():
        raise Malformed("the certificate's status entry names no list and index")
    if len(index) > 9 or found != entry(url, int(index)):
        raise Malformed("the certificate's status entry is not in the form that we issue")
    return url, int(index)
