"""Exam sessions: tokens for one attempt, proofs for one request, nonces that age."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from credentials.attempt.session import Grant, NonceMissing, Nonces, TokenMint, verify_proof
from credentials.errors import NotProven

NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
SEED = bytes(range(32))
URL = "https://exam.example/api/attempts/1/responses"
MINT = TokenMint(SEED)
NONCES = Nonces(SEED)
KEY = ECKey.import_key(ec.derive_private_key(12345, ec.SECP256R1()))
GRANT = Grant("did:web:exam.example", "1", "2", KEY.thumbprint(), 1, NOW + timedelta(minutes=10))


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proof(header: dict[str, Any] | None = None, key: ECKey = KEY, **claims: Any) -> str:
    token = claims.pop("token", None)
    body = {
        "jti": "0123456789abcdef",
        "htm": "POST",
        "htu": URL,
        "iat": int(NOW.timestamp()),
        "nonce": NONCES.current(NOW),
        **({"ath": b64u(hashlib.sha256(token.encode()).digest())} if token else {}),
        **claims,
    }
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **(header or {})}
    return jws.serialize_compact(head, json.dumps(body).encode(), key, algorithms=["ES256"])


def check(text: str, token: str | None = None, now: datetime = NOW) -> str:
    return verify_proof(
        text, method="POST", url=URL, now=now, token=token, nonce_good=lambda nonce: NONCES.good(nonce, now)
    ).jkt


def test_a_token_says_what_was_granted_until_it_expires() -> None:
    token = MINT.issue(GRANT, NOW)
    assert MINT.read(token, GRANT.issuer, "1", NOW) == GRANT
    with pytest.raises(NotProven, match="expired"):
        MINT.read(token, GRANT.issuer, "1", GRANT.expires_at)


@pytest.mark.parametrize(("issuer", "attempt"), [("did:web:other", "1"), ("did:web:exam.example", "11")])
def test_a_token_is_for_one_attempt_of_one_platform(issuer: str, attempt: str) -> None:
    with pytest.raises(NotProven):
        MINT.read(MINT.issue(GRANT, NOW), issuer, attempt, NOW)


def test_a_token_of_another_key_or_algorithm_is_refused() -> None:
    forged = TokenMint(bytes(32)).issue(GRANT, NOW)
    claims = MINT.issue(GRANT, NOW).split(".")[1]
    none = f"{b64u(json.dumps({'alg': 'none', 'typ': 'at+jwt'}).encode())}.{claims}."
    shared = jws.serialize_compact(
        {"alg": "HS256", "typ": "at+jwt"}, base64.urlsafe_b64decode(claims + "=="), OctKey.import_key(SEED)
    )
    for token in (forged, none, shared, "", "a.b.c", proof()):
        with pytest.raises(NotProven):
            MINT.read(token, GRANT.issuer, "1", NOW)


def test_a_good_proof_names_its_key() -> None:
    token = MINT.issue(GRANT, NOW)
    assert check(proof(token=token), token) == KEY.thumbprint() == GRANT.jkt


@pytest.mark.parametrize(
    "wrong",
    [
        {"htm": "GET"},
        {"htu": URL + "/"},
        {"htu": URL.replace("https", "http")},
        {"jti": "short"},
        {"jti": 5},
        {"ath": "x"},
        {"iat": "now"},
        {"iat": True},
        {"header": {"typ": "jwt"}},
        {"header": {"jwk": KEY.as_dict(private=True)}},
    ],
)
def test_a_proof_for_something_else_is_refused(wrong: dict[str, Any]) -> None:
    token = MINT.issue(GRANT, NOW)
    with pytest.raises(NotProven):
        check(proof(**{"token": token, **wrong}), token)


@pytest.mark.parametrize("wrong", [{"nonce": "old"}, {"nonce": None}, {"iat": 0}, {"iat": int(NOW.timestamp()) + 60}])
def test_a_stale_proof_asks_for_a_fresh_nonce(wrong: dict[str, Any]) -> None:
    with pytest.raises(NonceMissing):
        check(proof(**wrong))


def test_a_proof_signed_by_another_key_than_it_shows_is_refused() -> None:
    other = ECKey.import_key(ec.derive_private_key(99, ec.SECP256R1()))
    with pytest.raises(NotProven):
        check(proof(header={"jwk": other.as_dict(private=False)}))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_garbage_is_refused_and_never_crashes(text: str) -> None:
    with pytest.raises(NotProven):
        check(text)
    with pytest.raises(NotProven):
        MINT.read(text, GRANT.issuer, "1", NOW)


@settings(max_examples=50, deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(minutes=30)))
def test_a_nonce_is_good_for_five_to_ten_minutes(age: timedelta) -> None:
    good = NONCES.good(NONCES.current(NOW), NOW + age)
    assert good or age >= timedelta(minutes=5)
    assert not good or age < timedelta(minutes=10)
