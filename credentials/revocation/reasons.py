"""Why certificates were revoked or are suspended: one public code each, in a list that names nobody.

Four bits for each index of the status list, first index in the high half of the first byte; 0 says nothing. The list has no
signature of its own: the signed and logged revocation list names it by its SHA-256 (`credentials.revocation.status`), so one entry of the
log covers both. Like the bits, a code is found only by whoever has the certificate and its index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import Malformed
from credentials.revocation import packed
from credentials.revocation.status import MAX_BYTES, SIZE

FORMAT = "invigil-status-reasons/1"
# A number is never given to another word: lists are kept for as long as certificates.
REVOKED: Final = {
    1: "unspecified",
    2: "superseded",  # a newer certificate took its place: a changed name, a renewal, another result
    3: "attempt-voided",  # the exam that earned it does not count any more
    4: "issued-in-error",
    5: "fraud",
    6: "holder-request",
    7: "key-compromise",  # it was signed with a key that somebody else had
}
SUSPENDED: Final = {
    8: "under-review",  # somebody looks into it
    9: "identity-check",  # who its holder is has to be shown again
    10: "requirements-due",  # something that keeps it valid was not done in time
    11: "holder-hold",  # its holder asked for a pause
}
_NUMBERS: Final = {code: number for number, code in (REVOKED | SUSPENDED).items()}
_NAME = "list of reasons"
_FIELDS = {"format", "list", "codes", "encodedList"}


def is_suspension(code: str) -> bool:
    """Whether this code says that a certificate is suspended, and not revoked."""
    return code in SUSPENDED.values()


@dataclass(frozen=True)
class Reasons:
    """The codes of a list. Immutable."""

    halves: bytes

    @classmethod
    def empty(cls, size: int = SIZE) -> Reasons:
        """A list that gives no reason to anybody."""
        if size < SIZE or size % 8:
            raise Malformed(f"a list of reasons has {SIZE:,} entries at least, and whole bytes")
        return cls(bytes(size // 2))

    def __len__(self) -> int:
        return len(self.halves) * 2

    def get(self, index: int) -> str | None:
        """The code, None where there is none. Raises Malformed beyond the end, and for a number without a word."""
        number = packed.get(self.halves, index, 4, _NAME)
        if number == 0:
            return None
        try:
            return (REVOKED | SUSPENDED)[number]
        except KeyError as reason:
            raise Malformed(f"the list of reasons says {number}, which this reader does not know") from reason

    def set(self, index: int, code: str | None) -> Reasons:
        """A list that differs in this one code. Raises Malformed for a word that is no code."""
        if code is not None and code not in _NUMBERS:
            raise Malformed(f"{code!r} is not one of the reasons")
        return Reasons(packed.put(self.halves, index, 4, 0 if code is None else _NUMBERS[code], _NAME))

    def build(self, url: str) -> JsonObject:
        """The list as it is served, for the status list at `url`. The same codes, the same text."""
        return {
            "format": FORMAT,
            "list": url,
            "codes": {str(number): code for number, code in sorted((REVOKED | SUSPENDED).items())},
            "encodedList": packed.zipped(self.halves),
        }


def read(document: JsonObject, url: str) -> Reasons:
    """Read the list that stands beside the status list at `url`. Its own codes must be the known ones. Raises Malformed."""
    text, codes = document.get("encodedList"), document.get("codes")
    if set(document) != _FIELDS or document.get("format") != FORMAT or not isinstance(text, str) or text[:1] != "u":
        raise Malformed("the list of reasons is not in the form that we issue")
    if document.get("list") != url:
        raise Malformed("the list of reasons belongs to another status list")
    known = {str(number): code for number, code in (REVOKED | SUSPENDED).items()}
    if not isinstance(codes, dict) or any(known.get(number, code) != code for number, code in codes.items()):
        raise Malformed("the list of reasons uses its numbers for other words")
    wrong_size = "has not a size that fits a status list"
    return Reasons(packed.unpacked(b64u_decode(text[1:]), packed.GZIP, SIZE // 2, MAX_BYTES, _NAME, wrong_size))
