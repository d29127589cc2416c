"""Numbers of a few bits each, packed into bytes and compressed: what all status lists are beneath their standards' words."""

from __future__ import annotations

import gzip
import zlib

from credentials.canonical import b64u
from credentials.errors import Malformed

GZIP, ZLIB = 31, 15  # zlib's `wbits`


def place(data: bytes | bytearray, index: int, bits: int, name: str, *, low_first: bool = False) -> tuple[int, int]:
    """The byte in which the number at `index` stands, and how far from the low end. The first number of a byte stands in its
    high bits, or `low_first`. Raises Malformed beyond the end; `name` is what the list is called then.
    """
    in_byte = 8 // bits
    if not 0 <= index < len(data) * in_byte:
        raise Malformed(f"the {name} has no entry {index}")
    at, number = divmod(index, in_byte)
    return at, bits * (number if low_first else in_byte - 1 - number)


def get(data: bytes, index: int, bits: int, name: str, *, low_first: bool = False) -> int:
    """The number at `index`. Raises Malformed beyond the end."""
    at, shift = place(data, index, bits, name, low_first=low_first)
    return data[at] >> shift & (1 << bits) - 1


def put(data: bytes, index: int, bits: int, number: int, name: str) -> bytes:
    """The same list but for the number at `index`. Raises Malformed beyond the end."""
    at, shift = place(data, index, bits, name)
    changed = bytearray(data)
    changed[at] = changed[at] & ~((1 << bits) - 1 << shift) | number << shift
    return bytes(changed)


def zipped(data: bytes) -> str:
    """Multibase `u`, base64url, of the GZIP of the bytes, as `encodedList` (Bitstring Status List 1.0 section 3.3). The same
    bytes give the same text.
    """
    return "u" + b64u(gzip.compress(data, mtime=0))


def unpacked(found: bytes, form: int, least: int, most: int, name: str, wrong_size: str) -> bytes:
    """The bytes again: from `least` to `most` of them, never more in memory, and nothing behind them. Raises Malformed."""
    unpacker = zlib.decompressobj(wbits=form)
    try:
        data = unpacker.decompress(found, most + 1)
    except zlib.error as reason:
        raise Malformed(f"the {name} cannot be unpacked") from reason
    if not unpacker.eof or unpacker.unused_data or not least <= len(data) <= most:
        raise Malformed(f"the {name} {wrong_size}")
    return data
