"""What every key promises, wherever it is kept."""

from __future__ import annotations

from credentials.issuance import certificate, proof
from credentials.keys import did
from credentials.keys.signers import Signer
from credentials.transparency import entries, log
from credentials.verification import verify
from credentials.verification.trust import Trust
from tests.credentials.samples import ISSUED, NOW, award


def keeps_its_promises(key: Signer) -> None:
    """Certificates, checkpoints and entries of the log are made with it and hold."""
    assert isinstance(key, Signer)
    assert key.kid == key.public.multikey
    key.public.verify(key.sign(b"data"), b"data")
    assert key.sign(b"data") == key.sign(b"data")  # Ed25519 knows no chance
    method = did.method_id(award().issuer_id, key.public)
    document = certificate.issue(certificate.build(award()), key, method, ISSUED)
    proof.verify(document, key.public)
    assert verify.verify(document, Trust((key.public,)), NOW).verdict == "proven"
    note = log.checkpoint("exams.example/log", 1, bytes(32), key)
    assert log.open_checkpoint(note, (key.public,)).size == 1
    entries.check_possession(entries.add_key(key, "issuer", key.kid, 0))
