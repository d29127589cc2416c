"""ECDSA as JOSE writes it: r and s, one after the other in as many bytes as the curve's (RFC 7518 section 3.4), where the library
speaks DER; and the point of a public key as a JSON Web Key (section 6.2.1).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from credentials.canonical import b64u


def sign(key: EllipticCurvePrivateKey, data: bytes) -> bytes:
    """The signature over SHA-256 of `data`: 64 bytes for a key of P-256."""
    width = _width(key)
    r, s = decode_dss_signature(key.sign(data, ECDSA(SHA256())))
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def verify(key: EllipticCurvePublicKey, signature: bytes, data: bytes, hashed: HashAlgorithm | None = None) -> None:
    """Return when `key` signed the hash of `data`, SHA-256 where none is named. Raises InvalidSignature, for another length too."""
    width = _width(key)
    if len(signature) != 2 * width:
        raise InvalidSignature
    r, s = (int.from_bytes(half, "big") for half in (signature[:width], signature[width:]))
    key.verify(encode_dss_signature(r, s), data, ECDSA(hashed or SHA256()))


def jwk(key: EllipticCurvePublicKey, curve: str = "P-256") -> dict[str, str]:
    """The key with its required members only; in this order it is also the input of its thumbprint (RFC 7638)."""
    numbers, width = key.public_numbers(), _width(key)
    x, y = (b64u(number.to_bytes(width, "big")) for number in (numbers.x, numbers.y))
    return {"crv": curve, "kty": "EC", "x": x, "y": y}


def _width(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> int:
    return (key.curve.key_size + 7) // 8
