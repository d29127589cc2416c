"""Bytes in the store that nobody reads without their key: AES-256-GCM in chunks, as in age's STREAM construction.

A sealed blob is a salt of 16 bytes, then chunks of 64 KiB, each with a tag of 16 bytes. Its own key follows from the key of
the attempt, the salt and the blob's name (HKDF-SHA256), so a blob cannot stand for another; a chunk's nonce is its number
and whether it is the last, so none can be cut off, left out or moved.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, SALT, TAG = 32, 16, 16  # bytes
CHUNK = 64 * 1024
SUFFIX = ".sealed"


class Unreadable(Exception):
    """A sealed blob was changed, moved, cut, or its key was erased."""


@dataclass(frozen=True)
class Stretch:
    """Where some bytes of the plain text lie in the sealed blob: whole chunks from `start` to `end` (not included)."""

    first: int  # number of the first chunk
    start: int
    end: int
    skip: int  # plain bytes before the wanted ones in the first chunk


def plain_size(sealed: int) -> int:
    """How many bytes a sealed blob of this size holds."""
    body = sealed - SALT
    return body - TAG * max(1, -(-body // (CHUNK + TAG)))


def stretch(sealed: int, first: int, last: int) -> Stretch:
    """Where the plain bytes `first` to `last` (included) of a blob with `sealed` bytes lie."""
    one, other = first // CHUNK, last // CHUNK
    width = CHUNK + TAG
    return Stretch(one, SALT + one * width, min(SALT + (other + 1) * width, sealed), first - one * CHUNK)


@dataclass(frozen=True)
class Sealing:
    """The cipher of one blob."""

    cipher: AESGCM
    salt: bytes

    @classmethod
    def of(cls, key: bytes, name: str, salt: bytes) -> "Sealing":
        """Of the attempt's key, the blob's name and its salt."""
        derived = HKDF(SHA256(), KEY, salt, b"invigil evidence\0" + name.encode()).derive(key)
        return cls(AESGCM(derived), salt)

    def seal(self, plain: bytes) -> bytes:
        """The whole blob, salt first."""
        pieces = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
        last = len(pieces) - 1
        return self.salt + b"".join(self.seal_chunk(piece, n, last=n == last) for n, piece in enumerate(pieces))

    def seal_chunk(self, plain: bytes, number: int, *, last: bool) -> bytes:
        """One chunk; all but the last hold `CHUNK` bytes."""
        return self.cipher.encrypt(_nonce(number, last=last), plain, None)

    def open(self, chunks: bytes, first: int, *, to_end: bool) -> Iterator[bytes]:
        """The plain bytes of whole chunks, of which the first has the number `first`. Raises `Unreadable`."""
        width = CHUNK + TAG
        count = -(-len(chunks) // width) or 1
        for at in range(count):
            part = chunks[at * width : (at + 1) * width]
            try:
                yield self.cipher.decrypt(_nonce(first + at, last=to_end and at == count - 1), part, None)
            except (InvalidTag, ValueError) as error:
                raise Unreadable("This piece of evidence was changed since it was kept.") from error


def unseal(key: bytes, name: str, sealed: bytes) -> bytes:
    """The whole plain text of a blob. Raises `Unreadable`."""
    if len(sealed) < SALT + TAG:
        raise Unreadable("This piece of evidence was cut off.")
    return b"".join(Sealing.of(key, name, sealed[:SALT]).open(sealed[SALT:], 0, to_end=True))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
