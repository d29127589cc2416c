"""Read a problem package, a folder or an archive, into memory. Everything is checked before anything is unpacked.

Nothing is ever written to a disk, so there is no path for a name to leave through; names are checked all the same,
because they are shown, written into other archives and become file names in a jail.
"""

from __future__ import annotations

import bisect
import contextlib
import io
import lzma
import os
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grading.programs.errors import ArchiveRefused
from grading.programs.tarring import MAX_ENTRIES, MAX_TOTAL, MIB, check_growth, check_headers, inflate

MAX_FILE = 64 * MIB
MAX_DIRECTORY = MAX_ENTRIES * 512  # bytes of a zip's table of contents
MAX_NAME, MAX_PATH, MAX_DEPTH = 255, 1000, 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError)
IGNORED = ("__MACOSX", ".git", ".gitkeep", ".gitignore", ".DS_Store", "Thumbs.db", ".svn", ".hg")


@dataclass(frozen=True)
class Package:
    """The files of a package by their paths.

    `left_out` says which were not taken, and why (folders only); `unsafe` holds those whose name alone is the reason.
    """

    name: str
    files: Mapping[str, bytes]
    left_out: Mapping[str, str] = field(default_factory=dict)
    unsafe: Mapping[str, bytes] = field(default_factory=dict)

    def below(self, folder: str) -> dict[str, bytes]:
        """The files in that folder and deeper, by their paths from there."""
        start = folder.rstrip("/") + "/"
        found: dict[str, bytes] = {}
        for at in range(bisect.bisect_left(self._sorted, start), len(self._sorted)):
            path = self._sorted[at]
            if not path.startswith(start):
                break
            found[path.removeprefix(start)] = self.files[path]
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        """Asked for each test and each submission, so never a walk over all files."""
        return sorted(self.files)


def read_package(path: Path) -> Package:
    """Read a folder, a .zip (.kpp) or a tar archive. Raises `ArchiveRefused`; an `OSError` where it cannot be read."""
    if path.is_dir():
        return read_folder(path)
    return read_archive(read_bytes(path, MAX_TOTAL), path.name)


def read_bytes(path: Path, most: int) -> bytes:
    """At most so many bytes: what a device or a pipe says of its size is no truth. Raises `ArchiveRefused`."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ArchiveRefused(path.name, f"it has more than {most // MIB} MiB")
    return data


def read_file(path: Path) -> Package:
    """One file as a package of its own. Raises `ArchiveRefused`; an `OSError` where it cannot be read."""
    return Package(path.stem, {path.name: read_bytes(path, MAX_FILE)})


def read_archive(data: bytes, name: str) -> Package:
    """Read a zip or tar archive. Raises `ArchiveRefused`."""
    files = _unzip(data, name) if data[:4] in (b"PK\3\4", b"PK\5\6") else _untar(inflate(data, name), name, len(data))
    return _without_top(name.split(".", maxsplit=1)[0], files)


def check_path(path: str) -> None:
    """Raise `ArchiveRefused` unless `path` stays where it is put and reads as what it is."""
    shown = path[:80]
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\\" in path or (len(parts[0]) == 2 and parts[0].endswith(":")):
        raise ArchiveRefused(repr(shown), "the name leads out of its folder")
    if "" in parts or "." in parts or len(parts) > MAX_DEPTH:
        raise ArchiveRefused(repr(shown), f"the name is empty somewhere, or deeper than {MAX_DEPTH} folders")
    if any(unicodedata.category(sign).startswith("C") for sign in path):
        raise ArchiveRefused(repr(shown), "the name holds a control or invisible character")
    sizes = [len(part.encode()) for part in parts]
    if max(sizes) >= MAX_NAME or sum(sizes) > MAX_PATH:
        raise ArchiveRefused(repr(shown), f"the name has {MAX_NAME} bytes or more")


class _Gathered:
    """Files one by one, refused as soon as they are too many, too large, or two of one name."""

    def __init__(self, name: str, packed: int | None = None) -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self._names: set[str] = set()
        self._total = 0
        self._entries = 0
        self._packed = packed

    def announce(self, size: int) -> None:
        """One more entry of that size. Called for all of them before any is read, where the archive tells."""
        if size < 0:
            raise ArchiveRefused(self.name, "one of its files has a size below zero")
        self._entries += 1
        self._total += size
        if self._entries > MAX_ENTRIES:
            raise ArchiveRefused(self.name, f"it has more than {MAX_ENTRIES:,} entries")
        if size > MAX_FILE:
            raise ArchiveRefused(self.name, f"one of its files has more than {MAX_FILE // MIB} MiB")
        check_growth(self.name, self._total, self._packed)

    def claim(self, path: str) -> None:
        check_path(path)
        plain = unicodedata.normalize("NFC", path)
        if plain in self._names:
            raise ArchiveRefused(self.name, f"two of its files are named {path!r}")
        self._names.add(plain)

    def done(self) -> dict[str, bytes]:
        folders = {path[:at] for path in self.files for at, sign in enumerate(path) if sign == "/"}
        if clash := folders & self.files.keys():
            raise ArchiveRefused(self.name, f"{min(clash)!r} is both a file and a folder")
        return self.files


def read_folder(root: Path) -> Package:
    """Read a folder on this machine. Links that lead out of it, and what is no file, are left out and named."""
    gathered, left_out, unsafe = _Gathered(root.name), dict[str, str](), dict[str, bytes]()
    home = root.resolve()
    for folder, folders, names in os.walk(root):
        gathered.announce(0)
        if len(Path(folder).relative_to(root).parts) > MAX_DEPTH:
            raise ArchiveRefused(root.name, f"its folders lie more than {MAX_DEPTH} deep")
        folders[:] = sorted(one for one in folders if one not in IGNORED)
        for name in (*sorted(set(names) - set(IGNORED)), *(one for one in folders if Path(folder, one).is_symlink())):
            file = Path(folder, name)
            path = file.relative_to(root).as_posix()
            if why := _unreadable(file, home):
                left_out[path] = why
                continue
            gathered.announce(file.stat().st_size)
            if why := _unsafe(path):
                left_out[path] = why
            (unsafe if why else gathered.files)[path] = read_bytes(file, MAX_FILE)
    return Package(home.name, gathered.done(), left_out, unsafe)


def _unreadable(file: Path, home: Path) -> str:
    if file.is_symlink():
        target = Path(os.path.realpath(file))  # unlike resolve(), it takes a loop for what it is: nothing
        if not target.is_relative_to(home):
            return "it is a link that leads out of the package"
        if not target.is_file():
            return "it is a link to a folder or to nothing"
    return "" if stat.S_ISREG(file.stat().st_mode) else "it is no plain file"


def _unsafe(path: str) -> str:
    try:
        check_path(path)
    except (ArchiveRefused, UnicodeEncodeError) as refused:
        return refused.message if isinstance(refused, ArchiveRefused) else "the name is not UTF-8"
    return ""


def _unzip(data: bytes, name: str) -> dict[str, bytes]:
    _check_directory(data, name)
    gathered = _Gathered(name, len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [info for info in archive.infolist() if not _ignored(info.filename)]
            for info in entries:
                _check_entry(info, name)
                gathered.announce(info.file_size)
                gathered.claim(info.orig_filename.rstrip("/"))
            for info in entries:
                if not info.is_dir():
                    gathered.files[info.filename] = _extract(archive, info)
    except _DAMAGE as error:
        raise ArchiveRefused(name, f"it is damaged, or packed in a way that is not read here ({error})") from error
    return gathered.done()


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more than the entry announced: what it says of itself may be a lie."""
    with archive.open(info) as file:
        data = file.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise ArchiveRefused(info.filename, f"it announces {info.file_size} bytes and has another number")
    return data


def _check_entry(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused(name, f"{info.filename!r} is a link or a device")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The others are unpacked in one go by the library, however much that is.
        raise ArchiveRefused(name, f"{info.filename!r} is packed by another method than deflate")
    if info.flag_bits & 1:
        raise ArchiveRefused(name, f"{info.filename!r} is encrypted")


def _check_directory(data: bytes, name: str) -> None:
    """Refuse a table of contents that would itself fill the memory, before it is read."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - 65557))
    if at < 0 or at + 22 > len(data):
        raise ArchiveRefused(name, "it is damaged: a zip's table of contents is missing")
    entries, size = struct.unpack_from("<HL", data, at + 10)
    if at >= 20 and data[at - 20 : at - 16] == b"PK\6\7":
        (record,) = struct.unpack_from("<Q", data, at - 12)
        if record + 56 > len(data):
            raise ArchiveRefused(name, "it is damaged: its table of contents lies outside of it")
        entries, size = struct.unpack_from("<QQ", data, record + 32)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        raise ArchiveRefused(name, f"it has more than {MAX_ENTRIES:,} entries")


def _untar(plain: bytes, name: str, packed: int) -> dict[str, bytes]:
    check_headers(plain, name)
    gathered = _Gathered(name, packed)
    try:
        with contextlib.closing(tarfile.open(fileobj=io.BytesIO(plain), mode="r:")) as archive:
            while entry := archive.next():
                path = entry.name.removeprefix("./").rstrip("/")
                if _ignored(path) or path in ("", "."):
                    continue
                if not (entry.isreg() or entry.isdir()) or entry.issparse():
                    raise ArchiveRefused(name, f"{path[:80]!r} is a link or a device")
                gathered.announce(entry.size)
                gathered.claim(path)
                if entry.isreg() and (file := archive.extractfile(entry)):
                    gathered.files[path] = file.read(entry.size)
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise ArchiveRefused(name, f"it is neither a zip nor a tar archive that can be read ({error})") from error
    return gathered.done()


def _ignored(path: str) -> bool:
    return any(part in IGNORED for part in path.split("/"))


def _without_top(name: str, files: Mapping[str, bytes]) -> Package:
    """A package that was packed as one folder is that folder."""
    tops = {path.split("/", 1)[0] for path in files}
    if len(tops) == 1 and all("/" in path for path in files):
        (name,) = tops
        files = {path.split("/", 1)[1]: data for path, data in files.items()}
    return Package(name, dict(files))
