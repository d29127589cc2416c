"""What a wallet is told, and what it must prove before it gets a certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from credentials.forms import wallet
from credentials.forms.wallet import WalletRefused
from credentials.keys import jws
from credentials.keys.es256 import WalletSigningKey
from tests.credentials.samples import NOW

HOLDER = WalletSigningKey.generate(b"the key in the holder's own phon")
ISSUER = "https://exams.example"


def proof(claims: dict[str, Any] | None = None, typ: str = wallet.PROOF_TYP, jwk: Any = None) -> str:
    said = {"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "fresh"} | (claims or {})
    return jws.sign(typ, said, HOLDER, {"jwk": jwk or HOLDER.public.jwk()})


def holder(text: str) -> Any:
    return wallet.holder_of(text, ISSUER, NOW, lambda nonce: nonce == "fresh")


def test_an_offer_says_where_and_with_which_code() -> None:
    address = urlsplit(wallet.offer(ISSUER, "a code/with=signs"))
    said = json.loads(parse_qs(address.query)["credential_offer"][0])
    assert address.scheme == "openid-credential-offer"
    assert said["credential_issuer"] == ISSUER
    assert said["grants"] == {wallet.GRANT: {"pre-authorized_code": "a code/with=signs"}}
    known = wallet.issuer_metadata(ISSUER, "Example University", f"{ISSUER}/type")
    assert set(said["credential_configuration_ids"]) == set(known["credential_configurations_supported"])


def test_documents_name_each_other() -> None:
    issuer = wallet.issuer_metadata(ISSUER, "Example University", f"{ISSUER}/type")
    assert issuer["credential_issuer"] == wallet.server_metadata(ISSUER)["issuer"] == ISSUER
    assert wallet.type_metadata(f"{ISSUER}/type", "X")["vct"] == f"{ISSUER}/type"
    key = wallet.issuer_keys(ISSUER, HOLDER.public)["jwks"]["keys"][0]
    assert key["kid"] == HOLDER.kid
    assert "d" not in key


def test_a_wallet_proves_its_key() -> None:
    assert holder(proof()) == HOLDER.public
    body = {"credential_configuration_id": wallet.CONFIGURATION, "proofs": {"jwt": [proof()]}}
    assert wallet.read_proofs(body).count(".") == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_proof"),
        ("a.b.c", "invalid_proof"),
        (proof(typ="JWT"), "invalid_proof"),
        (proof({"nonce": "stale"}), "invalid_nonce"),
        (proof({"nonce": 7}), "invalid_nonce"),
        (proof({"aud": "https://else.example"}), "invalid_proof"),
        (proof({"iat": int((NOW - timedelta(hours=1)).timestamp())}), "invalid_proof"),
        (proof({"iat": True}), "invalid_proof"),
        (proof(jwk=WalletSigningKey.generate(b"a key that nobody was told about").public.jwk()), "invalid_proof"),
        (proof(jwk={**HOLDER.public.jwk(), "d": "AA"}), "invalid_proof"),
        (proof(jwk={"kty": "oct", "k": "AA"}), "invalid_proof"),
    ],
)
def test_a_proof_that_proves_nothing_gets_the_protocols_word(text: str, code: str) -> None:
    with pytest.raises(WalletRefused) as refused:
        holder(text)
    assert refused.value.as_json()["error"] == code
    assert refused.value.as_json()["error_description"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "unknown_credential_configuration"),
        ({"credential_configuration_id": "diploma"}, "unknown_credential_configuration"),
        ({"credential_configuration_id": "certificate"}, "invalid_proof"),
        ({"credential_configuration_id": "certificate", "proofs": {"jwt": []}}, "invalid_proof"),
        ({"credential_configuration_id": "certificate", "proofs": {"jwt": ["a", "b"]}}, "invalid_proof"),
        ({"credential_configuration_id": "certificate", "proofs": {"jwt": [7]}}, "invalid_proof"),
        ({"credential_configuration_id": "certificate", "proofs": {"ldp_vp": ["a"]}}, "invalid_proof"),
    ],
)
def test_a_request_that_asks_for_something_else(body: dict[str, Any], code: str) -> None:
    with pytest.raises(WalletRefused) as refused:
        wallet.read_proofs(body)
    assert refused.value.code == code
