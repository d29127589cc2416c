"""Logs for tests: a folder with the files of one, and the entries that an installation would have written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from credentials.canonical import JsonObject
from credentials.keys.ed25519 import SigningKey
from credentials.keys.mldsa import LatticeSigningKey
from credentials.transparency import entries, layout, log, notes, tiles
from credentials.transparency.cosignatures import CosigningKey
from credentials.transparency.entries import Issued, KeyCompromised, KeyRetired
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy, Witness
from tests.credentials.samples import ISSUED, KEY, LOG_KEY, ORIGIN, SALT, issued, status_list

NEXT = SigningKey.generate(b"the issuer's key that came next!")
WITNESS = CosigningKey("witness.example/w1", SigningKey.generate(b"the key of the witness, Ed25519!"))
LATTICE = CosigningKey("witness.example/w2", LatticeSigningKey.generate(b"the key of the witness, ML-DSA44"))
SEEN = int(ISSUED.timestamp())
LOG = NoteKey(ORIGIN, LOG_KEY.public)
TRUSTED = Policy(logs=(Log(LOG),))
WITNESSED = Policy((Log(LOG),), {"w1": Witness(WITNESS.public), "w2": Witness(LATTICE.public)}, {}, "w1")


def certificate(credential: JsonObject | None = None) -> bytes:
    """The entry of a certificate."""
    return log.certificate_leaf(credential or issued(), SALT)


def usual() -> list[bytes]:
    """A key, a status list, a certificate (entry 2), and certificates of others."""
    others = [entries.encode(Issued(bytes([number]) * 32)) for number in range(5)]
    first = entries.encode(entries.add_key(KEY, "issuer", LOG_KEY.kid))
    return [first, entries.encode(entries.status_version(status_list())), certificate(), *others]


def rotated() -> list[bytes]:
    """The same; then another key takes over (entries 8 and 9)."""
    added = entries.encode(entries.add_key(NEXT, "issuer", LOG_KEY.kid))
    return [*usual(), added, entries.encode(KeyRetired(KEY.public, "issuer"))]


def stolen(last_valid: int) -> list[bytes]:
    """The same; but the first key was stolen (entry 9)."""
    return [*rotated()[:-1], entries.encode(KeyCompromised(KEY.public, "issuer", last_valid))]


def head(
    found: Sequence[bytes],
    key: SigningKey = LOG_KEY,
    witnesses: Sequence[CosigningKey] = (),
    former: SigningKey | None = None,
) -> str:
    """The checkpoint of these entries; `former` signs it too."""
    keys = (key,) if former is None else (key, former)
    note = log.checkpoint(ORIGIN, len(found), log.root([log.leaf_hash(entry) for entry in found]), *keys)
    text = notes.parse(note).text
    return note + "".join(witness.cosign(text, SEEN).line() for witness in witnesses)


def write(
    folder: Path,
    found: Sequence[bytes],
    *witnesses: CosigningKey,
    key: SigningKey = LOG_KEY,
    former: SigningKey | None = None,
) -> Path:
    """All files of the log of these entries."""
    made = tiles.append({}, 0, [log.leaf_hash(entry) for entry in found])
    for resource in layout.resources(len(found)):
        path = folder / resource.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if resource.level is None:
            first = resource.index * tiles.WIDTH
            path.write_bytes(layout.bundle(found[first : first + resource.width]))
        else:
            path.write_bytes(made[resource.level, resource.index][: resource.width * log.HASH_BYTES])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / layout.CHECKPOINT).write_text(head(found, key, witnesses, former), encoding="utf-8")
    return folder


def proof(found: Sequence[bytes], index: int, key: SigningKey = LOG_KEY, *witnesses: CosigningKey) -> str:
    """The tlog-proof of an entry."""
    leaves = [log.leaf_hash(entry) for entry in found]
    return log.format_proof(index, log.inclusion_proof(leaves, index), head(found, key, witnesses))
