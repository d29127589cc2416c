"""Data Integrity proofs in any arrangement: one, a set, a chain; `eddsa-rdfc-2022` and `eddsa-jcs-2022`.

W3C Data Integrity 1.0 sections 2 and 4, Data Integrity EdDSA Cryptosuites 1.0 section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credentials.canonical import Json, JsonObject
from credentials.errors import NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer
from credentials.linked_data.data_integrity import JCS, Content, jcs_input, read_value, without_proof, write_value
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
    content = without_proof(document)
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
    made = {**proof, "proofValue": write_value(key.sign(signing_input(Content(content, vocabulary), proof)))}
    before = document.get("proof")
    return {**content, "proof": made if before is None else [*_listed(before), made]}


def verify(
    document: JsonObject,
    resolve: Resolve,
    at: datetime,
    expected: Expected = Expected(),
    content: Content | None = None,
) -> tuple[str, ...]:
    """Who signed: the controllers of the methods of all proofs, each of which holds. Raises ProofRefused, Malformed.

    A proof that names earlier ones (`previousProof`) signs them too, and every one of them has to be there. `content`: the
    document without its proofs, where the caller has use for its N-Quads as well.
    """
    proofs = [_checked(each, at, expected) for each in _listed(document.get("proof"))]
    if not 1 <= len(proofs) <= MAX_PROOFS:
        raise ProofRefused(f"a document carries one to {MAX_PROOFS} proofs", problems.PARSING)
    alone = content or Content(without_proof(document), OPEN)
    covered: dict[tuple[str, ...], Content] = {(): alone}
    for proof in proofs:
        before = _earlier(proof, proofs)
        names = tuple(each["id"] for each in before)
        if names not in covered:
            covered[names] = Content({**alone.document, "proof": before}, alone.vocabulary)
        _verify_one(covered[names], proof, resolve)
    return tuple(dict.fromkeys(proof["verificationMethod"].partition("#")[0] for proof in proofs))


def _verify_one(content: Content, proof: JsonObject, resolve: Resolve) -> None:
    key = resolve(proof["verificationMethod"])
    if key is None:
        raise ProofRefused(f"the key behind {proof['verificationMethod'][:120]} is not known here")
    try:
        signature = read_value(proof["proofValue"])
    except NotProven as reason:
        raise ProofRefused("proofValue is not in base58 with a leading z") from reason
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        key.verify(signature, signing_input(content, options))
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


def signing_input(content: Content, proof: JsonObject) -> bytes:
    """The 64 bytes that are signed. Raises ProofRefused, UndefinedTerm, Malformed.

    The document is also canonicalized where JCS signs it: a word that means nothing is refused under either suite.
    """
    document, _ = content.document, content.quads
    if proof["cryptosuite"] == JCS:
        # The standard lets the document's contexts go on where the proof's end; what follows would change meanings unsigned.
        if proof.get("@context", document.get("@context")) != document.get("@context"):
            raise ProofRefused("'@context' of the proof is not that of the document")
        return jcs_input(document, proof)
    if "@context" in proof:
        raise ProofRefused("'@context' stands in proofs by eddsa-jcs-2022 only")
    return content.rdfc_input(proof)
