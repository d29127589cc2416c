"""Proofs inside other issuers' credentials: W3C Data Integrity with `eddsa-rdfc-2022` or `eddsa-jcs-2022` (Data Integrity EdDSA
Cryptosuites 1.0, sections 3.2 and 3.3), and the `Ed25519Signature2020` that came before.

Several proofs may stand in one credential; one that holds is enough (Data Integrity 1.0 section 4.4), and none is asked for a chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import base58

from credentials.canonical import Json, JsonObject, jcs
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys import controllers
from credentials.keys.controllers import Found, NotAtHand, Supplied
from credentials.linked_data.jsonld import Vocabulary
from credentials.linked_data.vocabularies import WIDE
from credentials.times import foreign_moment, stamp

MAX_PROOFS = 5
RDFC, JCS, OLD = "eddsa-rdfc-2022", "eddsa-jcs-2022", "Ed25519Signature2020"
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
    content = {name: value for name, value in document.items() if name != "proof"}
    meaning = _Meaning(content, vocabulary)
    failed: list[CredentialError] = []
    for each in proofs:
        try:
            return _one(content, each, issuer, supplied, at, meaning)
        except CredentialError as reason:
            failed.append(reason)
    # A key that is only not at hand says more than a suite that we do not know.
    raise next((each for each in failed if isinstance(each, NotAtHand)), failed[0])


class _Meaning:
    """The canonical N-Quads of what was signed, or why there are none; made once for all proofs, as a large one takes 0.2 s."""

    def __init__(self, content: JsonObject, vocabulary: Vocabulary) -> None:
        self.content, self.vocabulary = content, vocabulary

    @cached_property
    def _found(self) -> str | CredentialError:
        try:
            return self.vocabulary.canonical(self.content)
        except CredentialError as reason:
            return reason

    def quads(self) -> str:
        if isinstance(self._found, CredentialError):
            raise self._found
        return self._found


def _one(content: JsonObject, proof: Json, issuer: str, supplied: Supplied, at: datetime, meaning: _Meaning) -> Proof:
    suite = _suite(proof)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "expires" in options and at >= (until := foreign_moment(options["expires"])):
        raise NotProven("signature", f"its proof was good until {stamp(until)}")
    if "created" in options:
        foreign_moment(options["created"])
    found = controllers.find(options["verificationMethod"], issuer, supplied)
    if found.key.ed25519 is None:
        raise NotProven("signature", f"{suite} needs an Ed25519 key, and the one that it names is none")
    value = _value(proof["proofValue"])
    try:
        data = _jcs_input(content, options) if suite == JCS else _rdf_input(options, meaning)
        found.key.ed25519.verify(value, data)
    except NotProven:
        if suite != JCS or "@context" in options or "@context" not in content:
            raise
        # Earlier drafts, and programs made after them, signed the document's contexts with the proof and left them out of it.
        found.key.ed25519.verify(value, _jcs_input(content, {**options, "@context": content["@context"]}))
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


def _value(text: object) -> bytes:
    try:
        return base58.b58decode(text[1:]) if isinstance(text, str) and text[:1] == "z" and len(text) < 100 else b""
    except ValueError as reason:
        raise NotProven("signature", "it is not in base58") from reason


def _rdf_input(options: JsonObject, meaning: _Meaning) -> bytes:
    options = {name: value for name, value in options.items() if name != "@context"}
    signed = meaning.vocabulary.canonical({**options, "@context": meaning.content.get("@context")})
    return _hash(signed.encode()) + _hash(meaning.quads().encode())


def _jcs_input(content: JsonObject, options: JsonObject) -> bytes:
    """Section 3.3.2: where the proof names contexts, the document's must begin with them, and only these were signed."""
    if "@context" in options:
        named, present = _as_list(options["@context"]), _as_list(content.get("@context"))
        if present[: len(named)] != named:
            raise NotProven("signature", "the proof was made under other contexts than the document's")
        content = {**content, "@context": options["@context"]}
    return _hash(jcs(options)) + _hash(jcs(content))


def _as_list(found: Json) -> list[Json]:
    return found if isinstance(found, list) else [found]


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
