"""`eddsa-rdfc-2022` by the vectors of the W3C and of 1EdTech, and every change that a signature must notice."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from credentials.errors import CredentialError, Malformed, NotProven, UndefinedTerm
from credentials.issuance import certificate, proof
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import PINNED, Vocabulary
from tests.credentials.samples import ISSUED, KEY, METHOD, OTHER, issued

Document = dict[str, Any]

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
WITH_EXAMPLES = Vocabulary(
    {**contexts.CONTEXTS, EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}}
)
W3C_KEY = PublicKey.from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
W3C: Document = {
    "@context": ["https://www.w3.org/ns/credentials/v2", EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "proofValue": "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
    },
}

OB_SEED = bytes.fromhex("6241a409e6707bb640a0140a8a32bc3d193c33a661747284d6adfa4ed4180be4")
OB_METHOD = "https://example.edu/issuers/565049#z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
OB: Document = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "http://example.com/credentials/3527",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {
        "id": "https://example.edu/issuers/565049",
        "type": ["Profile"],
        "url": "https://www.imsglobal.org",
        "name": "Example Corp",
    },
    "validFrom": "2010-01-01T00:00:00Z",
    "name": "Teamwork Badge",
    "credentialSubject": {
        "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://example.com/achievements/21st-century-skills/teamwork",
            "type": ["Achievement"],
            "criteria": {
                "narrative": "Team members are nominated for this badge by their peers and recognized upon review by Example Corp management."
            },
            "description": "This badge recognizes the development of the capacity to collaborate within a group environment.",
            "name": "Teamwork",
        },
    },
}


def test_the_w3c_vector() -> None:
    content = {name: value for name, value in W3C.items() if name != "proof"}
    options = {name: value for name, value in W3C["proof"].items() if name != "proofValue"}
    assert proof.signing_input(content, options, WITH_EXAMPLES).hex() == (
        "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
        "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
    )
    proof.verify(W3C, W3C_KEY, WITH_EXAMPLES)


def test_the_open_badges_vector_byte_for_byte() -> None:
    key = SigningKey.generate(OB_SEED)
    signed = proof.sign(OB, key, OB_METHOD, datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC))
    assert hashlib.sha256(PINNED.canonical(OB).encode()).hexdigest() == (
        "87f65a76d40146205e3b3e06cb0fbd153f97f9ce70372390f52566bb7f9e0773"
    )
    assert signed["proof"]["proofValue"] == (
        "z5x9aCBYovW3CQCbKdNyhEm7ffYSw1YpEdPywQJoNbzDD2gkzQDKJ1sYKJaWvqZtkMtSbz35HcbgXVEDYHxCzgkCr"
    )
    proof.verify(signed, key.public)


def _inject_in_subject(document: Document) -> None:
    document["credentialSubject"]["bonusGrade"] = "A+"


def _inject_at_top(document: Document) -> None:
    document["termsOfUse"] = {"id": "https://exams.example/terms", "type": "Terms"}


def _inject_type(document: Document) -> None:
    document["type"].append("DoctoralDegree")


def _inject_null(document: Document) -> None:
    document["credentialSubject"]["achievement"]["image"] = None


def _inject_empty(document: Document) -> None:
    document["credentialSubject"]["achievement"]["image"] = []


def _inject_relative_id(document: Document) -> None:
    document["credentialSubject"]["id"] = "ada"


def _inject_keyword(document: Document) -> None:
    document["credentialSubject"]["@nest"] = {"value": "100"}


def _inject_context(document: Document) -> None:
    document["credentialSubject"]["@context"] = {"bonusGrade": "https://schema.org/name"}


def _inject_iri(document: Document) -> None:
    document["credentialSubject"]["https://schema.org/award"] = "gold"


def _drop_context(document: Document) -> None:
    document["@context"] = document["@context"][:1]


def _no_context(document: Document) -> None:
    del document["@context"]


def _null_context(document: Document) -> None:
    document["@context"] = [*document["@context"], None]


def _inline_context(document: Document) -> None:
    document["@context"] = [*document["@context"], {"bonusGrade": "https://schema.org/name"}]


def _foreign_context(document: Document) -> None:
    document["@context"] = [*document["@context"], "https://attacker.example/context.json"]


def _fraction(document: Document) -> None:
    document["credentialSubject"]["result"][0]["value"] = 87.5


@pytest.mark.parametrize(
    "attack",
    [
        *(_inject_in_subject, _inject_at_top, _inject_type, _inject_null, _inject_empty, _inject_relative_id),
        *(_inject_keyword, _inject_context, _inject_iri),
    ],
)
def test_what_no_signature_could_cover_is_refused(attack: Any) -> None:
    document = issued()
    attack(document)
    with pytest.raises(UndefinedTerm):
        proof.verify(document, KEY.public)
    del document["proof"]
    with pytest.raises(UndefinedTerm):
        proof.sign(document, KEY, METHOD, ISSUED)


@pytest.mark.parametrize(
    "attack", [_drop_context, _no_context, _null_context, _inline_context, _foreign_context, _fraction]
)
def test_no_context_but_the_pinned_ones(attack: Any) -> None:
    document = issued()
    attack(document)
    with pytest.raises(Malformed):
        proof.verify(document, KEY.public)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for name, item in value.items() if name != "@context" for found in _paths(item, (*path, name))]
    if isinstance(value, list):
        return [found for number, item in enumerate(value) for found in _paths(item, (*path, number))]
    return [path]


@pytest.mark.parametrize("path", _paths(issued()), ids=lambda path: ".".join(map(str, path)))
def test_no_value_of_a_certificate_can_change(path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(issued())
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    was = place[path[-1]]
    place[path[-1]] = (not was) if isinstance(was, bool) else was[:-1] + ("Z" if was[-1] != "Z" else "z")
    with pytest.raises(CredentialError):
        proof.verify(document, KEY.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"cryptosuite": "eddsa-jcs-2022"},
        {"proofPurpose": "authentication"},
        {"type": "Ed25519Signature2020"},
        {"expires": "2030-01-01T00:00:00Z"},
        {"proofValue": 5},
        {"proofValue": ""},
        {"proofValue": "z0OIl"},
        {"proofValue": "z" + "1" * 5000},
    ],
)
def test_only_our_one_kind_of_proof_counts(changes: Document) -> None:
    document = issued()
    document["proof"] |= changes
    with pytest.raises(NotProven):
        proof.verify(document, KEY.public)


def test_one_proof_neither_none_nor_two() -> None:
    document = issued()
    for found in [None, [document["proof"]], [document["proof"]] * 2, "proof"]:
        with pytest.raises(NotProven):
            proof.verify(document | {"proof": found}, KEY.public)
    with pytest.raises(Malformed):
        proof.sign(document, KEY, METHOD, ISSUED)


def test_another_key_does_not_verify() -> None:
    proof.verify(issued(), KEY.public)
    with pytest.raises(NotProven):
        proof.verify(issued(), OTHER.public)


@pytest.mark.parametrize("name", ["validUntil", "credentialStatus"])
def test_nothing_can_move_to_a_second_description_of_the_certificate(name: str) -> None:
    """RDF merges two objects of one id: the moved statement would still be signed, and no longer be found."""
    document = issued()
    moved = {"id": "https://exams.example/certificates/1", "type": ["VerifiableCredential"], name: document.pop(name)}
    document["evidence"] = [moved]
    with pytest.raises(Malformed, match="described twice"):
        proof.verify(document, KEY.public)
    with pytest.raises(Malformed, match="described twice"):
        issued(evidence=certificate.Evidence("Sitting", "Proctored", "https://exams.example/certificates/1"))


def _twins(depth: int, width: int) -> Any:
    return (
        [{"type": ["Evidence"], "image": _twins(depth - 1, width)} for _ in range(width)]
        if depth
        else "https://a.example"
    )


@pytest.mark.parametrize(
    "evidence",
    [
        _twins(1, 9),
        _twins(3, 4),
        [{"type": ["Evidence"], "name": str(number)} for number in range(100)],
        [{"type": ["Evidence"], "name": name} for name in ["a", ["a"], ["a", "a"], "a", "a", "a", "a", "a"]],
        [{"id": f"https://a.example/{number}", "type": ["Evidence"]} for number in range(3000)],
        [{"id": "_:a", "type": ["Evidence"], "image": {"id": "_:b"}}],
        [{"type": ["Evidence"], "name": "a tab\tis written differently by two verifiers"}],
    ],
    ids=[
        "twins",
        "tree of twins",
        "many unnamed",
        "twins in disguise",
        "many",
        "blank node labels",
        "control character",
    ],
)
def test_input_made_to_exhaust_a_verifier_is_refused_at_once(evidence: Any) -> None:
    with pytest.raises(Malformed):
        PINNED.canonical(issued() | {"evidence": evidence})
