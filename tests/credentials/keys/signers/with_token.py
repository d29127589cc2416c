"""What is tried with a PKCS#11 module, in a process of its own: `python -m tests.credentials.keys.signers.with_token CASE ADDRESS FOLDER`.

A module keeps its state for a whole process, and to let it read its settings anew is to risk that process.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest

from credentials.errors import BadKey, SignerFailed
from credentials.keys.signers import open_signer
from credentials.keys.signers.token import Address, TokenKey
from tests.credentials.keys.signers.promises import keeps_its_promises

PIN = "5678-and-nobody-knows"


def make(address: str, _: Path) -> None:
    """One Ed25519 key `issuer`, one P-256 key `wallet` and two keys `twice`."""
    found = Address.read(address.removeprefix("pkcs11:"))
    with pkcs11.lib(found.module).get_token(token_label=found.token).open(rw=True, user_pin=PIN) as session:
        edwards = (pkcs11.KeyType.EC_EDWARDS, pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, "06032b6570")
        nist = (pkcs11.KeyType.EC, pkcs11.Mechanism.EC_KEY_PAIR_GEN, "06082a8648ce3d030107")
        for label, (kind, how, curve) in (
            ("issuer", edwards),
            ("wallet", nist),
            ("twice", edwards),
            ("twice", edwards),
        ):
            parameters = session.create_domain_parameters(
                kind, {pkcs11.Attribute.EC_PARAMS: bytes.fromhex(curve)}, local=True
            )
            parameters.generate_keypair(mechanism=how, store=True, label=label, id=label.encode())


def key(address: str, _: Path) -> None:
    """It signs as every key does, is found by its id too, and never shows the PIN."""
    found = open_signer(address, PIN)
    keeps_its_promises(found)
    assert PIN not in repr(found)
    assert open_signer(address.replace("object=issuer", "id=%69%73suer"), PIN).public == found.public


def broken_session(address: str, _: Path) -> None:
    """A session that broke is opened again."""
    found = open_signer(address, PIN)
    assert isinstance(found, TokenKey)
    found._session.close()
    found.public.verify(found.sign(b"data"), b"data")


def gone(address: str, folder: Path) -> None:
    """A token that is gone fails with a sentence, and signs again when it is back."""
    found = open_signer(address, PIN)
    assert isinstance(found, TokenKey)
    found._forget()
    (folder / "tokens").rename(folder / "drawer")
    (folder / "tokens").mkdir()
    _restart(found.address.module)
    with pytest.raises(SignerFailed, match="did not sign") as failed:
        found.sign(b"data")
    assert PIN not in str(failed.value)
    (folder / "tokens").rmdir()
    (folder / "drawer").rename(folder / "tokens")
    _restart(found.address.module)
    found.public.verify(found.sign(b"data"), b"data")


def _restart(module: str) -> None:
    """Nothing may hold a session then: freeing one later would crash the module."""
    gc.collect()
    pkcs11.lib(module).reinitialize()


def never(address: str, _: Path) -> None:
    """What never will sign is said at once."""
    for changed, reason in (
        (address.replace("object=issuer", "object=nobody"), "has 0 public keys"),
        (address.replace("object=issuer", "object=twice"), "has 2 public keys"),
        (address.replace("object=issuer", "object=wallet"), "of another kind"),
    ):
        with pytest.raises(BadKey, match=reason):
            open_signer(changed, PIN)
    with pytest.raises(BadKey, match="the PIN is not that of"):
        open_signer(address, "wrong")
    with pytest.raises(SignerFailed, match="cannot be used"):
        open_signer(address.replace("token=exams", "token=other"), PIN)
    with pytest.raises(SignerFailed, match="cannot be used"):
        open_signer("pkcs11:object=issuer?module-path=/nowhere/module.so", PIN)


CASES: dict[str, Callable[[str, Path], None]] = {
    each.__name__: each for each in (make, key, broken_session, gone, never)
}

if __name__ == "__main__":
    CASES[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
    sys.stdout.write("kept\n")
    sys.stdout.flush()
    os._exit(0)  # the module's own clearing up, after it was restarted, is nobody's promise
