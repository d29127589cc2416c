"""The rules of VCDM 2.0, section by section: what keeps them can be signed and verified, what breaks one is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from credentials.errors import CredentialError, UndefinedTerm
from credentials.keys.did import did_key, did_key_method, resolve_did_key
from credentials.linked_data.contexts import VC
from credentials.linked_data.vocabularies import DATA_INTEGRITY, VC1
from credentials.vcdm.check import check
from credentials.vcdm.model import check_credential, check_presentation
from credentials.vcdm.problems import Nonconforming
from credentials.vcdm.proofs import sign
from tests.credentials.samples import KEY, NOW

ISSUER = did_key(KEY.public)
KIND = "https://example.org/kinds#Thing"
RESOURCE = {"id": VC, "digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"}
STATUS = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": "https://issuer.example/status/3",
}
TWO_BITS = [{"status": hex(each), "message": str(each)} for each in range(4)]


def credential(**parts: Any) -> dict[str, Any]:
    """A small sound credential with these parts set, or left out where they are `...`."""
    sound = {
        "@context": [VC],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "did:example:subject"},
    }
    return {name: value for name, value in {**sound, **parts}.items() if value is not ...}


GOOD: dict[str, dict[str, Any]] = {
    "smallest": {},
    "one type as a text": {"type": "VerifiableCredential"},
    "a type by its address": {"type": [KIND, "VerifiableCredential"]},
    "a type of a context inside": {"@context": [VC, {"Thing": KIND}], "type": ["VerifiableCredential", "Thing"]},
    "a context inside a context": {
        "@context": [VC, {"@context": {"Thing": KIND}}],
        "type": ["VerifiableCredential", "Thing"],
    },
    "an id": {"id": "urn:uuid:0b2a4c3e-7f1d-4a51-9b1c-2d8f5e6a7b80"},
    "an issuer with a name": {"issuer": {"id": ISSUER, "name": "School"}},
    "a name": {"name": "Certificate"},
    "a name in a language": {"name": {"@value": "Zertifikat", "@language": "de"}},
    "a name with a direction": {"name": {"@value": "שלום", "@language": "he", "@direction": "rtl"}},
    "names": {"name": [{"@value": "One", "@language": "en"}, {"@value": "Eins", "@language": "de"}]},
    "two subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "milliseconds": {"validFrom": "2027-01-01T00:00:00.123Z"},
    "another time zone": {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-12-31T19:00:01-06:00"},
    "a status without an id": {"credentialStatus": {"type": KIND}},
    "a status entry": {"credentialStatus": STATUS},
    "a status of two bits": {"credentialStatus": {**STATUS, "statusSize": 2, "statusMessage": TWO_BITS}},
    "two schemas": {"credentialSchema": [{"id": f"did:example:{each}", "type": KIND} for each in "ab"]},
    "a refresh service": {"refreshService": {"type": KIND, "id": "https://issuer.example/again"}},
    "two terms of use alike": {"termsOfUse": [{"type": KIND}, {"type": KIND}]},
    "evidence": {"evidence": {"type": KIND}},
    "a related resource": {"relatedResource": {**RESOURCE, "mediaType": "application/ld+json"}},
    "an unknown related resource": {
        "relatedResource": [{"id": "https://example.org/a", "digestMultibase": f"uEiA{'A' * 43}"}],
    },
}
OLD = {"@context": [VC1, DATA_INTEGRITY], "issuanceDate": "2027-01-01T00:00:00Z"}
GOOD |= {"version 1.1": OLD, "version 1.1 with an end": {**OLD, "expirationDate": "2028-01-01T00:00:00Z"}}
BAD: dict[str, dict[str, Any]] = {
    "no context": {"@context": ...},
    "a context as a text": {"@context": VC},
    "another context first": {"@context": ["https://www.w3.org/ns/credentials/examples/v2", VC]},
    "a context that is no address": {"@context": [VC, "https ://example.org/v1"]},
    "a context that is a number": {"@context": [VC, 7]},
    "a context that we do not know": {"@context": [VC, "https://example.org/unknown/v1"]},
    "a protected word defined anew": {"@context": [VC, {"VerifiableCredential": KIND}]},
    "a word defined as nothing": {"@context": [VC, {"Thing": None}]},
    "no vocabulary": {"@context": [VC, {"@vocab": None}], "type": ["VerifiableCredential", "Thing"]},
    "another base": {"@context": [VC, {"@base": "https://example.org/"}]},
    "an imported context": {"@context": [VC, {"@import": "https://example.org/v1"}]},
    "words hidden in an index": {"@context": [VC, {"shelf": {"@id": KIND, "@container": "@index"}}]},
    "version 1.1 without its date": {"@context": OLD["@context"]},
    "version 1.1 with its dates in the wrong order": {**OLD, "expirationDate": "2026-12-31T00:00:00Z"},
    "no type": {"type": ...},
    "another type only": {"type": [KIND]},
    "a type without meaning": {"type": ["VerifiableCredential", "Thing"]},
    "a type that is a number": {"type": ["VerifiableCredential", 2]},
    "two ids": {"id": ["https://example.org/1", "https://example.org/2"]},
    "no id at all": {"id": None},
    "an id that is no address": {"id": "https ://example.org/1"},
    "no issuer": {"issuer": ...},
    "an empty issuer": {"issuer": None},
    "an issuer that is no address": {"issuer": "school"},
    "an issuer without an id": {"issuer": {"name": "School"}},
    "an issuer with an id of nothing": {"issuer": {"id": None}},
    "a name with more in it": {"name": {"@value": "A", "@language": "en", "url": "https://example.org"}},
    "a name that is a number": {"name": 7},
    "a language that is none": {"name": {"@value": "A", "@language": "not a tag"}},
    "no subject": {"credentialSubject": ...},
    "an empty subject": {"credentialSubject": {}},
    "no subjects": {"credentialSubject": []},
    "one empty subject": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "a subject with two ids": {"credentialSubject": {"id": ["did:example:a", "did:example:b"]}},
    "a claim without meaning": {"credentialSubject": {"id": "did:example:a", "bonus": "1"}},
    "a claim of nothing": {"credentialSubject": {"id": "did:example:a", "name": None}},
    "a claim of an empty list": {"credentialSubject": {"id": "did:example:a", "name": []}},
    "a date in words": {"validFrom": "Sat, 27 Feb 2027"},
    "a date without a zone": {"validFrom": "2027-01-01T00:00:00"},
    "a day that no month has": {"validUntil": "2027-02-30T00:00:00Z"},
    "an end before the beginning": {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-12-31T23:59:59Z"},
    "a status without a type": {"credentialStatus": {"id": "did:example:status"}},
    "a status with two ids": {"credentialStatus": {"type": KIND, "id": ["did:example:a", "did:example:b"]}},
    "a status with a number as type": {"credentialStatus": {"type": 2}},
    "a status index that is a number": {"credentialStatus": {**STATUS, "statusListIndex": 7}},
    "a status index that is not in base 10": {"credentialStatus": {**STATUS, "statusListIndex": "007"}},
    "a status without a list": {"credentialStatus": {**STATUS, "statusListCredential": "list"}},
    "a status of no bits": {"credentialStatus": {**STATUS, "statusSize": 0}},
    "a status of two bits without messages": {"credentialStatus": {**STATUS, "statusSize": 2}},
    "a status with too few messages": {"credentialStatus": {**STATUS, "statusSize": 2, "statusMessage": TWO_BITS[:3]}},
    "a status that is its list": {"credentialStatus": {**STATUS, "id": STATUS["statusListCredential"]}},
    "a schema without a type": {"credentialSchema": {"id": "did:example:a"}},
    "a schema without an id": {"credentialSchema": {"type": KIND}},
    "a schema whose id is no address": {"credentialSchema": {"type": KIND, "id": "https ://example.org"}},
    "a refresh service without a type": {"refreshService": {"id": "did:example:a"}},
    "terms of use without a type": {"termsOfUse": {"id": "did:example:a"}},
    "empty terms of use": {"termsOfUse": {}},
    "empty evidence": {"evidence": {}},
    "evidence as a text": {"evidence": "I saw it"},
    "related resources as texts": {"relatedResource": [VC]},
    "a related resource without an id": {"relatedResource": {"digestSRI": RESOURCE["digestSRI"]}},
    "a related resource twice": {"relatedResource": [RESOURCE, RESOURCE]},
    "a related resource without a digest": {"relatedResource": {"id": VC}},
    "another digest": {"relatedResource": {"id": VC, "digestSRI": f"sha384-{'A' * 64}"}},
    "a digest in another alphabet": {"relatedResource": {"id": VC, "digestSRI": f"sha384-{'_' * 64}"}},
    "another multibase digest": {"relatedResource": {"id": VC, "digestMultibase": f"u{'A' * 43}"}},
}


def issue(document: dict[str, Any], suite: Any) -> dict[str, Any]:
    check_credential(document)
    return sign(document, KEY, did_key_method(KEY.public), NOW, suite=suite)


@pytest.mark.parametrize("parts", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_what_keeps_the_rules_is_signed_and_verified(parts: dict[str, Any], suite: Any) -> None:
    verdict = check(issue(credential(**parts), suite), resolve_did_key, NOW)
    assert verdict.verified, verdict.errors
    assert verdict.signers == (ISSUER,)


@pytest.mark.parametrize("parts", BAD.values(), ids=BAD)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_what_breaks_a_rule_is_never_signed(parts: dict[str, Any], suite: Any) -> None:
    document = credential(**parts)
    before = copy.deepcopy(document)
    with pytest.raises(CredentialError):
        issue(document, suite)
    assert document == before


def presentation(**parts: Any) -> dict[str, Any]:
    sound = {"@context": [VC], "type": ["VerifiablePresentation"]}
    return {name: value for name, value in {**sound, **parts}.items() if value is not ...}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"id": "urn:uuid:0b2a4c3e-7f1d-4a51-9b1c-2d8f5e6a7b80"},
        {"holder": ISSUER},
        {"holder": {"id": ISSUER}},
        {"verifiableCredential": credential()},
        {"verifiableCredential": [credential(), credential()]},
    ],
)
def test_a_sound_presentation(parts: dict[str, Any]) -> None:
    inside = parts.get("verifiableCredential", [])
    assert check_presentation(presentation(**parts)) == (inside if isinstance(inside, list) else [inside])


@pytest.mark.parametrize(
    "parts",
    [
        {"@context": ...},
        {"@context": [{"Thing": KIND}, VC]},
        {"type": ...},
        {"type": ["VerifiableCredential"]},
        {"id": 7},
        {"holder": "z6Mk"},
        {"holder": {"name": "Anna"}},
        {"termsOfUse": {}},
        {"verifiableCredential": ["eyJhbGciOi"]},
        {"verifiableCredential": [credential()] * 21},
    ],
)
def test_a_presentation_that_breaks_a_rule(parts: dict[str, Any]) -> None:
    with pytest.raises(Nonconforming):
        check_presentation(presentation(**parts))


def test_version_1_1_needs_the_context_that_defines_proofs() -> None:
    document = credential(**{**OLD, "@context": [VC1]})
    check_credential(document)
    with pytest.raises(UndefinedTerm):
        sign(document, KEY, did_key_method(KEY.public), NOW)
