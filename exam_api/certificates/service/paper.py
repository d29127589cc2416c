"""What stands on paper: a code that names the certificate and its entry in the log, and what the log says about it.

The text in the code is `<address>?n=<number of the entry>&h=<leaf hash, base64url>`; below it the number and the first 16
hexadecimal digits of the hash stand in letters. A forged sheet may carry anything: the log and the certificate's own page answer.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, b64u_decode
from credentials.errors import Malformed
from credentials.transparency import log
from exam_api.certificates import queries
from exam_api.certificates.service import institution, proving
from exam_api.db.models.certificates import Certificate
from exam_api.errors import NotFound
from exam_api.installation import Installation

DIGITS = 16  # hexadecimal digits of the hash in letters: 64 bits, which nobody finds a second text for by trying
_LETTERS = re.compile(r"(?:\D*)([0-9]{1,12})\D+?((?:[0-9a-f]{4}\s*){4,16})\s*", re.IGNORECASE | re.ASCII)
_QUERY = re.compile(r"[?&]n=([0-9]{1,12})&h=([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])", re.ASCII)


@dataclass(frozen=True)
class Printed:
    """A number of the log and the beginning of a hash, as they stand on paper; nothing of it is proven."""

    index: int
    digest: bytes


@dataclass(frozen=True)
class Entry:
    """What the log holds at the number on the sheet. `matches`: whether its hash begins as the sheet says."""

    index: int
    size: int
    kind: str
    at: datetime
    leaf: str
    matches: bool


def leaf(row: Certificate) -> bytes:
    """The hash by which a certificate stands in the log."""
    return log.leaf_hash(log.certificate_leaf(row.document, row.salt))


def code(here: Installation, row: Certificate) -> str:
    """The text in the code on paper: an address that any telephone opens."""
    return f"{institution.certificate_url(here, row.id)}?n={row.log_index}&h={b64u(leaf(row))}"


def letters(row: Certificate) -> str:
    """The beginning of the hash as it stands in letters, in groups of four."""
    digits = leaf(row).hex()[:DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, DIGITS, 4))


def find_printed(text: str) -> Printed | None:
    """The number and the hash in a pasted code, or in letters such as `1234 3f2a 9c01 77b0 12de`."""
    if (found := _QUERY.search(text)) is not None:
        try:
            return Printed(int(found[1]), b64u_decode(found[2]))
        except Malformed:
            return None
    said = None if "h=" in text else _LETTERS.fullmatch(text.strip())
    return None if said is None else Printed(int(said[1]), bytes.fromhex("".join(said[2].split())))


def matches(row: Certificate, printed: Printed) -> bool:
    """Whether the code is this certificate's."""
    return printed.index == row.log_index and leaf(row).startswith(printed.digest)


async def look_up(session: AsyncSession, here: Installation, printed: Printed) -> Entry | None:
    """What the log holds at that number, proven under its newest head; None where it has no such entry.

    It names no certificate: the log's hashes are public, and must not lead from there to people. Raises `LogInconsistent`.
    """
    entry = await queries.find_entry(session, printed.index)
    if entry is None:
        return None
    try:
        await proving.inclusion(session, here, printed.index)  # a changed entry never leaves as an answer
    except NotFound:
        return None
    size = (await proving.newest(session)).size
    return Entry(
        entry.index, size, entry.kind, entry.at, entry.leaf.hex()[:DIGITS], entry.leaf.startswith(printed.digest)
    )
