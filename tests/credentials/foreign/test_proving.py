"""Other issuers' badges: what is proven, what is not, and that each way of cheating has its own reason."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed, NotProven
from credentials.foreign import embedded, proving
from credentials.keys.controllers import Supplied
from credentials.keys.ed25519 import SigningKey
from credentials.verification.report import Report
from credentials.verification.trust import Trust
from tests.credentials import other_issuers as other
from tests.credentials.issuance.test_published import WORDS
from tests.credentials.other_issuers import AT, DID_KEY, DID_WEB, ED, ED2020, METHOD, badge, record, signed, token

SUITES = ["eddsa-rdfc-2022", "eddsa-jcs-2022"]


def look(content: Any, at: datetime = AT, trust: Trust | None = None, **supplied: Any) -> Report:
    raw = content.encode() if isinstance(content, str) else content
    return proving.verify(raw, trust or Trust(), at, Supplied(**supplied))[0]


@pytest.mark.parametrize("model", ["1.1", "2.0"])
@pytest.mark.parametrize("suite", SUITES)
def test_an_embedded_proof_holds_and_the_report_says_whose_key(suite: str, model: str) -> None:
    report = look(signed(badge(model=model), suite))
    assert (report.verdict, report.signature.outcome, report.dates.outcome) == ("proven", "proven", "valid")
    assert report.signature.key == ED.kid
    assert not report.signature.pinned
    assert report.form == f"embedded proof, {suite}"
    assert report.certificate is not None
    assert report.certificate.kind == f"Open Badges 3.0, VC Data Model {model}"
    assert (report.certificate.title, report.certificate.recipient) == ("Rings and Ideals", "Emmy Noether")
    assert report.certificate.results == (("Final mark", "A"),)
    assert report.domain is not None
    assert (report.domain.outcome, report.domain.domain) == ("none", None)
    assert "Nobody vouches for whose key that is" in report.sentence
    assert "whether it was revoked is unknown" in report.sentence
    assert report.log.outcome == "absent"


def test_the_proof_that_came_before_data_integrity_holds_too() -> None:
    document = badge(model="1.1")
    document["@context"].append(ED2020)
    assert look(signed(document, "Ed25519Signature2020")).form == "embedded proof, Ed25519Signature2020"


def test_a_key_that_was_trusted_beforehand_counts_and_no_other() -> None:
    document = signed(badge())
    assert look(document, trust=Trust((ED.public,))).signature.pinned
    refused = look(document, trust=Trust((SigningKey.generate(b"some other key, thirty-two bytes").public,)))
    assert refused.verdict == "not proven"
    assert "not a key that you trust" in refused.sentence


Change = Callable[[dict[str, Any]], object]
CHANGES: dict[str, tuple[Change, str]] = {
    "a better mark": (lambda d: d["credentialSubject"]["result"][0].update(value="A+"), "not made over these bytes"),
    "another recipient": (
        lambda d: d["credentialSubject"]["identifier"][0].update(identityHash="Somebody Else"),
        "not made over these bytes",
    ),
    "a later end": (lambda d: d.update(validUntil="2039-09-01T00:00:00Z"), "not made over these bytes"),
    "an order of levels turned round": (
        lambda d: d["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"].reverse(),
        "not made over these bytes",
    ),
    "no proof": (lambda d: d.pop("proof"), "carries none"),
    "an empty set of proofs": (lambda d: d.update(proof=[]), "carries none"),
    "another purpose": (lambda d: d["proof"].update(proofPurpose="authentication"), "another purpose"),
    "an unknown suite": (lambda d: d["proof"].update(cryptosuite="bbs-2023"), "of the suite 'bbs-2023'"),
    "an unknown kind": (lambda d: d["proof"].update(type="RsaSignature2018"), "of the kind 'RsaSignature2018'"),
    "a chain": (lambda d: d["proof"].update(previousProof="urn:uuid:1"), "says 'previousProof'"),
    "another issuer's name": (
        lambda d: d["issuer"].update(id="did:web:university.example"),
        "is not a key of the issuer did:web:university.example",
    ),
    "a key of another kind": (
        lambda d: (
            d["issuer"].update(id="did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"),
            d["proof"].update(verificationMethod="did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv#k"),
        ),
        "needs an Ed25519 key",
    ),
    "no base58": (lambda d: d["proof"].update(proofValue="z0OIl"), "not in base58"),
    "a cut signature": (lambda d: d["proof"].update(proofValue="z3sXpF"), "an Ed25519 signature has 64"),
    "an ended proof": (lambda d: d["proof"].update(expires="2027-01-01T00:00:00Z"), "was good until 2027-01-01"),
}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_refused_with_its_own_reason(name: str, suite: str) -> None:
    change, reason = CHANGES[name]
    document = copy.deepcopy(signed(badge(), suite))
    change(document)
    report = look(document)
    assert (report.verdict, report.signature.outcome) == ("not proven", "failed")
    assert reason in report.signature.reason
    assert report.certificate is None
    assert report.status.outcome == report.dates.outcome == "unknown"


def test_words_that_nobody_defined_cannot_ride_along() -> None:
    document = signed(badge())
    document["credentialSubject"]["bonusGrade"] = "A+"
    assert "does not define 'bonusGrade'" in look(document).signature.reason
    moved = signed(badge())
    moved["credentialSubject"] = [
        {key: moved["credentialSubject"][key] for key in ("id", "type", "identifier", "achievement")},
        {key: moved["credentialSubject"][key] for key in ("id", "type", "result")},
    ]
    assert "described twice" in look(moved).signature.reason


def test_unknown_vocabularies_are_unknown_and_not_forged() -> None:
    document = signed(badge())
    document["@context"] = [*document["@context"], "https://college.example/words.json"]
    report = look(document)
    assert (report.verdict, report.signature.outcome) == ("not proven", "unknown")
    assert "cannot be checked offline: the vocabulary 'https://college.example/words.json'" in report.sentence
    document["@context"] = [*badge()["@context"], {"bonus": "https://college.example/bonus"}]
    assert "words of its own" in look(document).signature.reason
    # Signed as plain JSON, the same words need no vocabulary.
    plain = badge()
    plain["@context"] = [*plain["@context"], "https://college.example/words.json"]
    assert look(signed(plain, "eddsa-jcs-2022")).verdict == "proven"


def test_one_of_several_proofs_is_enough() -> None:
    first, second = signed(badge(), "eddsa-jcs-2022")["proof"], signed(badge())["proof"]
    broken = {**first, "proofValue": second["proofValue"]}
    assert look({**badge(), "proof": [broken, second]}).form == "embedded proof, eddsa-rdfc-2022"
    assert look({**badge(), "proof": [broken, broken]}).signature.outcome == "failed"
    with_many = look({**badge(), "proof": [second] * 6})
    assert "more than 5 proofs" in with_many.signature.reason


def test_a_plain_json_proof_names_the_contexts_that_it_was_made_under() -> None:
    document = signed(badge(), "eddsa-jcs-2022", **{"@context": badge()["@context"]})
    assert look(document).verdict == "proven"
    added = {**document, "@context": [*document["@context"], "https://college.example/later.json"]}
    assert look(added).verdict == "proven"
    swapped = {**document, "@context": ["https://www.w3.org/ns/credentials/v2"]}
    assert "under other contexts" in look(swapped).signature.reason


def test_a_proof_for_one_reader_says_so() -> None:
    report = look(signed(badge(), domain="https://bank.example"))
    assert report.verdict == "proven"
    assert report.notices == ("the proof was made for one reader (its domain); that was not compared",)


def test_what_was_not_looked_at_is_named() -> None:
    schema = {"id": "https://college.example/schema.json", "type": "1EdTechJsonSchemaValidator2019"}
    document = badge(model="1.1", credentialSchema=[schema])
    report = look(signed(document))
    assert report.verdict == "proven"
    assert report.notices == ("whether it follows the form that it names (credentialSchema)",)


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        (datetime(2026, 8, 31, tzinfo=UTC), "not proven"),
        (datetime(2026, 9, 1, tzinfo=UTC), "proven"),
        (datetime(2029, 9, 1, tzinfo=UTC) - timedelta(seconds=1), "proven"),
        (datetime(2029, 9, 1, tzinfo=UTC), "expired"),
    ],
)
@pytest.mark.parametrize("model", ["1.1", "2.0"])
def test_dates_count_with_their_zones(at: datetime, verdict: str, model: str) -> None:
    assert look(signed(badge(model=model)), at).verdict == verdict


# --- whose key ---


def test_a_domain_that_was_asked_and_one_that_was_not() -> None:
    document = signed(badge(DID_WEB), method=f"{DID_WEB}#ed")
    unknown = look(document)
    address = "https://college.example/.well-known/did.json"
    assert (unknown.signature.outcome, unknown.missing) == ("unknown", (address,))
    assert address in unknown.sentence
    given = look(document, documents={DID_WEB: other.document()})
    asked = look(document, documents={address: other.document()}, first_hand=True)
    assert given.domain is not None
    assert asked.domain is not None
    assert (given.verdict, given.domain.outcome) == ("proven", "claimed")
    assert (asked.verdict, asked.domain.outcome, asked.domain.domain) == ("proven", "proven", "college.example")
    assert "by its own word" in asked.sentence
    assert "Nobody vouches" in given.sentence


def test_a_key_in_the_method_itself_is_enough_to_check_but_nobody_vouches() -> None:
    report = look(signed(badge(DID_WEB), method=f"{DID_WEB}#{ED.kid}"))
    assert report.domain is not None
    assert (report.verdict, report.domain.outcome) == ("proven", "claimed")
    assert report.missing == ("https://college.example/.well-known/did.json",)


DOCUMENTS: dict[str, tuple[Change, str]] = {
    "somebody else's": (lambda d: d.update(id="did:web:other.example"), "belongs to somebody else"),
    "without that key": (lambda d: d["verificationMethod"].pop(), "names 0 keys"),
    "the key twice": (
        lambda d: d["verificationMethod"].append({**d["verificationMethod"][-1], "publicKeyMultibase": "z6Mk"}),
        "names 2 keys",
    ),
    "not for credentials": (lambda d: d.update(assertionMethod=[]), "does not let that key sign"),
    "a key with an end": (lambda d: d["verificationMethod"][-1].update(expires="2020-01-01T00:00:00Z"), "an end"),
    "no lists": (lambda d: d.update(verificationMethod="all of them"), "does not list them"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_must_let_that_key_sign(name: str) -> None:
    change, reason = DOCUMENTS[name]
    document = other.document()
    change(document)
    report = look(signed(badge(DID_WEB), method=f"{DID_WEB}#ed"), documents={DID_WEB: document})
    assert report.signature.outcome == "failed"
    assert reason in report.signature.reason


# --- records ---


def test_a_record_shows_what_it_holds_and_which_of_it_is_proven() -> None:
    tampered = signed(badge())
    tampered["credentialSubject"]["result"][0]["value"] = "A+"
    away = signed(badge(DID_WEB), method=f"{DID_WEB}#ed")
    report = look(signed(record(signed(badge()), token(), tampered, away), "eddsa-jcs-2022"))
    assert report.verdict == "proven"
    assert report.certificate is not None
    assert report.certificate.kind == "CLR 2.0, VC Data Model 2.0"
    assert [(each.title, each.kind, each.state) for each in report.certificate.held] == [
        ("Bachelor of Arts", "achievement", "in the record"),
        ("Rings and Ideals", "credential", "proven"),
        ("Rings and Ideals", "token", "proven"),
        ("Rings and Ideals", "credential", "not proven"),
        ("Rings and Ideals", "credential", "not checked"),
    ]


def test_a_record_is_signed_in_its_meaning_too() -> None:
    document = signed(record(signed(badge()), token()))
    assert look(document).verdict == "proven"
    document["credentialSubject"]["verifiableCredential"].pop()
    assert look(document).signature.outcome == "failed"
    unsigned = record(badge())
    report = look(signed(unsigned))
    assert report.certificate is not None
    assert [each.state for each in report.certificate.held] == ["in the record", "not proven"]


# --- what is no credential, or too much of one ---


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "no verifiable credential"),
        (b"ey", "three parts"),
        (b"ey\xff.a.b", "three parts"),
        (b'{"type": "VerifiableCredential"', "not JSON"),
        (b"[]", "one JSON object"),
    ],
)
def test_what_is_no_credential_has_nothing_to_report(content: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        proving.verify(content, Trust(), AT)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(Malformed, match="time zone"):
        proving.verify(badge(), Trust(), AT.replace(tzinfo=None))


def test_what_is_there_to_exhaust_us_is_refused() -> None:
    poison = badge()
    poison["credentialSubject"]["result"] = [{"type": ["Result"]} for _ in range(80)]
    report = look({**poison, "proof": signed(badge())["proof"]})
    assert "larger or more entangled" in report.signature.reason
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"evidence": deep}
    with pytest.raises(Malformed, match="nested deeper"):
        proving.verify(json.dumps({**signed(badge()), **deep}).encode(), Trust(), AT)
    with pytest.raises(Malformed, match="nested deeper"):
        proving.verify({**signed(badge()), **deep}, Trust(), AT)


PIECES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=5)
    | st.sampled_from(["did:key:z", METHOD, DID_KEY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    *((name,) for name in badge()),
    ("proof",),
    *(("proof", name) for name in signed(badge())["proof"]),
    *(("credentialSubject", name) for name in badge()["credentialSubject"]),
]


@settings(deadline=None, max_examples=400)
@given(place=st.sampled_from(PLACES), piece=PIECES, suite=st.sampled_from(SUITES))
def test_whatever_stands_anywhere_is_reported_or_refused(place: tuple[str, ...], piece: Any, suite: str) -> None:
    """Anything but a CredentialError would fail this, and a changed document is never proven."""
    original = signed(badge(), suite)
    document = copy.deepcopy(original)
    within = document if len(place) == 1 else document[place[0]]
    if within[place[-1]] == piece:
        return
    if (place, piece, suite) == (("issuer",), DID_KEY, "eddsa-rdfc-2022"):
        return  # the achievement's creator still describes the issuer, so RDF says the same
    within[place[-1]] = piece
    try:
        report = look(document)
    except Malformed:
        return
    assert report.verdict == "not proven"


@pytest.mark.parametrize("suite", ["jcs", "rdfc"])
def test_what_is_checked_is_what_the_w3c_published(suite: str) -> None:
    """Every byte that a proof covers, by the vectors of Data Integrity EdDSA Cryptosuites 1.0; its issuer's key is a did:key."""
    case = json.loads((Path(__file__).parents[2] / f"vectors/vc-di-eddsa/{suite}.json").read_text())
    method = case["options"]["verificationMethod"]
    document = {**case["document"], "proof": {**case["options"], "proofValue": case["proof_value"]}}
    proof = embedded.verify(document, method.partition("#")[0], Supplied(), AT, WORDS)
    assert (proof.suite, proof.found.key.name) == (f"eddsa-{suite}-2022", case["public_key"])
    with pytest.raises(NotProven, match=r"is not a key of the issuer https://vc\.example"):
        embedded.verify(document, case["document"]["issuer"], Supplied(), AT, WORDS)
    document["name"] = "Another Credential"
    with pytest.raises(NotProven, match="not made over these bytes"):
        embedded.verify(document, method.partition("#")[0], Supplied(), AT, WORDS)
