"""Where the static files of a log are read from: a folder or an address. Nothing that is read here is believed."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from credentials.errors import Malformed, Unreachable
from credentials.transparency.layout import CHECKPOINT, MAX_ENTRY, Resource
from credentials.transparency.notes import MAX_NOTE
from credentials.transparency.tiles import TILE_BYTES, WIDTH

_BUNDLE_BYTES = WIDTH * (2 + MAX_ENTRY)
_TIMEOUT = 30.0  # seconds without a byte


class Source(Protocol):
    """A log's files by their paths under its prefix."""

    @property
    def name(self) -> str:
        """How a person calls it."""

    def read(self, path: str, most: int) -> bytes | None:
        """The file, None where there is none. Raises Unreachable, Malformed above `most` bytes."""


@dataclass(frozen=True)
class Folder:
    """A folder that holds the files as they are served."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self.path)

    def read(self, path: str, most: int) -> bytes | None:
        """As `Source`."""
        try:
            with (self.path / path).open("rb") as file:
                return _limited(path, file.read(most + 1), most)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as reason:
            raise Unreachable(f"{self.path / path} cannot be read: {reason.strerror}") from reason


@dataclass(frozen=True)
class Address:
    """A log's prefix on the web, `https://…` or `http://…`, without a slash at its end."""

    url: str

    @property
    def name(self) -> str:
        """The prefix."""
        return self.url

    def read(self, path: str, most: int) -> bytes | None:
        """As `Source`."""
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Accept-Encoding": "identity"})  # noqa: S310  (`open_source` lets http and https pass only)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                return _limited(path, answer.read(most + 1), most)
        except urllib.error.HTTPError as reason:
            reason.close()
            if reason.code in {404, 410}:
                return None
            raise Unreachable(f"{self.url}/{path} answers {reason.code}") from reason
        except (OSError, http.client.HTTPException, ValueError) as reason:
            raise Unreachable(f"{self.url}/{path} cannot be reached: {getattr(reason, 'reason', reason)}") from reason


def _limited(path: str, data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise Malformed(f"{path} is larger than any such file may be")
    return data


def open_source(name: str) -> Source:
    """A folder's path, or an address. Raises Malformed for what can be neither."""
    try:
        scheme = urlsplit(name).scheme
    except ValueError as reason:
        raise Malformed(f"{name[:200]!r} is not an address") from reason
    if "\0" in name:
        raise Malformed(f"{name[:200]!r} is not the name of a folder")
    if scheme in {"http", "https"}:
        return Address(name.rstrip("/"))
    return Folder(Path(name))


def checkpoint(source: Source) -> str:
    """The newest checkpoint that the source shows. Raises Unreachable, Malformed."""
    data = source.read(CHECKPOINT, MAX_NOTE)
    if data is None:
        raise Unreachable(f"{source.name} holds no log: there is no checkpoint")
    try:
        return data.decode()
    except UnicodeDecodeError as reason:
        raise Malformed("the checkpoint is not a signed note") from reason


def resource(source: Source, wanted: Resource) -> bytes:
    """A tile or bundle; where the partial one is gone, the beginning of the full one for a tile.

    Raises Unreachable where there is neither.
    """
    most = _BUNDLE_BYTES if wanted.level is None else TILE_BYTES
    data = source.read(wanted.path, most)
    if data is None and wanted.width < WIDTH:
        data = source.read(Resource(wanted.level, wanted.index).path, most)
        data = None if data is None else _beginning(data, wanted)
    if data is None:
        raise Unreachable(f"{source.name} has no {wanted.path}, though its checkpoint promises it")
    return data


def _beginning(data: bytes, wanted: Resource) -> bytes:
    """So many hashes of a full tile, or so many entries of a full bundle."""
    if wanted.level is not None:
        return data[: wanted.width * TILE_BYTES // WIDTH]
    at = 0
    for _ in range(wanted.width):
        at += 2 + int.from_bytes(data[at : at + 2])
    return data[:at]
