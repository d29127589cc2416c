"""The append-only log: Merkle trees (RFC 6962 section 2.1, proofs as in RFC 9162 section 2.1), and its C2SP texts.

The log holds no personal data. The entry of a certificate is `b"certificate" + SHA-256(salt + JCS(signed credential))`, that
of a submitted exam `b"receipt-head" + SHA-256(salt + JCS(seal))`. The salt (16 random bytes or more) travels with what was
logged, so deleting both makes the entry meaningless.
Formats: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof@v1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from credentials.canonical import JsonObject, jcs
from credentials.errors import Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer
from credentials.transparency import notes

MIN_SALT_BYTES = 16
HASH_BYTES = 32
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 64
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """A tree head that a trusted key signed. `root` is 32 bytes; `signers` are the multikeys that verified."""

    origin: str
    size: int
    root: bytes
    signers: tuple[str, ...]


@dataclass(frozen=True)
class LogProof:
    """A parsed tlog-proof. Nothing in it is proven yet: `checkpoint` is text for `open_checkpoint`."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def certificate_leaf(credential: JsonObject, salt: bytes) -> bytes:
    """The log entry of a signed credential: 43 bytes. Raises Malformed for a salt below 16 bytes."""
    return _salted(b"certificate", credential, salt)


def receipt_head_leaf(seal: JsonObject, salt: bytes) -> bytes:
    """The log entry of a seal, which names the last receipt of an attempt: 44 bytes. Raises Malformed for a short salt."""
    return _salted(b"receipt-head", seal, salt)


def _salted(kind: bytes, document: JsonObject, salt: bytes) -> bytes:
    """The kind stands in front, so that no entry of one kind can be read as one of another."""
    if len(salt) < MIN_SALT_BYTES:
        raise Malformed(f"a salt has {MIN_SALT_BYTES} bytes at least")
    return kind + hashlib.sha256(salt + jcs(document)).digest()


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of no leaves, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:  # an odd last node rises unchanged, which equals the RFC's largest-power-of-two split
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index`, from its sibling up to below the root (RFC 6962 section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise Malformed(f"the tree has no leaf {index}")
    path, level = [], list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level, index = paired + level[len(paired) * 2 :], index // 2
    return path


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree of the first `old_size` leaves grew into this one (RFC 6962 section 2.1.2)."""
    return consistency_path(lambda first, last: root(leaves[first:last]), old_size, len(leaves))


def consistency_path(subtree: Callable[[int, int], bytes], old_size: int, size: int) -> list[bytes]:
    """The same for a tree that is not at hand as leaves: `subtree(first, last)` is the root over those leaves."""
    if not 0 < old_size <= size:
        raise Malformed(f"there was no tree of {old_size} leaves to compare with")
    path: list[bytes] = []
    first, last, known = 0, size, True
    while old_size != last:  # descend towards the old tree's right edge, keeping what lies beside the way
        split = first + (1 << (last - first - 1).bit_length() - 1)
        if old_size <= split:
            path.append(subtree(split, last))
            last = split
        else:
            path.append(subtree(first, split))
            first, known = split, False
    if not known:
        path.append(subtree(first, last))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> None:
    """Return when `path` leads from the leaf hash to the root (RFC 9162 section 2.1.3.2). Raises NotProven."""
    if not 0 <= index < size:
        raise NotProven("log inclusion", f"a log of {size} entries has no entry {index}")
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise NotProven("log inclusion", "the proof is longer than the tree is high")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != expected_root:
        raise NotProven("log inclusion", "the proof does not lead to the root that the log signed")


def verify_consistency(old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Return when the old tree is a beginning of the new one (RFC 9162 section 2.1.4.2). Raises NotProven."""
    step = "log consistency"
    if not 0 < old_size <= new_size:
        raise NotProven(step, f"a log cannot grow from {old_size} to {new_size} entries")
    if old_size == new_size:
        if path or old_root != new_root:
            raise NotProven(step, "two trees of one size must be the same tree")
        return
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not steps:
        raise NotProven(step, "the proof is empty")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise NotProven(step, "the proof is longer than the tree is high")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise NotProven(step, "the log rewrote entries that it had already published")


def vkey(name: str, key: PublicKey) -> str:
    """The verifier key text `name+hash+base64`, as other log tools read it."""
    return notes.NoteKey(name, key).vkey


def checkpoint(origin: str, size: int, tree_root: bytes, *keys: Signer) -> str:
    """The signed tree head; two keys sign while one follows the other. Never sign two heads that no consistency proof
    connects: that is the log's one promise.
    """
    if size < 0 or len(tree_root) != HASH_BYTES:
        raise Malformed("a checkpoint needs a size and a 32-byte root")
    return notes.sign(f"{origin}\n{size}\n{notes.b64(tree_root)}\n", origin, *keys)


def open_checkpoint(text: str, keys: Collection[PublicKey], origin: str | None = None) -> Checkpoint:
    """Check who signed, then read. `origin`: refuse any other log. Raises Malformed, NotProven."""
    claimed = text.split("\n", 1)[0]
    if origin is not None and claimed != origin:
        raise NotProven("checkpoint", f"it is of the log {claimed[:80]!r}, not of {origin!r}")
    note = notes.parse(text)
    notes.check_name(claimed)
    log_keys = [notes.NoteKey(claimed, key) for key in keys]
    signers = notes.proven(note, log_keys)
    if not signers:
        raise NotProven("checkpoint", f"no key that we trust for {claimed[:80]!r} signed it")
    multikeys = tuple(each.key.multikey for each, _ in signers if isinstance(each, notes.NoteKey))
    return replace(read_checkpoint(note.text), signers=multikeys)


def read_checkpoint(text: str) -> Checkpoint:
    """What the text of a note says as a checkpoint; its `signers` are empty: nothing is proven. Raises Malformed."""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not _NUMBER.fullmatch(lines[1]):
        raise Malformed("a checkpoint has three lines: origin, size, root")
    tree_root = notes.unb64(lines[2], "the root")
    if len(tree_root) != HASH_BYTES:
        raise Malformed("the root of a checkpoint has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), tree_root, ())


def format_proof(index: int, path: Sequence[bytes], checkpoint_text: str, extra: bytes | None = None) -> str:
    """The text of a tlog-proof. `extra` is opaque and not authenticated."""
    lines = [_PROOF_HEADER]
    if extra is not None:
        lines.append(f"extra {notes.b64(extra)}")
    return "\n".join([*lines, f"index {index}", *map(notes.b64, path), "", checkpoint_text])


def parse_proof(text: str) -> LogProof:
    """Read a tlog-proof, strictly. Raises Malformed."""
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != _PROOF_HEADER or len(lines) > _MAX_PATH + 2 or len(text) > notes.MAX_NOTE:
        raise Malformed(f"this is not a {_PROOF_HEADER} text")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = notes.unb64(lines.pop(0).removeprefix("extra "), "the extra line")
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not _NUMBER.fullmatch(number):
        raise Malformed("the proof has no index line")
    path = tuple(notes.unb64(line, "the proof") for line in lines)
    if any(len(sibling) != HASH_BYTES for sibling in path):
        raise Malformed("every line of the proof is a 32-byte hash")
    return LogProof(int(number), path, note, extra)


def prove_entry(
    entry: bytes, proof: str, keys: Collection[PublicKey], origin: str | None = None
) -> tuple[int, Checkpoint]:
    """The number of an entry and the signed head that holds it, by its tlog-proof. Raises Malformed, NotProven."""
    claim = parse_proof(proof)
    head = open_checkpoint(claim.checkpoint, keys, origin)
    verify_inclusion(leaf_hash(entry), claim.index, head.size, claim.path, head.root)
    return claim.index, head
