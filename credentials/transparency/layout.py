"""The static files of a log (c2sp.org/tlog-tiles): which there are, where they lie, and how entries are bundled.

    checkpoint · tile/<level>/<index>[.p/<width>] · tile/entries/<index>[.p/<width>]

An index is written in groups of three digits, all but the last behind an `x`: 1234067 is `x001/x234/067`. A bundle holds up to
256 entries, each behind its length in two bytes, big-endian.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from credentials.errors import Malformed, NotProven
from credentials.transparency.log import leaf_hash
from credentials.transparency.tiles import HEIGHT, WIDTH, split

CHECKPOINT = "checkpoint"
MAX_ENTRY = 2**16 - 1  # bytes
MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
_MAX_INDEX = 2**55  # beyond it no log of 2^63 entries has a tile


@dataclass(frozen=True)
class Resource:
    """One immutable file: the tile of a level, or with `level` None a bundle of entries; `width` 1 to 256."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it lies under the log's prefix, without a slash in front."""
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{number(self.index)}{partial}"


def number(index: int) -> str:
    """An index in groups of three digits: 5 is `005`, 1234067 is `x001/x234/067`."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def parse(path: str) -> Resource:
    """Read such a path; there is exactly one for each file. Raises Malformed."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise Malformed("a log has no file of this name")
    index = int(found[2].replace("x", "").replace("/", ""))
    level = None if found[1] == "entries" else int(found[1])
    resource = Resource(level, index, int(found[3] or WIDTH))
    if resource.path != path or index > _MAX_INDEX or (level or 0) > MAX_LEVEL:
        raise Malformed("a log has no file of this name")
    return resource


def resources(size: int) -> Iterator[Resource]:
    """Every file that a tree of `size` entries consists of, the bundles first, then its tiles from the leaves up."""
    yield from _row(None, size)
    level = 0
    while wide := size >> HEIGHT * level:
        yield from _row(level, wide)
        level += 1


def _row(level: int | None, wide: int) -> Iterator[Resource]:
    for index in range(wide // WIDTH):
        yield Resource(level, index)
    if wide % WIDTH:
        yield Resource(level, wide // WIDTH, wide % WIDTH)


def has(size: int, resource: Resource) -> bool:
    """Whether a log whose checkpoint has `size` entries can serve this file."""
    wide = size >> HEIGHT * (resource.level or 0)
    return resource.index * WIDTH + resource.width <= wide


def bundle(entries: Sequence[bytes]) -> bytes:
    """Up to 256 entries as one file. Raises Malformed for an entry above 65,535 bytes."""
    if len(entries) > WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise Malformed(f"a bundle holds up to {WIDTH} entries of up to {MAX_ENTRY:,} bytes")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle, exactly `width` of them. Raises Malformed where it is cut short or goes on."""
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        size = int.from_bytes(data[at : at + 2])
        entry = data[at + 2 : at + 2 + size]
        if at + 2 > len(data) or len(entry) != size:
            raise Malformed("the bundle of entries is cut short")
        entries.append(entry)
        at += 2 + size
    if len(entries) != width or at != len(data):
        raise Malformed(f"the bundle does not hold the {width} entries that it should")
    return entries


def check_bundle(data: bytes, tile: bytes, first: int, width: int) -> list[bytes]:
    """The entries of a bundle, each compared with its hash in the tile below it. Raises Malformed, NotProven."""
    entries = unbundle(data, width)
    hashes = split(tile)
    for at, (entry, expected) in enumerate(zip(entries, hashes, strict=False)):
        if leaf_hash(entry) != expected:
            raise NotProven("log entries", f"entry {first + at} is not the one whose hash stands in the log's tree")
    if len(hashes) < width:
        raise NotProven("log entries", f"the tree has no hash for entry {first + len(hashes)}")
    return entries
