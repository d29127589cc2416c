"""Proofs inside other issuers' credentials: W3C Data Integrity with `eddsa-rdfc-2022` or `eddsa-jcs-2022` (Data Integrity EdDSA
Cryptosuites 1.0, sections 3.2 and 3.3), and the `Ed25519Signature2020` that came before.

Several proofs may stand in one credential; one that holds is enough (Data Integrity 1.0 section 4.4), and none is asked for a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.canonical import Json, JsonObject
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys import controllers
from credentials.keys.controllers import Found, NotAtHand, Supplied
from credentials.linked_data.data_integrity import JCS, RDFC, Content, jcs_input, read_value, without_proof
from credentials.linked_data.jsonld import Vocabulary
from credentials.linked_data.vocabularies import WIDE
from credentials.times import foreign_moment, stamp

MAX_PROOFS = 5
OLD = "Ed25519Signature2020"
_NEEDED = {"type", "verificationMethod", "proofPurpose", "proofValue"}
_KNOWN = _NEEDED | {"cryptosuite", "created", "id", "expires", "domain", "challenge", "nonce", "@context"}


@dataclass(frozen=True)
class Proof:
    """A proof that holds: whose key, by which suite, and what about it was not looked at."""

    found: Found
    suite: str
    notices: tuple[str, ...] = ()


def verify(document: JsonObject, issuer: str, supplied: Supplied, at: datetime, vocabulary: Vocabulary = WIDE) -> Proof:
    """The first proof in the document that holds. Raises the reason of the one that came furthest: NotProven, Malformed."""
    proofs = document.get("proof")
    if isinstance(proofs, dict):
        proofs = [proofs]
    if not isinstance(proofs, list) or not proofs:
        raise NotProven("signature", "the document carries none")
    if len(proofs) > MAX_PROOFS:
        raise Malformed(f"the document carries more than {MAX_PROOFS} proofs")
    content = Content(without_proof(document), vocabulary)
    failed: list[CredentialError] = []
    for each in proofs:
        try:
            return _one(content, each, issuer, supplied, at)
        except CredentialError as reason:
            failed.append(reason)
    # A key that is only not at hand says more than a suite that we do not know.
    raise next((each for each in failed if isinstance(each, NotAtHand)), failed[0])


def _one(content: Content, proof: Json, issuer: str, supplied: Supplied, at: datetime) -> Proof:
    suite = _suite(proof)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "expires" in options and at >= (until := foreign_moment(options["expires"])):
        raise NotProven("signature", f"its proof was good until {stamp(until)}")
    if "created" in options:
        foreign_moment(options["created"])
    found = controllers.find(options["verificationMethod"], issuer, supplied)
    if found.key.ed25519 is None:
        raise NotProven("signature", f"{suite} needs an Ed25519 key, and the one that it names is none")
    value = read_value(proof["proofValue"])
    try:
        data = _jcs_input(content.document, options) if suite == JCS else content.rdfc_input(options)
        found.key.ed25519.verify(value, data)
    except NotProven:
        contexts = content.document.get("@context")
        if suite != JCS or "@context" in options or "@context" not in content.document:
            raise
        # Earlier drafts, and programs made after them, signed the document's contexts with the proof and left them out of it.
        found.key.ed25519.verify(value, _jcs_input(content.document, {**options, "@context": contexts}))
    meant = [name for name in ("domain", "challenge") if name in options]
    notices = (
        (f"the proof was made for one reader (its {' and '.join(meant)}); that was not compared",) if meant else ()
    )
    return Proof(found, suite, notices)


def _suite(proof: Json) -> str:
    if not isinstance(proof, dict) or not set(proof) >= _NEEDED:
        raise NotProven("signature", "its proof lacks what every proof has")
    kind, suite = proof["type"], proof.get("cryptosuite")
    if kind == "DataIntegrityProof" and suite not in (RDFC, JCS):
        raise NotProven("signature", f"it is of the suite {str(suite)[:40]!r}, which we do not know")
    if kind not in ("DataIntegrityProof", OLD):
        raise NotProven("signature", f"it is of the kind {str(kind)[:40]!r}, which we do not know")
    if unknown := set(proof) - _KNOWN:
        raise NotProven("signature", f"its proof says {min(unknown)[:40]!r}, which we do not act upon")
    if proof["proofPurpose"] != "assertionMethod":
        raise NotProven("signature", "it was made for another purpose than to assert a credential")
    if not isinstance(proof["verificationMethod"], str):
        raise NotProven("signature", "its proof does not name one key")
    return OLD if kind == OLD else str(suite)


def _jcs_input(content: JsonObject, options: JsonObject) -> bytes:
    """Section 3.3.2: where the proof names contexts, the document's must begin with them, and only these were signed."""
    if "@context" in options:
        named, present = _as_list(options["@context"]), _as_list(content.get("@context"))
        if present[: len(named)] != named:
            raise NotProven("signature", "the proof was made under other contexts than the document's")
        content = {**content, "@context": options["@context"]}
    return jcs_input(content, options)


def _as_list(found: Json) -> list[Json]:
    return found if isinstance(found, list) else [found]
