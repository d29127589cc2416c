"""One embedded `eddsa-rdfc-2022` proof: W3C Data Integrity 1.0 and Data Integrity EdDSA Cryptosuites 1.0 section 3.2."""

from __future__ import annotations

from datetime import datetime

from credentials.canonical import JsonObject
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer
from credentials.linked_data.data_integrity import RDFC as SUITE
from credentials.linked_data.data_integrity import Content, read_value, without_proof, write_value
from credentials.linked_data.jsonld import Vocabulary
from credentials.linked_data.prepared import PREPARED
from credentials.times import moment, stamp

_FIELDS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}


def sign(
    document: JsonObject, key: Signer, method: str, created: datetime, vocabulary: Vocabulary = PREPARED
) -> JsonObject:
    """The document with its one proof. `method` is the verification method's full id, such as `did:web:x.org#z6Mk…`.

    Raises UndefinedTerm or Malformed: a document that cannot be signed whole is not signed at all.
    """
    if "proof" in document:
        raise Malformed("the document already carries a proof")
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": stamp(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(signing_input(document, proof, vocabulary))
    return {**document, "proof": {**proof, "proofValue": write_value(signature)}}


def verify(document: JsonObject, key: PublicKey, vocabulary: Vocabulary = PREPARED) -> None:
    """Return when the one proof in `document` covers all of it and was made with `key`. Raises NotProven, Malformed."""
    proof = of(document)
    signature = read_value(proof.pop("proofValue"))
    key.verify(signature, signing_input(without_proof(document), proof, vocabulary))


def of(document: JsonObject) -> dict[str, str]:
    """The proof of a document, when it is exactly one, of our suite, with exactly the fields that the suite signs."""
    proof = document.get("proof")
    if proof is None:
        raise NotProven("signature", "the document carries none")
    if not isinstance(proof, dict) or set(proof) != _FIELDS or not all(isinstance(v, str) for v in proof.values()):
        raise NotProven("signature", "the document must carry exactly one proof, with exactly the fields of its suite")
    if (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) != ("DataIntegrityProof", SUITE, "assertionMethod"):
        raise NotProven("signature", f"it is not an assertion by {SUITE}")
    moment(proof["created"])
    return dict(proof)


def named_key(method: str) -> PublicKey | None:
    """The key that a verification method spells out after its `#`, where it does; who controls it is not thereby known."""
    try:
        return PublicKey.from_multikey(method.rpartition("#")[2])
    except BadKey:
        return None


def signing_input(document: JsonObject, proof: JsonObject, vocabulary: Vocabulary = PREPARED) -> bytes:
    """The 64 bytes that are signed: SHA-256 of the proof options' N-Quads, then SHA-256 of the document's."""
    return Content(document, vocabulary).rdfc_input(proof)
