"""Whether another issuer took a badge back: three kinds of lists, and what each does not prove."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from credentials.canonical import b64u
from credentials.linked_data.vocabularies import DATA_INTEGRITY, OB_1, OB_EXTENSIONS, STATUS_2021, VC1
from credentials.verification.report import Report
from tests.credentials import other_issuers as other
from tests.credentials.foreign.test_proving import look
from tests.credentials.other_issuers import (
    DID_KEY,
    DID_WEB,
    STATUS,
    badge,
    bits,
    compact,
    entry,
    jwk,
    signed,
    status_list,
)

ED_ONLY = other.document()["verificationMethod"][-1:]
SPELLED = {**ED_ONLY[0], "id": f"{other.DID_WEB}#{other.ED.kid}"}
WHOLE = {
    **other.document(),
    "verificationMethod": [*other.document()["verificationMethod"], SPELLED],
    "assertionMethod": [*other.document()["assertionMethod"], SPELLED["id"]],
}
EDTECH = "https://college.example/revocations"


def asked(listed: Any, *entries: dict[str, Any], first_hand: bool = False) -> Report:
    document = signed(badge(credentialStatus=list(entries) or [entry()]))
    return look(document, documents={STATUS: listed}, first_hand=first_hand)


def test_a_bit_that_is_not_set_and_one_that_is() -> None:
    valid = asked(signed(status_list(6)))
    assert (valid.verdict, valid.status.outcome) == ("proven", "valid")
    assert "it was not revoked as of 2027-05-31T00:00:00Z" in valid.sentence
    revoked = asked(signed(status_list(5)))
    assert (revoked.verdict, revoked.status.outcome, revoked.signature.outcome) == ("revoked", "revoked", "proven")


def test_a_revocation_cannot_be_hidden_in_a_list_of_lists() -> None:
    """RDF, which is signed, does not tell a list in a list from the list."""
    document = signed(badge(credentialStatus=entry()))
    hidden = {**document, "credentialStatus": [[document["credentialStatus"]]]}
    report = look(hidden, documents={STATUS: signed(status_list(5))})
    assert (report.verdict, report.signature.outcome) == ("not proven", "failed")
    assert "a list stands inside a list" in report.signature.reason


def test_an_index_in_a_list_of_one_is_that_index() -> None:
    document = signed(badge(credentialStatus=entry()))
    document["credentialStatus"] = {**entry(), "statusListIndex": ["5"]}
    assert look(document, documents={STATUS: signed(status_list(5))}).verdict == "revoked"


@pytest.mark.parametrize("method", [f"{DID_WEB}#{other.ED.kid}", f"{DID_WEB}#ed"])
def test_a_key_that_nobody_vouches_for_takes_nothing_back_and_clears_nobody(method: str) -> None:
    """A list may be signed with the certificate's own key, or with another one that the issuer names."""
    document = signed(badge(DID_WEB, credentialStatus=entry()), method=method)
    carried = compact({"alg": "ES256", "typ": "vc+jwt", "jwk": jwk("ES256")}, status_list(issuer=DID_WEB))
    named = compact({"alg": "ES256", "typ": "vc+jwt", "kid": f"{DID_WEB}#es256"}, status_list(5, issuer=DID_WEB))
    own = signed(status_list(5, issuer=DID_WEB), method=method)
    documents = {} if method.endswith(other.ED.kid) else {DID_WEB: {**other.document(), "verificationMethod": ED_ONLY}}
    assert look(document, documents={STATUS: carried, **documents}).status.outcome == "unknown"
    assert look(document, documents={STATUS: own, **documents}).status.outcome == "revoked"
    assert look(document, documents={STATUS: named, DID_WEB: WHOLE}).status.outcome == "revoked"


def test_a_list_that_nobody_gave_is_unknown_and_its_address_is_told() -> None:
    report = look(signed(badge(credentialStatus=entry())))
    assert (report.verdict, report.status.outcome) == ("proven", "unknown")
    assert report.missing == (STATUS,)
    assert "was not looked up" in report.sentence


def test_of_two_lists_the_graver_word_counts() -> None:
    suspended = asked(signed(status_list(5, purpose="suspension")), entry(purpose="suspension"))
    assert suspended.status.outcome == "suspended"
    assert suspended.verdict != "proven"
    away = "https://college.example/status/4"
    other_list = {**entry(), "id": f"{away}#5", "statusListCredential": away}
    report = asked(signed(status_list(5)), other_list, entry())
    assert (report.status.outcome, report.missing) == ("revoked", (away,))
    half = asked(signed(status_list()), other_list, entry())
    assert half.status.outcome == "unknown"


LISTS: dict[str, tuple[Any, str]] = {
    "unsigned": (status_list(), "carries none"),
    "tampered": ({**signed(status_list()), "validFrom": "2027-05-31T00:00:01Z"}, "not made over these bytes"),
    "of another issuer": (
        signed(status_list(issuer="did:web:college.example"), method="did:web:college.example#" + other.ED.kid),
        "another issuer made it",
    ),
    "of another address": (signed(status_list(id="https://college.example/status/9")), "not the list that"),
    "for another purpose": (signed(status_list(purpose="suspension")), "for another purpose"),
    "over": (signed(status_list(validUntil="2027-05-31T12:00:00Z")), "was good until"),
    "of tomorrow": (signed(status_list(validFrom="2027-07-01T00:00:00Z")), "begins only on"),
    "too short": (
        signed(
            status_list(
                credentialSubject={
                    **status_list()["credentialSubject"],
                    "encodedList": "u" + b64u(gzip.compress(b"\0" * 16, mtime=0)),
                }
            )
        ),
        "not a size that the standard allows",
    ),
    "a bomb": (
        signed(
            status_list(
                credentialSubject={
                    **status_list()["credentialSubject"],
                    "encodedList": "u" + b64u(gzip.compress(bytes(8 * 1024 * 1024), mtime=0)),
                }
            )
        ),
        "not a size that the standard allows",
    ),
    "no list at all": ({"keys": []}, "does not say who issued it"),
    "no JSON": ("<html>not found</html>", "three parts"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_proves_nothing_leaves_it_unknown(name: str) -> None:
    listed, reason = LISTS[name]
    report = asked(listed)
    assert (report.verdict, report.status.outcome) == ("proven", "unknown")
    assert reason in report.status.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"statusListIndex": "131072"}, "no entry 131072"),
        ({"statusListIndex": "-1"}, "names no place"),
        ({"statusListIndex": True}, "names no place"),
        ({"statusListCredential": "http://college.example/status/3"}, "no address"),
        ({"statusPurpose": ["message", "revocation"]}, "does not say its one purpose"),
        ({"statusPurpose": None}, "does not say its one purpose"),
        ({"statusSize": 2}, "several bits"),
        ({"statusSize": "1"}, "several bits"),
        ({"type": "CredentialStatusList2017"}, "we do not know status lists of the kind"),
    ],
)
def test_an_entry_that_leads_nowhere(changes: dict[str, Any], reason: str) -> None:
    document = signed(badge(credentialStatus={**entry(), **changes}), "eddsa-jcs-2022")
    report = look(document, documents={STATUS: signed(status_list())})
    assert report.status.outcome == "unknown"
    assert reason in report.status.reason


def test_the_list_may_come_as_a_token() -> None:
    claims = {**status_list(5), "iss": DID_KEY}
    listed = compact({"alg": "EdDSA", "typ": "vc+jwt", "jwk": jwk("EdDSA")}, claims)
    assert asked(listed).verdict == "revoked"


def test_the_forerunner_of_2021() -> None:
    listed = {
        "@context": [VC1, STATUS_2021, DATA_INTEGRITY],
        "id": STATUS,
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": DID_KEY,
        "issuanceDate": "2027-05-31T00:00:00Z",
        "credentialSubject": {
            "id": f"{STATUS}#list",
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": b64u(gzip.compress(bits(5), mtime=0)),
        },
    }
    document = badge(model="1.1", credentialStatus={**entry(), "type": "StatusList2021Entry"})
    document["@context"] = [VC1, OB_1, OB_EXTENSIONS, DATA_INTEGRITY, STATUS_2021]
    assert look(signed(document), documents={STATUS: signed(listed)}).verdict == "revoked"


# --- 1EdTech's list ---


def edtech(*revoked: Any, name: str = "revokedCredential", **changes: Any) -> Report:
    listed = {"id": EDTECH, "issuer": DID_KEY, name: list(revoked), **changes}
    document = badge(credentialStatus={"id": EDTECH, "type": "1EdTechRevocationList"})
    document["@context"] = [*document["@context"], OB_EXTENSIONS]
    return look(signed(document), documents={EDTECH: listed})


def test_a_revocation_list_names_whom_it_takes_back_and_why() -> None:
    named = {"id": badge()["id"], "revoked": True, "revocationReason": "issued by mistake"}
    report = edtech({"id": "urn:uuid:other"}, named)
    assert report.verdict == "revoked"
    assert "takes it back: issued by mistake" in report.sentence
    assert edtech(badge()["id"]).verdict == "revoked"
    assert edtech(named, name="revokedCredentials").verdict == "revoked"
    assert edtech({**named, "revoked": False}).verdict == "proven"


def test_an_unsigned_list_is_said_to_be_unsigned() -> None:
    report = edtech()
    assert (report.verdict, report.status.outcome) == ("proven", "valid")
    assert "which is not signed" in report.sentence


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "did:web:other.example"}, "another issuer"),
        ({"id": "https://college.example/else"}, "not the list"),
        ({"revokedCredential": "all"}, "not in the form"),
    ],
)
def test_a_revocation_list_of_others_says_nothing(changes: dict[str, Any], reason: str) -> None:
    report = edtech(**changes)
    assert report.status.outcome == "unknown"
    assert reason in report.status.reason


def test_a_list_of_nothing_is_no_list() -> None:
    document = signed(badge(credentialStatus={"id": EDTECH, "type": "1EdTechRevocationList"}), "eddsa-jcs-2022")
    report = look(document, documents={EDTECH: {"id": EDTECH, "issuer": DID_KEY}})
    assert "does not list anything" in report.status.reason
