"""Badges as signed tokens: the algorithms, the two forms, and each confusion refused with its own reason."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u, b64u_decode, jcs, load
from credentials.errors import CredentialError, Malformed
from credentials.foreign import proving, vc_jwt
from credentials.forms import formats, png, svg
from credentials.keys.controllers import Supplied
from credentials.keys.ed25519 import SigningKey
from credentials.verification.report import Report
from credentials.verification.trust import Trust
from tests.credentials import other_issuers as other
from tests.credentials.forms.test_baking import DRAWING, PICTURE
from tests.credentials.other_issuers import AT, DID_WEB, ED, HTTPS, badge, claims_of, compact, jwk, token

KEYS = f"{HTTPS.rsplit('/', 2)[0]}/keys"


def look(text: str, **supplied: Any) -> Report:
    return proving.verify(text.encode(), Trust(), AT, Supplied(**supplied))[0]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_key_in_the_header_proves_the_words_and_not_whose_they_are(algorithm: str) -> None:
    report = look(token(algorithm))
    assert (report.verdict, report.form) == ("proven", f"VC-JWT (vc claim), {algorithm}")
    assert report.certificate is not None
    assert report.certificate.title == "Rings and Ideals"
    assert report.domain is not None
    assert (report.domain.outcome, report.domain.domain) == ("claimed", "college.example")
    assert "the key that the file itself brings along" in report.sentence
    assert "Nobody vouches that the key is the issuer's" in report.sentence


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("typ", ["vc+jwt", "application/vc+jwt", "VC+JWT"])
def test_the_newer_form_is_the_credential_itself(algorithm: str, typ: str) -> None:
    header = {"alg": algorithm, "typ": typ, "kid": f"{DID_WEB}#{algorithm.lower()}"}
    text = compact(header, {**badge(DID_WEB), "iss": DID_WEB})
    report = look(text, documents={DID_WEB: other.document()}, first_hand=True)
    assert (report.verdict, report.form) == ("proven", f"VC-JOSE-COSE (vc+jwt), {algorithm}")
    assert report.domain is not None
    assert report.domain.outcome == "proven"


def test_a_key_set_at_the_issuers_address() -> None:
    text = token("RS256", kid=f"{KEYS}#key-1")
    unknown = look(text)
    assert (unknown.signature.outcome, unknown.missing) == ("unknown", (KEYS,))
    keys = {"keys": [{**jwk("RS256"), "kid": "key-1", "alg": "RS256", "use": "sig"}, {**jwk("ES256"), "kid": "key-2"}]}
    report = look(text, documents={KEYS: keys}, first_hand=True)
    assert report.domain is not None
    # The host may have other tenants: a key somewhere on it is not yet the issuer's own.
    assert (report.verdict, report.domain.outcome) == ("proven", "claimed")
    assert "does not say that it is this issuer's" in report.domain.reason
    assert look(text, documents={f"{KEYS}#key-1": jwk("RS256")}).verdict == "proven"
    assert "names 0 keys as 'key-1'" in look(text, documents={KEYS: {"keys": []}}).signature.reason
    twice = {"keys": [keys["keys"][0], {**jwk("ES256"), "kid": "key-1"}]}
    assert "names 2 keys as 'key-1'" in look(text, documents={KEYS: twice}).signature.reason


def test_a_did_key_needs_no_key_in_the_header() -> None:
    text = compact({"alg": "EdDSA"}, claims_of(badge(other.DID_KEY, "1.1")))
    assert look(text).verdict == "proven"
    nameless = compact({"alg": "EdDSA"}, claims_of(badge(HTTPS, "1.1")))
    assert "names no key" in look(nameless).signature.reason


def changed(**claims: Any) -> str:
    whole = {**claims_of(badge(HTTPS, "1.1")), **claims}
    return compact({"alg": "RS256", "jwk": jwk("RS256")}, {k: v for k, v in whole.items() if v is not None})


def forged_with_the_public_key() -> str:
    """The oldest trick: HMAC, with the bytes of the public key as its secret."""
    body = f"{b64u(jcs({'alg': 'HS256', 'jwk': jwk('RS256')}))}.{b64u(jcs(claims_of(badge(HTTPS, '1.1'))))}"
    secret = jcs(jwk("RS256"))
    return f"{body}.{b64u(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def unsigned() -> str:
    return f"{b64u(jcs({'alg': 'none'}))}.{b64u(jcs(claims_of(badge(HTTPS, '1.1'))))}."


def with_header(**header: Any) -> str:
    named = {"alg": "RS256", "jwk": jwk("RS256"), **header}
    return compact({k: v for k, v in named.items() if v is not None}, claims_of(badge(HTTPS, "1.1")), "RS256")


def of_another_key() -> str:
    head, body, _ = token("ES256").split(".")
    return f"{head}.{body}.{b64u(bytes(64))}"


PRIVATE = {**jwk("EdDSA"), "d": b64u(ED.seed)}
FORGERIES: dict[str, tuple[str, str]] = {
    "alg none": (unsigned(), "not signed (alg none)"),
    "alg None": (with_header(alg="None"), "not signed (alg none)"),
    "HMAC with the public key": (forged_with_the_public_key(), "made with a shared secret"),
    "an unknown algorithm": (with_header(alg="RS1"), "do not know the algorithm 'RS1'"),
    "another algorithm than the key's": (with_header(alg="ES256"), "its key is for RS256 or PS256 only"),
    "an algorithm that the key forbids": (
        with_header(alg="PS256", jwk={**jwk("RS256"), "alg": "RS256"}),
        "its key is for RS256 only",
    ),
    "a key for encryption": (with_header(jwk={**jwk("RS256"), "use": "enc"}), "not one for signatures"),
    "a shared secret as key": (with_header(jwk={"kty": "oct", "k": "c2VjcmV0"}), "a shared secret"),
    "a key with its secret": (
        compact({"alg": "EdDSA", "jwk": PRIVATE}, claims_of(badge(HTTPS, "1.1"))),
        "private part",
    ),
    "a token for another purpose": (with_header(typ="at+jwt"), "of the type 'at+jwt' is no credential"),
    "a token of a wallet": (with_header(typ="dc+sd-jwt"), "of the type 'dc+sd-jwt' is no credential"),
    "the new type around the old claim": (with_header(typ="vc+jwt"), "has no claim 'vc'"),
    "two credentials in one token": (changed(**{"@context": badge()["@context"]}), "holds two credentials"),
    "extensions": (with_header(crit=["exp"], exp=1), "extensions that we do not know"),
    "an unknown header": (with_header(jku="https://evil.example/keys"), "its header says 'jku'"),
    "a key of somebody else's": (with_header(kid="did:web:evil.example#k", jwk=None), "is not a key of the issuer"),
    "keys at somebody else's": (with_header(kid="https://evil.example/k#1", jwk=None), "is not a key of the issuer"),
    "a kid that is no text": (with_header(kid=7), "kid is not a text"),
    "another issuer": (changed(iss="https://bank.example"), "'iss' contradicts"),
    "no issuer": (changed(iss=None), "does not say who made it"),
    "another id": (changed(jti="urn:uuid:0"), "'jti' contradicts"),
    "another subject": (changed(sub="did:example:somebody"), "'sub' contradicts"),
    "an earlier begin": (changed(nbf=1_000_000_000), "'nbf' contradicts"),
    "a later end": (changed(exp=1_999_999_999), "'exp' contradicts"),
    "an end that is no number": (changed(exp="2029"), "'exp' is not a number of seconds"),
    "an end beyond calendars": (changed(exp=2**36), "'exp' contradicts"),
    "another key's signature": (of_another_key(), "not made over these bytes"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_each_confusion_is_refused_with_its_own_reason(name: str) -> None:
    text, reason = FORGERIES[name]
    report = look(text)
    assert (report.verdict, report.signature.outcome, report.certificate) == ("not proven", "failed", None)
    assert reason in report.signature.reason


def test_a_carried_key_must_be_the_named_one() -> None:
    text = compact({"alg": "ES256", "kid": f"{DID_WEB}#rs256", "jwk": jwk("ES256")}, claims_of(badge(DID_WEB, "1.1")))
    assert (
        "another key than the one that it names" in look(text, documents={DID_WEB: other.document()}).signature.reason
    )
    report = look(text)  # the document is not at hand: then only the file says whose key it is
    assert report.domain is not None
    assert (report.verdict, report.domain.outcome) == ("proven", "claimed")
    mine = compact(
        {"alg": "EdDSA", "jwk": SigningKey.generate(b"x" * 32).public.jwk()},
        claims_of(badge(other.DID_KEY, "1.1")),
    )
    assert "is not the issuer's" in look(mine).signature.reason


def test_a_carried_key_is_looked_for_in_the_issuers_document() -> None:
    text = token("RS256", DID_WEB, jwk=jwk("RS256"))
    assert look(text).missing == ("https://college.example/.well-known/did.json",)
    named = look(text, documents={DID_WEB: other.document()}, first_hand=True)
    assert named.domain is not None
    assert (named.verdict, named.domain.outcome, named.missing) == ("proven", "proven", ())
    without = other.document()
    without["assertionMethod"] = without["assertionMethod"][1:]
    assert "does not name" in look(text, documents={DID_WEB: without}).signature.reason
    keys = {"keys": [{"kty": "unknown"}, jwk("RS256")]}
    assert look(token(), documents={HTTPS: keys}).verdict == "proven"
    profile = {"id": HTTPS, "type": "Profile", "name": "Distant College"}
    assert look(token(), documents={HTTPS: profile}).verdict == "proven"  # a profile says nothing about keys


@pytest.mark.parametrize(("name", "value"), [("e", "AQ"), ("n", b64u(bytes([255]) * 128)), ("n", 7), ("n", "A=")])
def test_weak_and_broken_rsa_keys_are_refused(name: str, value: Any) -> None:
    assert look(with_header(jwk={**jwk("RS256"), name: value})).signature.outcome == "failed"


def test_claims_say_what_the_credential_leaves_out_and_dates_of_a_token_end_it() -> None:
    credential = badge(HTTPS, "1.1")
    claims = claims_of({**credential})
    claims["vc"] = {k: v for k, v in credential.items() if k not in {"id", "issuanceDate", "expirationDate"}}
    report = look(compact({"alg": "RS256", "jwk": jwk("RS256")}, claims))
    assert report.certificate is not None
    assert report.certificate.id == credential["id"]
    assert report.certificate.valid_until is not None
    newer = {k: v for k, v in badge(HTTPS).items() if k not in {"validFrom", "validUntil"}}
    ended = compact(
        {"alg": "RS256", "typ": "vc+jwt", "jwk": jwk("RS256")}, {**newer, "nbf": 1_700_000_000, "exp": 1_800_000_000}
    )
    assert look(ended).verdict == "expired"


def test_a_token_baked_into_a_picture_is_read_from_both_kinds() -> None:
    text = token()
    for file in (png.bake(PICTURE, text), svg.bake(DRAWING, text)):
        opened = formats.open_file(file)
        assert opened.kind == "jwt"
        assert look(opened.content.decode()).verdict == "proven"


def test_an_envelope_is_opened() -> None:
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": f"data:application/vc+jwt,{token()}",
        "type": "EnvelopedVerifiableCredential",
    }
    assert proving.verify(jcs(envelope), Trust(), AT)[0].verdict == "proven"


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, 4000), letter=st.sampled_from("AZaz09-_.~"), algorithm=st.sampled_from(["ES256", "EdDSA"]))
def test_no_letter_of_a_token_can_be_changed(place: int, letter: str, algorithm: str) -> None:
    text = token(algorithm)
    at = place % len(text)
    if text[at] == letter:
        return
    try:
        report = look(text[:at] + letter + text[at + 1 :])
    except CredentialError:
        return
    assert report.verdict == "not proven"


def test_a_token_is_read_only_as_far_as_its_parts_go() -> None:
    head, body, signature = token().split(".")
    for text in (
        f"{head}.{body}",
        f"{head}.{body}.{signature}.{signature}",
        f"{head}.e30.{signature}",
        f"{head}..{signature}",
    ):
        with pytest.raises(Malformed):
            look(text)
    assert load(b64u_decode(body))["vc"]["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert vc_jwt.read(token()).issuer == HTTPS
