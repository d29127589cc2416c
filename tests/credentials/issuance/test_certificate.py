"""Certificates: what they say, what must not be signed, and the document that names the issuer's keys."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import CredentialError, Malformed
from credentials.issuance import certificate, proof
from credentials.keys import did
from tests.credentials.samples import INDEX, ISSUED, ISSUER, KEY, LOG_KEY, METHOD, OTHER, STATUS_URL, award, issued

words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(str.strip)


def test_a_certificate_says_what_was_awarded() -> None:
    found = certificate.read(issued())
    assert found.recipient == "Ada “AL” Lovelace, née Byron – 数学"
    assert found.title == "Analytical Engines"
    assert found.results == (("Score", "87"), ("Status", "Completed"))
    assert (found.issuer, found.issuer_id) == ("Example University", ISSUER)
    assert (found.valid_from, found.status) == (ISSUED, (STATUS_URL, INDEX))


@given(words, words, words)
@settings(max_examples=25, deadline=None)
def test_any_name_can_be_certified(name: str, title: str, criteria: str) -> None:
    recipient = certificate.Recipient.of(name, "ada@example.org", "0123456789abcdef")
    achievement = certificate.Achievement("https://exams.example/achievements/1", title, "", criteria)
    signed = json.loads(json.dumps(issued(recipient=recipient, achievement=achievement)))
    proof.verify(signed, KEY.public)
    assert (certificate.read(signed).recipient, certificate.read(signed).title) == (name, title)


def test_the_address_is_kept_only_as_the_standards_salted_hash() -> None:
    """The value is that of the Open Badges 3.0 specification, IdentityHash."""
    expected = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert certificate.identity_hash("a@example.com", "Kosher") == expected
    assert "ada@example.org" not in json.dumps(issued()).lower()
    with pytest.raises(Malformed):
        certificate.Recipient.of("Ada", "ada@example.org", "short")


def test_exactly_one_proof_of_the_certified_suite() -> None:
    signed = issued()
    assert signed["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert signed["proof"]["verificationMethod"] == METHOD
    assert certificate.build(award()) == {name: value for name, value in signed.items() if name != "proof"}


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": certificate.Recipient(" ", "sha256$0", "0123456789abcdef")},
        {"issuer_name": ""},
        {"valid_until": ISSUED},
        {"valid_until": ISSUED - timedelta(days=1)},
        {"valid_from": datetime(2027, 3, 1)},  # noqa: DTZ001 # a moment without a zone is what is refused
        {"status_index": -1},
        {"id": "certificates/1"},
        {"issuer_name": "Example\x00University"},
        {"issuer_name": "Example \ud800 University"},
        {"issuer_id": "did:web:another.example"},
    ],
)
def test_what_must_not_be_signed_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises((CredentialError, TypeError)):
        issued(**changes)


def test_a_score_is_a_raw_score_or_a_percentage() -> None:
    with pytest.raises(Malformed):
        certificate.Score("1", "1", kind="LetterGrade")


def _at(document: Any, path: str) -> tuple[Any, Any]:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        document = document[step]
    return document, last


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("type", ["VerifiableCredential"]),
        ("issuer", "did:web:exams.example:issuer"),
        ("issuer.type", ["Person"]),
        ("credentialSubject", []),
        ("credentialSubject.type", ["Profile"]),
        ("credentialSubject.identifier", []),
        ("credentialSubject.identifier", "Ada"),
        ("credentialSubject.achievement.type", ["Badge"]),
        ("credentialSubject.achievement.resultDescription.0.type", ["Result"]),
        ("credentialSubject.result.0.type", "Result"),
        ("credentialSubject.result.0.resultDescription", "https://exams.example/achievements/2#score"),
        ("credentialSubject.result.0.value", 87),
        ("credentialSubject.result.1.status", ""),
        ("validFrom", "2027-03-01"),
        ("validUntil", None),
        ("credentialStatus", None),
        ("credentialStatus.type", "1EdTechRevocationList"),
        ("name", None),
        ("unknown", "x"),
        ("@context", []),
    ],
)
def test_wrong_types_are_seen_before_any_schema(path: str, value: Any) -> None:
    document = issued()
    place, last = _at(document, path)
    place[last] = value
    with pytest.raises(Malformed):
        certificate.read(document)


@pytest.mark.parametrize(
    ("host", "path", "identifier", "url"),
    [
        ("Exams.Example", [], "did:web:exams.example", "https://exams.example/.well-known/did.json"),
        ("localhost:8000", ["issuer"], "did:web:localhost%3A8000:issuer", "https://localhost:8000/issuer/did.json"),
    ],
)
def test_did_web_names_and_addresses(host: str, path: list[str], identifier: str, url: str) -> None:
    assert did.did_web(host, path) == identifier
    assert did.document_url(identifier) == url


@pytest.mark.parametrize("text", ["", "did:key:z6Mk", "did:web:", "did:web:a b", "did:web:a::b", "did:web:a/b"])
def test_other_names_are_no_did_web(text: str) -> None:
    with pytest.raises(Malformed):
        did.document_url(text)
    with pytest.raises(Malformed):
        did.read(did.document(ISSUER, [KEY.public]) | {"id": text})


def test_the_issuers_document_lets_only_its_signing_keys_sign() -> None:
    found = did.read(did.document(ISSUER, [KEY.public], [LOG_KEY.public]))
    assert dict(found.assertion) == {METHOD: KEY.public}
    assert dict(found.others) == {did.method_id(ISSUER, LOG_KEY.public): LOG_KEY.public}
    with pytest.raises(Malformed):
        did.document(ISSUER, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "JsonWebKey2020"},
        {"controller": "did:web:attacker.example"},
        {"id": "did:web:attacker.example#z6Mk"},
        {"publicKeyMultibase": OTHER.kid[:-1]},
        {"publicKeyMultibase": None},
    ],
)
def test_a_method_that_cannot_be_the_issuers_is_passed_over(changes: dict[str, Any]) -> None:
    document = did.document(ISSUER, [KEY.public])
    document["verificationMethod"][0] |= changes
    assert not did.read(document).assertion


@pytest.mark.parametrize(
    "document", [None, [], {}, {"id": ISSUER, "verificationMethod": {}}, {"id": ISSUER, "assertionMethod": ""}]
)
def test_an_unsound_document_is_malformed(document: Any) -> None:
    with pytest.raises(Malformed):
        did.read(document)
