"""Ed25519 keys (RFC 8032), named by their Multikey text (W3C Controlled Identifiers 1.0, section 2.2.2): z6Mk…"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from credentials.canonical import b64u
from credentials.errors import BadKey, NotProven

_MULTICODEC = b"\xed\x01"  # "ed25519-pub" as a varint
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class PublicKey:
    """A key to check signatures with. `raw` is the 32 bytes of RFC 8032; two keys are equal when these are."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _KEY_BYTES:
            raise BadKey(f"an Ed25519 key has {_KEY_BYTES} bytes, this has {len(self.raw)}")

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """Read `z6Mk…`. Raises BadKey."""
        try:
            raw = base58.b58decode(text[1:]) if text[:1] == "z" and len(text) < 64 else b""
        except ValueError as reason:
            raise BadKey("this is not a Multikey: it holds a character outside base58") from reason
        if raw[:2] != _MULTICODEC:
            raise BadKey("this is not an Ed25519 Multikey; one begins with z6Mk")
        return cls(raw[2:])

    @property
    def multikey(self) -> str:
        """`z6Mk…`, 48 characters; it names the key everywhere."""
        return _multikey(self.raw)

    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key (RFC 8037), as browsers import it."""
        return {"kty": "OKP", "crv": "Ed25519", "x": b64u(self.raw)}

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when `signature` over `data` was made with this key. Raises NotProven."""
        if len(signature) != _SIGNATURE_BYTES:
            raise NotProven("signature", f"it has {len(signature)} bytes, an Ed25519 signature has {_SIGNATURE_BYTES}")
        try:
            _loaded(self.raw).verify(signature, data)
        except InvalidSignature as reason:
            raise NotProven("signature", f"it was not made over these bytes by {self.multikey}") from reason


@dataclass(frozen=True)
class SigningKey:
    """A key to sign with. It never shows its secret in a log or a traceback."""

    public: PublicKey
    kid: str
    _secret: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, seed: bytes) -> SigningKey:
        """The key of these 32 secret random bytes; the same bytes give the same key. Raises BadKey."""
        if len(seed) != _KEY_BYTES:
            raise BadKey(f"a key grows from {_KEY_BYTES} random bytes, not from {len(seed)}")
        secret = Ed25519PrivateKey.from_private_bytes(seed)
        public = PublicKey(secret.public_key().public_bytes_raw())
        return cls(public, public.multikey, secret)

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes it grew from, for a library that must import the key itself."""
        return self._secret.private_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `data`."""
        return self._secret.sign(data)


@lru_cache(maxsize=256)
def _loaded(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=256)
def _multikey(raw: bytes) -> str:
    return "z" + base58.b58encode(_MULTICODEC + raw).decode()
