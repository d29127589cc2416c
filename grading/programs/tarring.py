"""What is looked at in a tar archive before the library reads it, and unpacking that stops in time."""

from __future__ import annotations

import bz2
import lzma
import tarfile
import zlib
from collections.abc import Callable
from typing import Any

from grading.programs.errors import ArchiveRefused

MIB = 1024 * 1024
MAX_ENTRIES = 20_000
MAX_TOTAL = 512 * MIB
MAX_RATIO = 250  # unpacked to packed, once it is large: text of real problems packs 3 to 20 times smaller
RATIO_FROM = 32 * MIB
BLOCK = 512
MAX_EXTRA = 64 * 1024  # bytes of a header that says more about the next entry; a name is the longest thing it says
LZMA_MEMORY = 128 * MIB  # `xz -9` asks for 65 MiB
EXTRA = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
WITHOUT_DATA = (
    tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE
)  # fmt: skip


def check_growth(name: str, total: int, packed: int | None) -> None:
    """Raise `ArchiveRefused` where unpacking would fill the memory, or looks as if it was made to."""
    if total > MAX_TOTAL:
        raise ArchiveRefused(name, f"unpacked it would have more than {MAX_TOTAL // MIB} MiB")
    if packed is not None and total > RATIO_FROM and total > MAX_RATIO * packed:
        raise ArchiveRefused(name, f"it would grow more than {MAX_RATIO} times its size")


def inflate(data: bytes, name: str) -> bytes:
    """The plain tar, at most `MAX_TOTAL` of it; data that is packed in no known way is taken as it is."""
    makers: dict[bytes, Callable[[], Any]] = {
        b"\x1f\x8b": lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16),
        b"BZ": bz2.BZ2Decompressor,
        b"\xfd7": lambda: lzma.LZMADecompressor(memlimit=LZMA_MEMORY),
    }
    maker = makers.get(data[:2])
    if maker is None:
        return data
    plain, left = bytearray(), data
    try:
        while left[:2] == data[:2]:  # one stream may follow another; zeros at the end are filling
            stream = maker()
            while not stream.eof:
                piece = stream.decompress(left, MIB)
                left = stream.unconsumed_tail if hasattr(stream, "unconsumed_tail") else b""
                plain += piece
                check_growth(name, len(plain), len(data))
                if not (piece or left or stream.eof):
                    raise ArchiveRefused(name, "it is damaged: it ends too early")
            left = stream.unused_data
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ArchiveRefused(name, f"it is damaged ({error})") from error
    return bytes(plain)


def check_headers(plain: bytes, name: str) -> None:
    """Walk over the headers. Raises `ArchiveRefused` for what would lead the library astray.

    A size below zero would make it read the same entry for ever, a header of megabytes keep it busy, and one that
    gives the next entry another size is only needed for files that are far too large.
    """
    at = entries = 0
    while at + BLOCK <= len(plain):
        block = plain[at : at + BLOCK]
        if not block.strip(b"\0"):
            return
        try:
            size = tarfile.nti(block[124:136])  # type: ignore[attr-defined]  # not in the stubs, and stable for 15 years
        except tarfile.TarError:
            return  # the library says better what is wrong
        kind = block[156:157]
        entries += 1
        if size < 0:
            raise ArchiveRefused(name, "one of its files has a size below zero")
        if entries > 3 * MAX_ENTRIES:
            raise ArchiveRefused(name, f"it has more than {MAX_ENTRIES:,} entries")
        if kind in EXTRA:
            _check_extra(plain[at + BLOCK : at + BLOCK + min(size, MAX_EXTRA)], size, name)
        at += BLOCK + (0 if kind in WITHOUT_DATA else -(-size // BLOCK) * BLOCK)


def _check_extra(data: bytes, size: int, name: str) -> None:
    if size > MAX_EXTRA:
        raise ArchiveRefused(name, f"one of its headers has more than {MAX_EXTRA // 1024} KiB")
    if b" size=" in data or b" GNU.sparse" in data:
        raise ArchiveRefused(name, "one of its headers gives a file another size")
