"""Files that belong to an answer: what one is called, what it may be, and how an answer names it.

An answer never holds a file, only references: id, name, media type, size and the SHA-256 of the bytes. So the digest of the
answer, which the receipt signs, covers the bytes too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from grading.errors import ResponseError
from grading.reading import storable

MIB = 1024 * 1024
MAX_NAME_BYTES = 200
KEYS = frozenset({"id", "name", "media_type", "size", "sha256"})
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")

# What a candidate can hand in: the ending of the name, and what such a file is. Nothing that a computer would run, nothing
# that a browser would draw with scripts in it, no archives (nobody could say what is in them).
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "tex": "text/x-tex",
    "py": "text/x-python",
    "c": "text/x-c",
    "java": "text/x-java",
    "r": "text/x-r",
    "sql": "text/x-sql",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
# What browsers record into, by the ending of the name.
AUDIO_TYPES: Mapping[str, str] = {"webm": "audio/webm", "ogg": "audio/ogg", "m4a": "audio/mp4"}
VIDEO_TYPES: Mapping[str, str] = {"webm": "video/webm", "mp4": "video/mp4"}


@dataclass(frozen=True)
class Rules:
    """What an item takes: media types by ending, how many files, and the most bytes of each."""

    types: Mapping[str, str]
    most_files: int
    most_bytes: int


@dataclass(frozen=True)
class Attachment:
    """One file of an answer, as the answer names it."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("id", "name", "media_type", "size", "sha256")}


def clean_name(name: str) -> str:
    """The last part of a path, without marks that hide or turn letters, at most 200 bytes with the ending kept; perhaps empty.

    A mark that turns the direction is why: "exam", the mark, "fdp.exe" reads as a PDF.
    """
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    name = unicodedata.normalize("NFC", " ".join(name.split())).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem.strip():
        return _cut(name, MAX_NAME_BYTES)
    return _cut(stem, MAX_NAME_BYTES - 1 - len(ending.encode())).rstrip() + "." + ending if len(ending) <= 10 else ""


def ending_of(name: str) -> str:
    """What stands after the last dot, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def media_type_of(name: str, rules: Rules) -> str:
    """What a file of this (clean) name is, for an item with these rules. Raises `ResponseError`."""
    if not name or name != clean_name(name):
        raise ResponseError("the file needs a name with an ending, such as 'sketch.pdf'")
    found = rules.types.get(ending_of(name))
    if found is None:
        raise ResponseError(f"this item takes files that end in {', '.join(rules.types)}, and this is {name!r}")
    return found


def read_attachments(files: object, rules: Rules) -> tuple[Attachment, ...]:
    """The files of an answer. Raises `ResponseError`. Whether the bytes are there is for whoever keeps them."""
    if not isinstance(files, list | tuple):
        raise ResponseError("an answer to this item is a list of files under 'files'")
    if len(files) > rules.most_files:
        raise ResponseError(f"the answer has {len(files)} files; at most {rules.most_files} are accepted")
    found = tuple(_attachment(each, rules) for each in files)
    if len({each.id for each in found}) != len(found):
        raise ResponseError("the answer names a file twice")
    return found


def _attachment(entry: object, rules: Rules) -> Attachment:
    if not isinstance(entry, Mapping) or set(entry) != KEYS:
        raise ResponseError(f"a file of an answer has exactly the fields {', '.join(sorted(KEYS))}")
    texts = [entry[name] for name in KEYS - {"size"}]
    if not all(isinstance(text, str) and len(text) <= 300 and storable(text) for text in texts):
        raise ResponseError("the fields of a file are short texts, and its size is a number")
    found = Attachment(**cast("dict[str, Any]", dict(entry)))
    if not _is_id(found.id) or not _DIGEST.fullmatch(found.sha256):
        raise ResponseError("a file of the answer has no id, or no digest, of the right form")
    if media_type_of(found.name, rules) != found.media_type:
        raise ResponseError(f"the file {found.name!r} cannot be {found.media_type!r}")
    if type(found.size) is not int or not 0 < found.size <= rules.most_bytes:
        raise ResponseError(f"a file of this answer has from 1 byte to {rules.most_bytes // MIB} MiB")
    return found


def names(files: Sequence[Attachment]) -> str:
    """The files for a reader, one on each line."""
    return "\n".join(f"{each.name} ({size_in_words(each.size)})" for each in files)


def size_in_words(size: int) -> str:
    """How large, in the unit that reads best."""
    return f"{size / MIB:.1f} MB" if size >= MIB else f"{max(1, round(size / 1024))} kB"


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _cut(text: str, size: int) -> str:
    """At most so many bytes of UTF-8, no letter cut in half."""
    return text.encode()[:size].decode(errors="ignore")
