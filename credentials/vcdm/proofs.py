"""Data Integrity proofs in any arrangement: one, a set, a chain; `eddsa-rdfc-2022` and `eddsa-jcs-2022`.

W3C Data Integrity 1.0 sections 2 and 4, Data Integrity EdDSA Cryptosuites 1.0 section 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import base58

from credentials.canonical import Json, JsonObject, jcs
from credentials.errors import BadKey, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer
from credentials.linked_data.opened import OPEN, OpenVocabulary, is_url
from credentials.times import stamp
from credentials.vcdm import problems
from credentials.vcdm.model import moment
from credentials.vcdm.problems import ProofRefused

Suite = Literal["eddsa-rdfc-2022", "eddsa-jcs-2022"]
Purpose = Literal["assertionMethod", "authentication"]
SUITES: tuple[Suite, ...] = ("eddsa-rdfc-2022", "eddsa-jcs-2022")
MAX_PROOFS = 10
_REQUIRED = ("type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue")
_TEXTS = (*_REQUIRED, "created", "expires", "challenge", "nonce")
_FIELDS = {*_TEXTS, "id", "domain", "previousProof", "@context"}

Resolve = Callable[[str], PublicKey | None]
"""The key that a verification method names, or None where that is not known without a network."""


@dataclass(frozen=True)
class Expected:
    """What a proof has to be for. `challenge` and `domain` count where they are given."""

    purpose: Purpose = "assertionMethod"
    challenge: str | None = None
    domain: str | None = None


def did_key(key: PublicKey) -> str:
    """`did:key:z6Mk…` (did:key method): an identifier that is its own document."""
    return f"did:key:{key.multikey}"


def did_key_method(key: PublicKey) -> str:
    """The verification method of a did:key."""
    return f"{did_key(key)}#{key.multikey}"


def resolve_did_key(method: str) -> PublicKey | None:
    """The key of a did:key's one verification method; None for any other method."""
    did, _, fragment = method.partition("#")
    if not did.startswith("did:key:") or did.removeprefix("did:key:") != fragment:
        return None
    try:
        return PublicKey.from_multikey(fragment)
    except BadKey:
        return None


def sign(
    document: JsonObject,
    key: Signer,
    method: str,
    created: datetime,
    *,
    suite: Suite = "eddsa-rdfc-2022",
    expected: Expected = Expected(),
    vocabulary: OpenVocabulary = OPEN,
) -> JsonObject:
    """The document with one proof more: beside those it has, in a set. Raises Malformed, UndefinedTerm."""
    content = {name: value for name, value in document.items() if name != "proof"}
    told = {"challenge": expected.challenge, "domain": expected.domain}
    proof = {
        **({"@context": content["@context"]} if suite == "eddsa-jcs-2022" else {}),
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": stamp(created),
        "verificationMethod": method,
        "proofPurpose": expected.purpose,
        **{name: value for name, value in told.items() if value is not None},
    }
    signature = key.sign(_signing_input(content, proof, vocabulary))
    made = {**proof, "proofValue": "z" + base58.b58encode(signature).decode()}
    before = document.get("proof")
    return {**content, "proof": made if before is None else [*_listed(before), made]}


def verify(
    document: JsonObject,
    resolve: Resolve,
    at: datetime,
    expected: Expected = Expected(),
    vocabulary: OpenVocabulary = OPEN,
) -> tuple[str, ...]:
    """Who signed: the controllers of the methods of all proofs, each of which holds. Raises ProofRefused, Malformed.

    A proof that names earlier ones (`previousProof`) signs them too, and every one of them has to be there.
    """
    proofs = [_checked(each, at, expected) for each in _listed(document.get("proof"))]
    if not 1 <= len(proofs) <= MAX_PROOFS:
        raise ProofRefused(f"a document carries one to {MAX_PROOFS} proofs", problems.PARSING)
    content = {name: value for name, value in document.items() if name != "proof"}
    for proof in proofs:
        before = _earlier(proof, proofs)
        _verify_one({**content, "proof": before} if before else content, proof, resolve, vocabulary)
    return tuple(dict.fromkeys(proof["verificationMethod"].partition("#")[0] for proof in proofs))


def _verify_one(content: JsonObject, proof: JsonObject, resolve: Resolve, vocabulary: OpenVocabulary) -> None:
    key = resolve(proof["verificationMethod"])
    if key is None:
        raise ProofRefused(f"the key behind {proof['verificationMethod'][:120]} is not known here")
    text = proof["proofValue"]
    try:
        signature = base58.b58decode(text[1:]) if text[:1] == "z" and len(text) < 100 else b""
    except ValueError as reason:
        raise ProofRefused("proofValue is not in base58 with a leading z") from reason
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        key.verify(signature, _signing_input(content, options, vocabulary))
    except NotProven as error:
        raise ProofRefused(error.reason, problems.CRYPTOGRAPHIC) from error


def _listed(found: Json) -> list[Json]:
    return found if isinstance(found, list) else [found]


def _checked(proof: Json, at: datetime, expected: Expected) -> JsonObject:
    """A proof with every member of the kind that the standard asks, for what was expected. Raises ProofRefused."""
    if not isinstance(proof, dict):
        raise ProofRefused("a proof is a JSON object", problems.PARSING)
    if unknown := set(proof) - _FIELDS:
        raise ProofRefused(f"a proof has no member {sorted(unknown)[0][:80]!r}")
    if missing := [name for name in _REQUIRED if name not in proof]:
        raise ProofRefused(f"the proof has no {missing[0]}")
    if wrong := [name for name in _TEXTS if name in proof and not isinstance(proof[name], str)]:
        raise ProofRefused(f"{wrong[0]} of a proof is a text")
    if proof["type"] != "DataIntegrityProof" or proof["cryptosuite"] not in SUITES:
        raise ProofRefused(f"only DataIntegrityProof by {' or '.join(SUITES)} can be verified here")
    if not is_url(proof["verificationMethod"]) or ("id" in proof and not is_url(proof["id"])):
        raise ProofRefused("id and verificationMethod of a proof are URLs")
    _check_expected(proof, expected)
    if "created" in proof:
        moment(proof["created"], "created")
    if "expires" in proof and moment(proof["expires"], "expires") <= at:
        raise ProofRefused("the proof has expired")
    return proof


def _check_expected(proof: JsonObject, expected: Expected) -> None:
    if proof["proofPurpose"] != expected.purpose:
        raise ProofRefused(f"the proof was not made for {expected.purpose}")
    domains = _listed(proof["domain"]) if "domain" in proof else []
    if not all(isinstance(each, str) for each in domains):
        raise ProofRefused("domain of a proof is a text, or a list of texts")
    if expected.domain is not None and expected.domain not in domains:
        raise ProofRefused("the proof was made for another domain", problems.DOMAIN)
    if expected.challenge is not None and proof.get("challenge") != expected.challenge:
        raise ProofRefused("the proof does not answer this challenge", problems.CHALLENGE)


def _earlier(proof: JsonObject, proofs: Sequence[JsonObject]) -> list[JsonObject]:
    """The proofs that this one signs (Data Integrity 1.0, sections 2.1.2 and 4.5). Raises ProofRefused."""
    names = _listed(proof["previousProof"]) if "previousProof" in proof else []
    found = []
    for name in names:
        matching = [each for each in proofs if each.get("id") == name and each is not proof]
        if not isinstance(name, str) or len(matching) != 1:
            raise ProofRefused("previousProof does not name exactly one other proof of the document")
        found.append(matching[0])
    return found


def _signing_input(document: JsonObject, proof: JsonObject, vocabulary: OpenVocabulary) -> bytes:
    """The 64 bytes that are signed: the hash of the proof's options, then that of the document.

    The document is also canonicalized where JCS signs it: a word that means nothing is refused under either suite.
    """
    quads = vocabulary.canonical(document)
    if proof["cryptosuite"] == "eddsa-jcs-2022":
        # The standard lets the document's contexts go on where the proof's end; what follows would change meanings unsigned.
        if proof.get("@context", document.get("@context")) != document.get("@context"):
            raise ProofRefused("'@context' of the proof is not that of the document")
        return hashlib.sha256(jcs(proof)).digest() + hashlib.sha256(jcs(document)).digest()
    if "@context" in proof:
        raise ProofRefused("'@context' stands in proofs by eddsa-jcs-2022 only")
    options = vocabulary.canonical({**proof, "@context": document.get("@context")})
    return hashlib.sha256(options.encode()).digest() + hashlib.sha256(quads.encode()).digest()
