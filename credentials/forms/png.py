"""A certificate inside a PNG picture: Open Badges 3.0 section 5.3.1 on PNG (ISO/IEC 15948) `iTXt` chunks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from credentials.errors import Malformed

MAGIC = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
MAX_BYTES = 16 * 1024 * 1024
_MAX_CHUNKS = 20_000
_PLAIN = b"\0\0\0\0\0"  # after the keyword: its end, not compressed, method 0, no language, no translated keyword


def bake(picture: bytes, credential: str) -> bytes:
    """The picture with the credential in one uncompressed `iTXt` chunk, right before its end. One that is there already
    is replaced: a reissued certificate must not carry the old one along. Raises Malformed for what is no whole PNG.
    """
    kept = [(kind, data) for kind, data in _chunks(picture) if not _ours(kind, data)]
    text = KEYWORD + _PLAIN + credential.encode()
    return MAGIC + b"".join(_chunk(*each) for each in [*kept[:-1], (b"iTXt", text), kept[-1]])


def extract(picture: bytes) -> str:
    """The credential in the picture. Raises Malformed where there is none, or more than one."""
    found = [data for kind, data in _chunks(picture) if _ours(kind, data)]
    if not found:
        raise Malformed("the picture carries no certificate; some programs take it out when they save a picture anew")
    if len(found) > 1:
        raise Malformed(f"the picture carries {len(found)} certificates; one of them may be there to mislead")
    data = found[0]
    if not data.startswith(KEYWORD + _PLAIN[:3]):
        raise Malformed("the certificate in the picture is compressed, which the standard forbids")
    parts = data[len(KEYWORD) + 3 :].split(b"\0", 2)  # language, translated keyword, text
    if len(parts) != 3:
        raise Malformed("the certificate in the picture is cut off")
    try:
        return parts[2].decode()
    except UnicodeDecodeError as reason:
        raise Malformed("the certificate in the picture is not text") from reason


def _ours(kind: bytes, data: bytes) -> bool:
    """By the keyword in any of the three kinds of text, so that a second one cannot hide in another kind."""
    return kind in {b"iTXt", b"tEXt", b"zTXt"} and data.split(b"\0", 1)[0].lower() == KEYWORD


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk, its checksum compared, up to and with the one that ends the picture."""
    if not picture.startswith(MAGIC):
        raise Malformed("this is not a PNG picture")
    if len(picture) > MAX_BYTES:
        raise Malformed(f"the picture is larger than {MAX_BYTES // 1024 // 1024} MB")
    at = len(MAGIC)
    for number in range(_MAX_CHUNKS):
        if at + 12 > len(picture):
            raise Malformed("the picture is cut off")
        size, kind = struct.unpack_from(">I4s", picture, at)
        data = picture[at + 8 : at + 8 + size]
        if len(data) != size or at + 12 + size > len(picture):
            raise Malformed("the picture is cut off")
        if struct.unpack_from(">I", picture, at + 8 + size)[0] != zlib.crc32(kind + data):
            raise Malformed("the picture is damaged: a checksum in it does not fit")
        if (kind == b"IHDR") != (number == 0):
            raise Malformed("the picture is damaged: its header is not in its place")
        yield kind, data
        at += 12 + size
        if kind == b"IEND":
            if at != len(picture):
                raise Malformed("something follows the end of the picture")
            return
    raise Malformed(f"the picture has more than {_MAX_CHUNKS:,} parts")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
