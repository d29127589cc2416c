"""Revocation and suspension: W3C Bitstring Status List 1.0. One bit for each of 131,072 certificates, so asking names nobody.

Give each certificate a random free index; a list below that size, or filled in order, would tell who was issued when.
Two lists stand beside each other, with one index for both: at `url` that of revocations, at `url/suspension` that of
suspensions. The first names by hash what stands beside it in the same version (VCDM 2.0 `relatedResource`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from credentials.canonical import JsonObject, b64u_decode, jcs
from credentials.errors import Malformed
from credentials.linked_data import contexts
from credentials.revocation import packed
from credentials.times import moment, stamp

SIZE = 131_072  # entries; section 4.2: at least 16 KB uncompressed
Purpose = Literal["revocation", "suspension"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
MAX_BYTES = 1024 * 1024
WRONG_SIZE = "has not a size that the standard allows"
_NAME = "status list"
_CREDENTIAL = {
    *("@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSubject", "proof"),
    "relatedResource",
}
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
        return bool(packed.get(self.bits, index, 1, _NAME))

    def set(self, index: int, revoked: bool = True) -> StatusList:
        """A list that differs in this one bit."""
        return StatusList(packed.put(self.bits, index, 1, int(revoked), _NAME))

    def indices(self) -> list[int]:
        """The places whose bit is set, in order."""
        places = ((at, byte) for at, byte in enumerate(self.bits) if byte)
        return [at * 8 + bit for at, byte in places for bit in range(8) if byte >> (7 - bit) & 1]

    def encode(self) -> str:
        """`encodedList`: multibase `u`, base64url, of the GZIP of the bits (section 3.3). The same bits, the same text."""
        return packed.zipped(self.bits)

    @classmethod
    def decode(cls, text: str) -> StatusList:
        """Read an `encodedList`, at most 1 MiB unpacked. Raises Malformed."""
        if text[:1] != "u":
            raise Malformed("a status list is written in base64url with a leading u")
        return cls(packed.unpacked(b64u_decode(text[1:]), packed.GZIP, SIZE // 8, MAX_BYTES, _NAME, WRONG_SIZE))


def suspension_url(url: str) -> str:
    """Where the list of suspensions stands that goes with the list of revocations at `url`."""
    return f"{url}/suspension"


def reasons_url(url: str) -> str:
    """Where the list of reasons stands (`credentials.revocation.reasons`) that goes with the list of revocations at `url`."""
    return f"{url}/reasons"


def fingerprint(document: JsonObject) -> str:
    """How one list names another: SHA-256 of its JCS bytes, as `digestSRI`."""
    return "sha256-" + base64.b64encode(hashlib.sha256(jcs(document)).digest()).decode()


@dataclass(frozen=True)
class Status:
    """A read status list credential; whether its signature holds is a separate question. `beside`: the address and the
    `fingerprint` of each document that it names as belonging to the same version.
    """

    url: str
    issuer: str
    as_of: datetime
    until: datetime | None
    entries: StatusList
    purpose: Purpose = "revocation"
    beside: Mapping[str, str] = field(default_factory=dict)

    def revoked(self, index: int) -> bool:
        """Whether this list revokes the certificate with that index. Raises Malformed beyond the end."""
        return self.entries.get(index)

    def vouches(self, url: str, document: JsonObject) -> bool:
        """Whether it names exactly this document as the one at `url` in its version."""
        return self.beside.get(url) == fingerprint(document)


def entry(url: str, index: int, purpose: Purpose = "revocation") -> JsonObject:
    """One `credentialStatus` of a certificate."""
    if not index >= 0:
        raise Malformed("a status index counts from 0")
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def both(url: str, index: int) -> list[JsonObject]:
    """The `credentialStatus` of a certificate that names both lists. Open Badges 3.0 allows one entry only (0..1), the data
    model beneath it several: programs that check badges against its schema refuse two, and those that read two know
    suspensions.
    """
    return [entry(url, index), entry(suspension_url(url), index, "suspension")]


def build(
    url: str,
    issuer: str,
    entries: StatusList,
    valid_from: datetime,
    valid_until: datetime | None = None,
    *,
    purpose: Purpose = "revocation",
    beside: Mapping[str, JsonObject] | None = None,
) -> JsonObject:
    """The unsigned BitstringStatusListCredential; sign it with `proof.sign`. It is served at `url`, to everyone. `beside`: the
    documents of this version at other addresses.
    """
    until = {} if valid_until is None else {"validUntil": stamp(valid_until)}
    named = [{"id": where, "digestSRI": fingerprint(each)} for where, each in sorted((beside or {}).items())]
    return {
        "@context": [contexts.VC],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": stamp(valid_from),
        **until,
        **({"relatedResource": named} if named else {}),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": entries.encode(),
        },
    }


def read(credential: JsonObject, purpose: Purpose = "revocation") -> Status:
    """Read a status list credential of the form that `build` gives. Raises Malformed."""
    subject = credential.get("credentialSubject")
    if set(credential) - _CREDENTIAL or not isinstance(subject, dict) or set(subject) != _SUBJECT:
        raise Malformed("the status list is not in the form that we issue")
    url, issuer = credential.get("id"), credential.get("issuer")
    types = (credential.get("type"), subject["type"], subject["statusPurpose"], credential.get("@context"))
    if types != (
        ["VerifiableCredential", "BitstringStatusListCredential"],
        "BitstringStatusList",
        purpose,
        [contexts.VC],
    ):
        raise Malformed(f"the document is not a {purpose} status list")
    if not isinstance(url, str) or not isinstance(issuer, str) or not isinstance(subject["encodedList"], str):
        raise Malformed("the status list does not say whose it is")
    until = moment(credential["validUntil"]) if "validUntil" in credential else None
    entries = StatusList.decode(subject["encodedList"])
    beside = _beside(credential.get("relatedResource", []))
    return Status(url, issuer, moment(credential.get("validFrom")), until, entries, purpose, beside)


def _beside(related: object) -> dict[str, str]:
    if not isinstance(related, list):
        raise Malformed("the status list's 'relatedResource' is not in the form that we issue")
    found: dict[str, str] = {}
    for each in related:
        where, digest = (each.get("id"), each.get("digestSRI")) if isinstance(each, dict) else (None, None)
        if not isinstance(where, str) or not isinstance(digest, str) or set(each) != {"id", "digestSRI"}:
            raise Malformed("the status list's 'relatedResource' is not in the form that we issue")
        found[where] = digest
    return found


def read_entry(found: object) -> tuple[str, int]:
    """The address of the list of revocations and the index that a certificate's `credentialStatus` names, be it one entry or
    `both`. Raises Malformed.
    """
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict):
        raise Malformed("the certificate's status entry is not an object")
    url, index = first.get("statusListCredential"), first.get("statusListIndex")
    if not isinstance(url, str) or not isinstance(index, str) or not index.isascii() or not index.isdigit():
        raise Malformed("the certificate's status entry names no list and index")
    if len(index) > 9 or found not in (entry(url, int(index)), both(url, int(index))):
        raise Malformed("the certificate's status entry is not in the form that we issue")
    return url, int(index)
