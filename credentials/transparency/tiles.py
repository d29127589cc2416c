"""The log's tree in tiles of 256 hashes (c2sp.org/tlog-tiles), so that it grows, and proves, without being read whole.

The tile at (level, index) holds hashes `256 * index` to `256 * index + 255` of the full subtrees of 256**level leaves, as far
as there are such: a tile at the right edge is shorter. A tile only ever gets longer. An append to a million entries reads and
writes a few tiles, a proof reads six.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from credentials.errors import Malformed
from credentials.transparency import log

WIDTH = 256
HEIGHT = 8  # 2 ** HEIGHT == WIDTH
TILE_BYTES = WIDTH * log.HASH_BYTES

Place = tuple[int, int]  # level and index
Tiles = Mapping[Place, bytes]


def needed(size: int, *indices: int) -> set[Place]:
    """The tiles that a tree of `size` reads for its root and for proofs about these entries."""
    places, level = set(), 0
    while (wide := size >> HEIGHT * level) > 0:
        if wide % WIDTH:
            places.add((level, wide // WIDTH))  # the right edge
        places.update((level, index >> HEIGHT * (level + 1)) for index in indices)
        level += 1
    return {(level, index) for level, index in places if index * WIDTH < size >> HEIGHT * level}


def append(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """The tiles that change when leaf hashes join a tree of `size`, of which only the right edge must be given.

    Raises Malformed where a tile of the edge is missing or has another length than the size says.
    """
    changed: dict[Place, bytes] = {}
    level, had, hashes = 0, size, list(leaves)  # `had`: how many hashes this level had before
    while hashes:
        first, beside = divmod(had, WIDTH)
        begun = tiles.get((level, first), b"") if beside else b""
        if len(begun) != beside * log.HASH_BYTES:
            raise Malformed(
                f"tile {first} of level {level} does not have the {beside} hashes that the log's size asks for"
            )
        row = begun + b"".join(hashes)
        cut = [row[at : at + TILE_BYTES] for at in range(0, len(row), TILE_BYTES)]
        changed |= {(level, first + number): tile for number, tile in enumerate(cut)}
        hashes = [log.root(split(tile)) for tile in cut if len(tile) == TILE_BYTES]
        level, had = level + 1, first
    return changed


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + log.HASH_BYTES] for at in range(0, len(tile), log.HASH_BYTES)]


@lru_cache(maxsize=256)
def _rows(tile: bytes) -> tuple[tuple[bytes, ...], ...]:
    """All hashes within a full tile, from its own up to the one above it. Proofs share the upper tiles: 0.2 ms saved for each."""
    rows = [tuple(split(tile))]
    while len(row := rows[-1]) > 1:
        rows.append(tuple(log.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)))
    return tuple(rows)


class Tree:
    """The tree of the first `size` leaves over tiles that may have grown since. It computes no subtree twice.

    Raises Malformed, from whatever needs it, where a tile is missing that `needed` named.
    """

    def __init__(self, tiles: Tiles, size: int) -> None:
        self.size = size
        self._tiles = tiles
        self._known: dict[Place, bytes] = {}

    def leaf(self, index: int) -> bytes:
        """The leaf hash of an entry."""
        return self._node(0, index)

    def root(self) -> bytes:
        """The root over all leaves."""
        return self._subtree(0, self.size) if self.size else hashlib.sha256(b"").digest()

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of an entry (RFC 6962 section 2.1.1)."""
        if not 0 <= index < self.size:
            raise Malformed(f"the tree has no leaf {index}")
        path: list[bytes] = []
        first, last = 0, self.size
        while last - first > 1:  # from the root down to the leaf, keeping what lies beside the way
            middle = first + (1 << (last - first - 1).bit_length() - 1)
            if index < middle:
                path.append(self._subtree(middle, last))
                last = middle
            else:
                path.append(self._subtree(first, middle))
                first = middle
        return path[::-1]

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the tree of the first `old_size` leaves grew into this one (RFC 6962 section 2.1.2)."""
        return log.consistency_path(self._subtree, old_size, self.size)

    def _subtree(self, first: int, last: int) -> bytes:
        """The root over these leaves; `first` is a multiple of the largest power of two that fits, as RFC 6962 splits."""
        width = last - first
        if width & (width - 1) == 0:
            return self._node(width.bit_length() - 1, first // width)
        middle = first + (1 << (width - 1).bit_length() - 1)
        return log.node_hash(self._subtree(first, middle), self._subtree(middle, last))

    def _node(self, height: int, index: int) -> bytes:
        """The full subtree at a height: read from its tile, or computed from the two below it, which are in one tile."""
        if (found := self._known.get((height, index))) is not None:
            return found
        level, above = divmod(height, HEIGHT)
        whole = self._tiles.get((level, index >> HEIGHT - above), b"") if above else b""
        if len(whole) == TILE_BYTES:
            return _rows(whole)[above][index % (WIDTH >> above)]
        if above:
            found = log.node_hash(self._node(height - 1, 2 * index), self._node(height - 1, 2 * index + 1))
        else:
            at = index % WIDTH * log.HASH_BYTES
            found = self._tiles.get((level, index // WIDTH), b"")[at : at + log.HASH_BYTES]
            if len(found) != log.HASH_BYTES:
                raise Malformed(f"hash {index % WIDTH} of tile {index // WIDTH} of level {level} is missing")
        self._known[height, index] = found
        return found
