"""Cosignatures, byte for byte as c2sp.org/tlog-cosignature lays them out, and each way to misuse one."""

from __future__ import annotations

import base64

import pytest

from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import SigningKey
from credentials.keys.mldsa import LatticeKey, LatticeSigningKey
from credentials.transparency import cosignatures, log, notes
from credentials.transparency.cosignatures import Cosigner, CosigningKey
from tests.credentials.samples import LOG_KEY, ORIGIN

ROOT = bytes(range(32))
NOTE = log.checkpoint(ORIGIN, 20852163, ROOT, LOG_KEY)
TEXT = notes.parse(NOTE).text
AT = 1_679_315_147
PLAIN = CosigningKey("witness.example/w1", SigningKey.generate(b"the key of the witness, Ed25519!"))
LATTICE = CosigningKey("witness.example/w2", LatticeSigningKey.generate(b"the key of the witness, ML-DSA44"))
BOTH = pytest.mark.parametrize("key", [PLAIN, LATTICE], ids=["Ed25519", "ML-DSA-44"])


@BOTH
def test_a_cosignature_comes_back_with_its_time(key: CosigningKey) -> None:
    note = notes.parse(NOTE + key.cosign(TEXT, AT).line())
    assert notes.proven(note, [key.public]) == [(key.public, AT)]
    assert cosignatures.verifier(key.public.vkey) == key.public


def test_the_ed25519_message_is_the_specification_s() -> None:
    line = PLAIN.cosign(TEXT, AT)
    said = "cosignature/v1\ntime 1679315147\n" + f"{ORIGIN}\n20852163\n{base64.b64encode(ROOT).decode()}\n"
    assert line.data[:8] == AT.to_bytes(8)
    assert len(line.data) == 8 + 64
    assert isinstance(PLAIN.key, SigningKey)
    PLAIN.key.public.verify(line.data[8:], said.encode())


def test_the_ml_dsa_message_is_the_specification_s() -> None:
    line = LATTICE.cosign(TEXT, AT)
    name, origin = b"witness.example/w2", ORIGIN.encode()
    said = b"subtree/v1\n\0" + bytes([len(name)]) + name + AT.to_bytes(8) + bytes([len(origin)]) + origin
    said += (0).to_bytes(8) + (20852163).to_bytes(8) + ROOT
    assert len(line.data) == 8 + 2420
    assert isinstance(LATTICE.key, LatticeSigningKey)
    LATTICE.key.public.verify(line.data[8:], said)


@BOTH
def test_the_key_s_kind_is_in_its_id(key: CosigningKey) -> None:
    kinds = {notes.key_id(key.name, kind, key.key.public.raw) for kind in (1, 4, 6)}
    assert len(kinds) == 3
    assert key.public.key_id == notes.key_id(key.name, key.public.kind, key.key.public.raw)


@BOTH
def test_a_replayed_cosignature_is_of_another_checkpoint(key: CosigningKey) -> None:
    line = key.cosign(TEXT, AT)
    for other in [
        log.checkpoint(ORIGIN, 20852164, ROOT, LOG_KEY),
        log.checkpoint(ORIGIN, 20852163, bytes(32), LOG_KEY),
        log.checkpoint("another.example/log", 20852163, ROOT, LOG_KEY),
    ]:
        with pytest.raises(NotProven, match="was not made over this checkpoint"):
            notes.proven(notes.parse(other + line.line()), [key.public])


@BOTH
def test_its_time_cannot_be_changed(key: CosigningKey) -> None:
    line = key.cosign(TEXT, AT)
    for when in (AT + 1, 0, 2**63):
        changed = notes.Signature(line.name, line.key_id, when.to_bytes(8) + line.data[8:])
        with pytest.raises(NotProven):
            notes.proven(notes.parse(NOTE + changed.line()), [key.public])


def test_an_ml_dsa_cosignature_belongs_to_one_name() -> None:
    renamed = Cosigner("witness.example/w3", LATTICE.key.public)
    line = LATTICE.cosign(TEXT, AT)
    taken = notes.Signature(renamed.name, renamed.key_id, line.data)
    with pytest.raises(NotProven):
        notes.proven(notes.parse(NOTE + taken.line()), [renamed])


@BOTH
@pytest.mark.parametrize("at", [0, -1, 2**63])
def test_a_cosignature_has_a_time(key: CosigningKey, at: int) -> None:
    with pytest.raises(Malformed):
        key.cosign(TEXT, at)


def test_keys_of_the_wrong_size_are_refused() -> None:
    with pytest.raises(BadKey):
        LatticeKey(bytes(32))
    with pytest.raises(BadKey):
        LatticeSigningKey.generate(bytes(31))
    for kind in (notes.COSIGNATURE_ED25519, notes.COSIGNATURE_MLDSA44):
        with pytest.raises(BadKey):
            cosignatures.verifier(notes.vkey("witness.example", kind, bytes(33)))
    with pytest.raises(NotProven):
        LATTICE.key.public.verify(bytes(64), b"")


def test_a_long_name_cannot_stand_in_an_ml_dsa_message() -> None:
    with pytest.raises(Malformed):
        Cosigner("w" * 256, LATTICE.key.public)
