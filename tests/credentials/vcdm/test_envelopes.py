"""Credentials and presentations inside tokens: what holds, and that each way of cheating is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from credentials.canonical import b64u, b64u_decode, jcs
from credentials.keys.did import did_key, did_key_method, resolve_did_key
from credentials.keys.ed25519 import SigningKey
from credentials.linked_data.contexts import VC
from credentials.vcdm import problems
from credentials.vcdm.check import Verdict, check, check_vp
from credentials.vcdm.envelopes import seal
from credentials.vcdm.proofs import sign
from tests.credentials.other_issuers import token
from tests.credentials.samples import KEY, NOW, OTHER
from tests.credentials.vcdm.test_model import credential

METHOD, ME = did_key_method(KEY.public), did_key(KEY.public)


def look(document: Any) -> Verdict:
    return check(document, resolve_did_key, NOW)


def enveloped(
    text: str, media: str = "application/vc+jwt", kind: str = "EnvelopedVerifiableCredential"
) -> dict[str, Any]:
    return {"@context": VC, "type": kind, "id": f"data:{media},{text}"}


def signed(header: dict[str, Any], claims: dict[str, Any], key: SigningKey = KEY) -> str:
    text = f"{b64u(jcs(header))}.{b64u(jcs(claims))}"
    return f"{text}.{b64u(key.sign(text.encode()))}"


def test_what_is_sealed_here_is_read_here() -> None:
    made = seal(credential(validUntil="2027-01-01T00:00:00Z"), KEY, METHOD)
    verdict = look(made)
    assert (verdict.verified, verdict.signers) == (True, (ME,))
    assert verdict.warnings[0].detail == "the credential has ended"
    header = json.loads(b64u_decode(made["id"].partition(",")[2].split(".")[0]))
    assert header == {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": METHOD}


def test_the_older_form_with_a_claim_is_read_too() -> None:
    """Whose key only rides along in the token is nobody's word for the issuer."""
    claims = {"iss": ME, "vc": credential()}
    assert look(enveloped(signed({"alg": "EdDSA", "typ": "JWT", "kid": METHOD}, claims), "application/jwt")).verified
    assert "brings its own key" in look(enveloped(token("ES256"), "application/jwt")).errors[0].detail


HEADER = {"alg": "EdDSA", "typ": "vc+jwt", "kid": METHOD}


@pytest.mark.parametrize(
    "document",
    [
        {**enveloped(signed(HEADER, credential())), "@context": []},
        {**enveloped(signed(HEADER, credential())), "@context": "https://www.w3.org/ns/credentials/examples/v2"},
        {**enveloped(signed(HEADER, credential())), "type": "VerifiableCredential"},
        {name: value for name, value in enveloped(signed(HEADER, credential())).items() if name != "type"},
        {**enveloped(""), "id": signed(HEADER, credential())},
        enveloped(signed(HEADER, credential()), "text/plain"),
        enveloped(signed(HEADER, credential())[:-4]),
        enveloped(signed(HEADER, credential(), OTHER)),
        enveloped(signed({**HEADER, "kid": did_key_method(OTHER.public)}, credential(), OTHER)),
        enveloped(signed({**HEADER, "alg": "none"}, credential())),
        enveloped(signed({**HEADER, "alg": "HS256"}, credential())),
        enveloped(signed({**HEADER, "typ": "vp+jwt"}, credential())),
        enveloped(signed({**HEADER, "crit": ["exp"]}, credential())),
        enveloped(signed(HEADER, credential(bonus="1"))),
        enveloped(signed(HEADER, credential(credentialSubject={}))),
        enveloped(signed(HEADER, credential(issuer=...))),
    ],
)
def test_envelopes_that_prove_nothing(document: dict[str, Any]) -> None:
    assert not look(document).verified


def presented(**changes: Any) -> dict[str, Any]:
    inside = {
        "@context": [VC],
        "type": ["VerifiablePresentation"],
        "holder": ME,
        "verifiableCredential": [seal(credential(), KEY, METHOD)],
    }
    claims = {"iss": ME, "aud": "reader.example", "nonce": "u-17", "vp": inside, **changes}
    header = {"alg": "EdDSA", "typ": "JWT", "kid": METHOD}
    sent = {name: value for name, value in claims.items() if value is not ...}
    return enveloped(signed(header, sent), "application/vp+jwt", "EnvelopedVerifiablePresentation")


def shown(document: Any, challenge: str | None = "u-17", domain: str | None = "reader.example") -> Verdict:
    return check_vp(document, resolve_did_key, NOW, challenge=challenge, domain=domain)


def test_a_presentation_in_a_token() -> None:
    assert shown(presented()).verified
    assert shown(presented(aud=["other.example", "reader.example"])).verified
    assert shown(presented(iss=...)).verified
    assert shown(presented(exp=int(datetime(2030, 1, 1, tzinfo=UTC).timestamp()))).verified
    assert shown(presented(), None, None).verified


def test_a_key_that_the_token_spells_out_is_nobodys_word_for_its_signer() -> None:
    somebody = "did:web:bank.example"
    inside = {"@context": [VC], "type": ["VerifiablePresentation"], "holder": somebody}
    header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{somebody}#{OTHER.kid}"}
    claims = {"iss": somebody, "aud": "reader.example", "nonce": "u-17", "vp": inside}
    text = signed(header, claims, OTHER)
    verdict = shown(enveloped(text, "application/vp+jwt", "EnvelopedVerifiablePresentation"))
    assert not verdict.verified
    assert "brings its own key" in verdict.errors[0].detail


def test_a_token_holds_no_more_than_a_presentation_without_one() -> None:
    kind = {"type": "https://example.org/kinds#Thing"}
    large = sign(credential(evidence=[{"id": f"urn:x:{at}", **kind} for at in range(480)]), KEY, METHOD, NOW)
    inside = {"@context": [VC], "type": ["VerifiablePresentation"], "holder": ME, "verifiableCredential": large}
    assert shown(presented(vp=inside)).verified
    twice = shown(presented(vp={**inside, "verifiableCredential": [large, large]}))
    assert "larger or more entangled" in twice.errors[0].detail


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (presented(nonce="u-18"), problems.CHALLENGE),
        (presented(nonce=...), problems.CHALLENGE),
        (presented(aud="other.example"), problems.DOMAIN),
        (presented(aud=...), problems.DOMAIN),
        (presented(exp=1), problems.PROOF),
        (presented(exp="soon"), problems.PROOF),
        (presented(iss=did_key(OTHER.public)), problems.CRYPTOGRAPHIC),
        (presented(vp="text"), problems.PARSING),
        (presented(**{"@context": [VC]}), problems.PARSING),
        (presented(vp={"@context": [VC], "type": ["Thing"]}), problems.MALFORMED),
        ({**presented(), "@context": []}, problems.PARSING),
        ({**presented(), "id": "data:text/plain,a.b.c"}, problems.PARSING),
        ({**presented(), "type": ["VerifiablePresentation"]}, problems.MALFORMED),
        ({**presented(), "id": presented()["id"][:-4] + "AAAA"}, problems.CRYPTOGRAPHIC),
    ],
)
def test_presentations_in_tokens_that_prove_nothing(document: dict[str, Any], code: str) -> None:
    verdict = shown(document)
    assert not verdict.verified
    if document["type"] == "EnvelopedVerifiablePresentation":
        assert verdict.errors[0].code == code
