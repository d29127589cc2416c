r"""Signed notes (c2sp.org/signed-note): a text, and beneath it one line for each key that signed it.

    <text>\n\n— <key name> base64(key ID || signature)\n…

A key in a note is its name and its 4-byte ID together; the ID commits to the kind of signature, so that a key of one kind is
never taken for one of another.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer

ED25519 = 0x01  # signature types as the specification assigns them
COSIGNATURE_ED25519 = 0x04
COSIGNATURE_MLDSA44 = 0x06
ID_BYTES = 4
MAX_NOTE = 128 * 1024  # 16 signatures must be accepted; a post-quantum one has up to 5 kB, before base64
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class Signature:
    """One line beneath a note, unproven: who is named, which key, and the signature's own bytes."""

    name: str
    key_id: bytes
    data: bytes

    def line(self) -> str:
        """As it stands in the note, with its newline."""
        return f"— {self.name} {b64(self.key_id + self.data)}\n"


@dataclass(frozen=True)
class Note:
    """A read note: `text` ends in a newline. Nothing in it is proven."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(each.line() for each in self.signatures)


class Verifier(Protocol):
    """A key that may stand under a note, with the name it stands there under."""

    @property
    def name(self) -> str:
        """Its name in the note."""

    @property
    def key_id(self) -> bytes:
        """Its 4 bytes in the note."""

    @property
    def vkey(self) -> str:
        """Its one text, as other log tools read it."""

    def verify(self, text: str, signature: bytes) -> int | None:
        """When it was signed (seconds since 1970), None where the signature carries no time. Raises NotProven, Malformed."""


@dataclass(frozen=True)
class NoteKey:
    """An Ed25519 key for plain notes (type 0x01)."""

    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name the key: SHA-256(name || 0x0A || 0x01 || key)[:4]."""
        return key_id(self.name, ED25519, self.key.raw)

    @property
    def vkey(self) -> str:
        """`name+id+base64`."""
        return vkey(self.name, ED25519, self.key.raw)

    def verify(self, text: str, signature: bytes) -> None:
        """Return when this key signed the text. Raises NotProven."""
        self.key.verify(signature, text.encode())


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The 4 bytes that name a key: SHA-256(name || 0x0A || kind || public key)[:4]."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:ID_BYTES]


def vkey(name: str, kind: int, public: bytes) -> str:
    """The verifier key text `name+hash+base64(kind || public key)`."""
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def read_vkey(text: str) -> tuple[str, int, bytes]:
    """The name, kind and public key of a verifier key. Raises BadKey, also where its ID is not of this very key."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise BadKey("a verifier key has the form name+id+base64; check where this one was copied from")
    try:
        data = unb64(found[3], "the key")
    except Malformed as reason:
        raise BadKey("the verifier key's last part is not base64") from reason
    if key_id(found[1], data[0], data[1:]).hex() != found[2]:
        raise BadKey(f"the verifier key of {found[1][:80]!r} is damaged: its ID does not belong to its key")
    return found[1], data[0], data[1:]


def check_name(name: str) -> None:
    """Raises Malformed for a name that no note could carry."""
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise Malformed("a key name in a note has no white space and no plus")


def sign(text: str, name: str, *keys: Signer) -> str:
    """A note with an Ed25519 signature of each key. `text` ends in a newline."""
    check_text(text)
    lines = (Signature(name, NoteKey(name, key.public).key_id, key.sign(text.encode())) for key in keys)
    return str(Note(text, tuple(lines)))


def check_text(text: str) -> None:
    """Raises Malformed for what is no text of a note."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("the text of a note ends in a newline and has no other control character")


def parse(note: str) -> Note:
    """Read a note, strictly. Raises Malformed."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or len(note) > MAX_NOTE or _CONTROL.search(note):
        raise Malformed("the checkpoint is not a signed note")
    return Note(text + "\n", parse_lines(lines))


def parse_lines(lines: str) -> tuple[Signature, ...]:
    """Read signature lines alone, as a witness answers with. Raises Malformed."""
    if not lines.endswith("\n") or len(lines) > MAX_NOTE:
        raise Malformed("the signatures of a note end in a newline")
    return tuple(_signature(line) for line in lines[:-1].split("\n"))


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    data = unb64(found[2], "a signature of the note") if found else b""
    if found is None or len(data) <= ID_BYTES:
        raise Malformed("a signature line of the checkpoint is not in the form of a signed note")
    return Signature(found[1], data[:ID_BYTES], data[ID_BYTES:])


def proven(note: Note, verifiers: Collection[Verifier]) -> list[tuple[Verifier, int | None]]:
    """Which of these keys signed, each once, with the newest time it gave.

    Signatures of unknown keys are passed over, as the specification asks; a bad one of a known key refuses the whole note.
    Raises NotProven, Malformed.
    """
    known = {(each.name, each.key_id): each for each in verifiers}
    found: dict[tuple[str, bytes], tuple[Verifier, int | None]] = {}
    for signature in note.signatures:
        place = (signature.name, signature.key_id)
        if (verifier := known.get(place)) is None:
            continue
        when = verifier.verify(note.text, signature.data)
        former = found[place][1] if place in found else None
        found[place] = (verifier, when if former is None else max(former, when or 0))
    return list(found.values())


def open_note(text: str, verifiers: Collection[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note and who signed it: one known key at least. Raises Malformed, NotProven."""
    note = parse(text)
    signers = [verifier for verifier, _ in proven(note, verifiers)]
    if not signers:
        who = ", ".join(sorted({each.name for each in verifiers}))[:160] or "this note"
        raise NotProven("checkpoint", f"no key that we trust for {who!r} signed it")
    return note.text, signers


def b64(data: bytes) -> str:
    """Standard base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode()


def unb64(text: str, what: str) -> bytes:
    """Strict: the one exact form. Raises Malformed, naming `what`."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as reason:
        raise Malformed(f"{what} is not base64") from reason
    if b64(data) != text:
        raise Malformed(f"{what} is not base64 in its one exact form")
    return data
