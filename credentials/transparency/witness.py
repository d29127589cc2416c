"""A witness (c2sp.org/tlog-witness): it cosigns a checkpoint only where that continues all it has cosigned of the log.

`parse` and `judge` decide; `Book` keeps, on disk, the newest checkpoint of each log before anything is answered.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from credentials import files
from credentials.errors import CredentialError, Malformed, NotProven, Refused
from credentials.transparency import log, notes
from credentials.transparency.cosignatures import CosigningKey
from credentials.transparency.log import Checkpoint
from credentials.transparency.notes import Note, Verifier

MAX_REQUEST = notes.MAX_NOTE + 8 * 1024  # bytes: a checkpoint, 63 hashes and the size
MAX_PROOF = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Request:
    """What a log asks: cosign this checkpoint, which grew from `old` entries as `proof` shows. Nothing is proven."""

    old: int
    proof: tuple[bytes, ...]
    note: Note


def request(old: int, proof: Sequence[bytes], checkpoint: str) -> bytes:
    """The body of an add-checkpoint request."""
    return "\n".join([f"old {old}", *map(notes.b64, proof), "", checkpoint]).encode()


def parse(body: bytes) -> Request:
    """Read such a body. Raises Refused 400."""
    try:
        return _parse(body.decode())
    except (UnicodeDecodeError, Malformed) as reason:
        raise Refused(400, f"this is not an add-checkpoint request: {reason}") from reason


def _parse(text: str) -> Request:
    head, gap, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    found = _OLD.fullmatch(first)
    proof = tuple(notes.unb64(line, "the proof") for line in lines)
    if found is None or not gap or len(proof) > MAX_PROOF or any(len(each) != log.HASH_BYTES for each in proof):
        raise Malformed("it is not an old size, a proof of 63 hashes at most, an empty line and a checkpoint")
    note = notes.parse(checkpoint)
    log.read_checkpoint(note.text)
    return Request(int(found[1]), proof, note)


def judge(asked: Request, keys: Sequence[Verifier], last: Checkpoint | None) -> None:
    """Return when this is to be cosigned, given the keys of the log and what was cosigned last.

    Raises Refused: 403 unsigned, 400 and 409 for the old size, 422 where it does not continue the last one.
    """
    head = log.read_checkpoint(asked.note.text)
    _check_signed(asked.note, keys)
    if asked.old > head.size:
        raise Refused(400, "the old size is above the checkpoint's")
    known = 0 if last is None else last.size
    if asked.old != known:
        raise Refused(409, f"this witness has cosigned {known} entries, not {asked.old}", f"{known}\n")
    _check_grown(asked, head, last)


def _check_signed(note: Note, keys: Sequence[Verifier]) -> None:
    try:
        signed = notes.proven(note, keys)
    except CredentialError as reason:
        raise Refused(403, f"a signature of the log does not hold: {reason}") from reason
    if not signed:
        raise Refused(403, "no key that this witness knows for the log signed the checkpoint")


def _check_grown(asked: Request, head: Checkpoint, last: Checkpoint | None) -> None:
    if head.size == 0 and head.root != _EMPTY_ROOT:
        raise Refused(422, "an empty log has the root of nothing")
    if last is None or last.size == 0:
        if asked.proof:
            raise Refused(422, "nothing is to be proven where nothing was cosigned: the proof must be empty")
        return
    try:
        log.verify_consistency(last.size, head.size, asked.proof, last.root, head.root)
    except NotProven as reason:
        raise Refused(422, f"the checkpoint does not continue the last one: {reason.reason}") from reason


@dataclass
class Witness:
    """A running witness: its keys, the logs it follows, and its book."""

    keys: Sequence[CosigningKey]
    logs: Mapping[str, Sequence[Verifier]]
    book: Book

    def add_checkpoint(self, body: bytes, at: int) -> str:
        """The cosignature lines for a request, at so many seconds since 1970. Raises Refused.

        Compared and kept under one lock, so that of two requests at once neither rolls the other back.
        """
        asked = parse(body)
        origin = log.read_checkpoint(asked.note.text).origin
        log_keys = self.logs.get(origin)
        if log_keys is None:
            raise Refused(404, f"this witness does not follow the log {origin[:80]!r}")
        with self.book.opened(origin):
            judge(asked, log_keys, self.book.last(origin))
            lines = tuple(key.cosign(asked.note.text, at) for key in self.keys)
            known = {(each.name, each.key_id) for each in log_keys}
            own = tuple(each for each in asked.note.signatures if (each.name, each.key_id) in known)
            self.book.keep(origin, str(Note(asked.note.text, own + lines)))
        return "".join(line.line() for line in lines)


def origin_hash(origin: str) -> str:
    """How a log is called in addresses and folders: SHA-256 of its origin, in hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


@dataclass
class Book:
    """The newest cosigned checkpoint of each log, a file each. What is kept survives a power cut."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def opened(self, origin: str) -> Iterator[None]:
        """Nobody else, in this process or another, reads and writes this log's line meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock, (self.folder / f"{origin_hash(origin)}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def note(self, key: str) -> str | None:
        """The checkpoint of a log, by `origin_hash`, with the log's signature and the witness's cosignatures."""
        try:
            return (self.folder / key / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def last(self, origin: str) -> Checkpoint | None:
        """What was cosigned last. Raises Malformed where the file was damaged: then nothing may be cosigned."""
        note = self.note(origin_hash(origin))
        if note is None:
            return None
        head = log.read_checkpoint(notes.parse(note).text)
        if head.origin != origin:
            raise Malformed("the witness's own file is of another log; nothing is cosigned before a person has looked")
        return head

    def keep(self, origin: str, note: str) -> None:
        """Durable when this returns."""
        files.write(self.folder / origin_hash(origin) / "checkpoint", note.encode())
