"""Public keys of other issuers, as JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037) or Multikeys.

Each key serves the algorithms of its own kind only. That closes algorithm confusion: a token cannot make a verifier use the bytes
of a public key as a shared secret, nor an RSA key for another padding than the one that it names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from credentials.canonical import b64u, b64u_decode, digest
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys import ecdsa
from credentials.keys.ed25519 import PublicKey

MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 8192  # a larger modulus only costs the verifier time
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_CURVES: dict[str, tuple[EllipticCurve, HashAlgorithm, str, int]] = {
    "P-256": (SECP256R1(), SHA256(), "ES256", 32),
    "P-384": (SECP384R1(), SHA384(), "ES384", 48),
}
_MULTICODECS = {b"\xed\x01": "Ed25519", b"\x80\x24": "P-256", b"\x81\x24": "P-384"}


@dataclass(frozen=True)
class VerifyingKey:
    """A key of somebody else. `name` is its Multikey (Ed25519) or RFC 7638 thumbprint, `algorithms` what it may be used with.

    `verify` asks; `check` is how the key's kind does it, and raises InvalidSignature too.
    """

    name: str
    algorithms: tuple[str, ...]
    ed25519: PublicKey | None
    check: Callable[[str, bytes, bytes], None]

    def verify(self, algorithm: str, signature: bytes, data: bytes) -> None:
        """Return when this key signed `data` with that JOSE algorithm. Raises NotProven."""
        if algorithm not in self.algorithms:
            raise NotProven(
                "signature", f"it claims {algorithm[:20]!r}, but its key is for {' or '.join(self.algorithms)} only"
            )
        try:
            self.check(algorithm, signature, data)
        except InvalidSignature as reason:
            raise NotProven("signature", f"it was not made over these bytes by {self.name}") from reason


def from_ed25519(key: PublicKey) -> VerifyingKey:
    """An Ed25519 key; RFC 9864 calls its algorithm Ed25519, older tokens EdDSA."""
    return VerifyingKey(key.multikey, ("EdDSA", "Ed25519"), key, lambda _, signature, data: key.verify(signature, data))


def from_multikey(text: str) -> VerifyingKey:
    """`z6Mk…` (Ed25519), `zDn…` (P-256) or `z82…` (P-384). Raises BadKey."""
    try:
        raw = base58.b58decode(text[1:]) if text[:1] == "z" and len(text) < 100 else b""
    except ValueError as reason:
        raise BadKey("this is not a Multikey: it holds a character outside base58") from reason
    kind = _MULTICODECS.get(raw[:2])
    if kind is None:
        raise BadKey("the key is a Multikey of a kind that we do not know, or none at all")
    if kind == "Ed25519":
        return from_ed25519(PublicKey(raw[2:]))
    try:
        point = EllipticCurvePublicKey.from_encoded_point(_CURVES[kind][0], raw[2:]).public_numbers()
    except ValueError as reason:
        raise BadKey(f"the key's point does not lie on the curve {kind}") from reason
    return _elliptic(kind, point.x, point.y)


def from_jwk(jwk: object) -> VerifyingKey:
    """Read a public JSON Web Key, strictly. A secret, shared or private, is refused: it proves nothing once it is published.

    Raises BadKey.
    """
    if not isinstance(jwk, dict):
        raise BadKey("a JSON Web Key is a JSON object")
    if jwk.get("kty") == "oct":
        raise BadKey("the key is a shared secret; whoever can check with it can also sign with it")
    if _PRIVATE & set(jwk):
        raise BadKey("the key was published with its private part, so anybody can sign with it")
    if jwk.get("use", "sig") != "sig" or "verify" not in _operations(jwk):
        raise BadKey("the key is not one for signatures, by its own words")
    found = _read(jwk)
    named = jwk.get("alg")
    if named is None:
        return found
    if named not in found.algorithms:
        raise BadKey(f"the key says that it is for {str(named)[:20]!r}, which a key of its kind cannot do")
    return VerifyingKey(found.name, (str(named),), found.ed25519, found.check)


def _operations(jwk: dict[str, Any]) -> list[Any]:
    found = jwk.get("key_ops", ["verify"])
    return found if isinstance(found, list) else []


def _read(jwk: dict[str, Any]) -> VerifyingKey:
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if kind == "OKP" and curve == "Ed25519":
        return from_ed25519(PublicKey(_bytes(jwk, "x")))
    if kind == "EC" and isinstance(curve, str) and curve in _CURVES:
        x, y = _bytes(jwk, "x"), _bytes(jwk, "y")
        if len(x) != _CURVES[curve][3] or len(y) != len(x):
            raise BadKey(f"each coordinate of a {curve} key has {_CURVES[curve][3]} bytes")
        return _elliptic(curve, int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    if kind == "RSA":
        return _rsa(int.from_bytes(_bytes(jwk, "n"), "big"), int.from_bytes(_bytes(jwk, "e"), "big"))
    raise BadKey(f"keys of the kind {str(kind)[:20]!r} {str(curve or '')[:20]} are not read here")


def _bytes(jwk: dict[str, Any], name: str) -> bytes:
    value = jwk.get(name)
    try:
        return b64u_decode(value) if isinstance(value, str) else b""
    except Malformed as reason:
        raise BadKey(f"the key's {name!r} is not base64url") from reason


@lru_cache(maxsize=256)
def _elliptic(curve: str, x: int, y: int) -> VerifyingKey:
    kind, hashed, algorithm, width = _CURVES[curve]
    try:
        key = EllipticCurvePublicNumbers(x, y, kind).public_key()
    except ValueError as reason:
        raise BadKey(f"the key's point does not lie on the curve {curve}") from reason

    def verify(_: str, signature: bytes, data: bytes) -> None:
        if len(signature) != 2 * width:
            raise NotProven("signature", f"it has {len(signature)} bytes, one of {algorithm} has {2 * width}")
        ecdsa.verify(key, signature, data, hashed)

    return VerifyingKey(digest(ecdsa.jwk(key, curve)), (algorithm,), None, verify)


@lru_cache(maxsize=256)
def _rsa(modulus: int, exponent: int) -> VerifyingKey:
    if not MIN_RSA_BITS <= modulus.bit_length() <= _MAX_RSA_BITS:
        raise BadKey(
            f"an RSA key has {MIN_RSA_BITS} to {_MAX_RSA_BITS} bits, this has {modulus.bit_length()}; shorter ones were broken"
        )
    if exponent < 65_537 or exponent.bit_length() > 32 or not exponent & 1:
        raise BadKey("the RSA key's exponent is not one that keys have")
    try:
        key: RSAPublicKey = RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as reason:
        raise BadKey("the numbers of the RSA key are not those of a key") from reason
    paddings = {"RS256": PKCS1v15(), "PS256": PSS(MGF1(SHA256()), SHA256.digest_size)}

    def verify(algorithm: str, signature: bytes, data: bytes) -> None:
        key.verify(signature, data, paddings[algorithm], SHA256())

    width = (exponent.bit_length() + 7) // 8, (modulus.bit_length() + 7) // 8
    plain = {
        "e": b64u(exponent.to_bytes(width[0], "big")),
        "kty": "RSA",
        "n": b64u(modulus.to_bytes(width[1], "big")),
    }
    return VerifyingKey(digest(plain), tuple(paddings), None, verify)
