"""Exam sessions: short-lived tokens for one attempt, bound to a key that cannot leave the browser.

Sources: RFC 9449 (DPoP) sections 4.2, 4.3, 6, 8; RFC 7638 (thumbprints); RFC 8037 (EdDSA in JOSE).
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from credentials.canonical import JsonObject, b64u, b64u_decode, load
from credentials.errors import Malformed, NotProven
from credentials.keys import ecdsa
from credentials.keys.ed25519 import SigningKey

MAX_TOKENS = 20_000  # whose signature a process remembers
PROOF_AGE = timedelta(seconds=60)  # how old a proof may be
PROOF_AHEAD = timedelta(seconds=10)  # how far a candidate's clock may run ahead
NONCE_LIFE = timedelta(minutes=5)
MAX_PROOF = 2000  # characters; a proof is about 450


@dataclass(frozen=True)
class Grant:
    """What a token says: this candidate, this attempt, this key, this hand-over generation, until then."""

    issuer: str
    attempt: str
    candidate: str
    jkt: str
    generation: int
    expires_at: datetime


@dataclass(frozen=True)
class Proof:
    """A proven DPoP proof: the thumbprint of its key, and an identifier that must be seen once only."""

    jkt: str
    jti: str
    issued_at: datetime


class TokenMint:
    """Signs and reads attempt tokens with one Ed25519 key."""

    def __init__(self, seed: bytes) -> None:
        public = SigningKey.generate(seed).public.jwk()
        self._key = OKPKey.import_key({**public, "d": b64u(seed), "use": "sig"})
        # A token comes with every save for ten minutes: its signature is checked once per process, and by the one that made
        # it never. Its expiry is looked at each time.
        self._known: dict[str, dict[str, Any]] = {}

    def issue(self, grant: Grant, now: datetime) -> str:
        """A JWS in compact form, audience = the attempt."""
        claims = {
            "iss": grant.issuer,
            "aud": f"attempt:{grant.attempt}",
            "sub": grant.candidate,
            "gen": grant.generation,
            "iat": int(now.timestamp()),
            "exp": int(grant.expires_at.timestamp()),
            "cnf": {"jkt": grant.jkt},
        }
        token = jws.serialize_compact(
            {"alg": "Ed25519", "typ": "at+jwt"},
            json.dumps(claims, separators=(",", ":")).encode(),
            self._key,
            algorithms=["Ed25519"],
        )
        self._remember(token, claims)
        return token

    def read(self, token: str, issuer: str, attempt: str, now: datetime) -> Grant:
        """The grant a token proves for this attempt at this moment. Raises `NotProven`."""
        claims = self._known.get(token) or self._open(token)
        try:
            grant = Grant(
                issuer=claims["iss"],
                attempt=claims["aud"].removeprefix("attempt:"),
                candidate=claims["sub"],
                jkt=claims["cnf"]["jkt"],
                generation=claims["gen"],
                expires_at=datetime.fromtimestamp(claims["exp"], tz=now.tzinfo),
            )
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise NotProven("token", "its claims are incomplete") from error
        if grant.issuer != issuer or grant.attempt != attempt:
            raise NotProven("token", "it is for another attempt")
        if now >= grant.expires_at:
            raise NotProven("token", "it has expired")
        return grant

    def _open(self, token: str) -> dict[str, Any]:
        claims = _open(token, self._key, "Ed25519", "at+jwt")
        self._remember(token, claims)
        return claims

    def _remember(self, token: str, claims: dict[str, Any]) -> None:
        if len(self._known) >= MAX_TOKENS:
            self._known.pop(next(iter(self._known)))
        self._known[token] = claims


@dataclass(frozen=True)
class Nonces:
    """Server nonces without a table: an HMAC of the current five minutes; the previous one is still good."""

    secret: bytes

    def current(self, now: datetime) -> str:
        return self._at(int(now.timestamp() // NONCE_LIFE.total_seconds()))

    def good(self, nonce: str, now: datetime) -> bool:
        epoch = int(now.timestamp() // NONCE_LIFE.total_seconds())
        return any(hmac.compare_digest(nonce.encode(), self._at(epoch - back).encode()) for back in (0, 1))

    def _at(self, epoch: int) -> str:
        return _nonce(self.secret, epoch)


@lru_cache(maxsize=8)
def _nonce(secret: bytes, epoch: int) -> str:
    return b64u(hmac.digest(secret, b"dpop-nonce:%d" % epoch, "sha256")[:16])


class NonceMissing(NotProven):
    """The proof carries no fresh server nonce (RFC 9449 section 8)."""


def verify_proof(
    proof: str, *, method: str, url: str, now: datetime, token: str | None, nonce_good: Callable[[str], bool]
) -> Proof:
    """Check a DPoP proof in the order of RFC 9449 section 4.3. Raises `NotProven`; seen identifiers are the caller's.

    `url` is the request's address without query and fragment; `token` is the access token it comes with, if any.
    """
    if len(proof) > MAX_PROOF:
        raise NotProven("proof", "it is too long")
    header, _, rest = proof.partition(".")
    payload, _, signature = rest.partition(".")
    key, jkt = _holder(header)
    _check_signature(key, f"{header}.{payload}".encode(), signature)
    claims = _part(payload)
    jti, issued = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 16 <= len(jti) <= 100 or not (jti.isascii() and jti.isprintable()):
        raise NotProven("proof", "jti must have 16 to 100 printable characters")
    if claims.get("htm") != method or claims.get("htu") != url:
        raise NotProven("proof", "it was made for another request")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not abs(issued) < 2**53:
        raise NotProven("proof", "iat is missing")
    age = now.timestamp() - issued
    if not -PROOF_AHEAD.total_seconds() <= age <= PROOF_AGE.total_seconds():
        raise NonceMissing("proof", "its time is not now; use the server's nonce and time")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce.isascii() or not nonce_good(nonce):
        raise NonceMissing("proof", "it needs the server's current nonce")
    if token is not None and claims.get("ath") != b64u(hashlib.sha256(token.encode()).digest()):
        raise NotProven("proof", "it belongs to another token")
    return Proof(jkt, jti, datetime.fromtimestamp(issued, tz=now.tzinfo))


def holder(proof: str) -> EllipticCurvePublicKey:
    """The key that made a proof which `verify_proof` has accepted."""
    return _holder(proof.partition(".")[0])[0]


def verify_held(key: EllipticCurvePublicKey, signed: bytes, signature: str) -> None:
    """Check what a device signs besides its proofs: ES256, base64url. Raises `NotProven`."""
    _check_signature(key, signed, signature)


@lru_cache(maxsize=10_000)
def _holder(header: str) -> tuple[EllipticCurvePublicKey, str]:
    """The public P-256 key in a proof's header, and its thumbprint. A private or another kind of key is refused.

    A device sends the same header with every request, so this is read once per device; it costs as much as all the rest.
    """
    said = _part(header)
    if said.get("typ") != "dpop+jwt" or said.get("alg") != "ES256" or "crit" in said:
        raise NotProven("proof", "it must be a dpop+jwt signed with ES256")
    jwk = said.get("jwk")
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise NotProven("proof", "its key must be a public P-256 key")
    try:
        key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
        return key.public_key, key.thumbprint()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NotProven("proof", "its key cannot be read") from error


def _part(segment: str) -> JsonObject:
    try:
        return load(b64u_decode(segment))
    except Malformed as error:
        raise NotProven("proof", "it cannot be read") from error


def _check_signature(key: EllipticCurvePublicKey, signed: bytes, signature: str) -> None:
    """ES256 (RFC 7518 section 3.4): r and s in 32 bytes each."""
    try:
        ecdsa.verify(key, b64u_decode(signature), signed)
    except (Malformed, InvalidSignature) as error:
        raise NotProven("proof", "its signature does not hold") from error


def _open(compact: str, key: OKPKey, algorithm: str, typ: str) -> JsonObject:
    try:
        opened = jws.deserialize_compact(compact, key, algorithms=[algorithm])
        claims = json.loads(opened.payload)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotProven(typ, "its signature does not hold") from error
    if opened.headers().get("typ") != typ or not isinstance(claims, dict):
        raise NotProven(typ, "it is of another type")
    return claims
