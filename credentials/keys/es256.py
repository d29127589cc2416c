"""P-256 keys for wallets: ECDSA over SHA-256, `ES256` of RFC 7518 section 3.4, as JSON Web Keys (RFC 7517)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    derive_private_key,
)

from credentials.canonical import b64u, b64u_decode, digest
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys import ecdsa

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group (FIPS 186-5, P-256)
_SEED_BYTES = 32


@dataclass(frozen=True)
class WalletKey:
    """A public P-256 key; `x` and `y` are the coordinates of its point. Raises BadKey where they are not on the curve."""

    x: int
    y: int

    def __post_init__(self) -> None:
        _loaded(self.x, self.y)

    @classmethod
    def from_jwk(cls, jwk: object) -> WalletKey:
        """Read a JSON Web Key; one that carries a private part is refused, so that nobody shows it by mistake."""
        if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise BadKey("this is not a P-256 key in the form of a JSON Web Key")
        if "d" in jwk:
            raise BadKey("this key carries its secret part; give the public part only")
        try:
            x, y = (b64u_decode(str(jwk[name])) for name in ("x", "y"))
        except (KeyError, Malformed) as reason:
            raise BadKey("the key's coordinates cannot be read") from reason
        if len(x) != 32 or len(y) != 32:
            raise BadKey("each coordinate of a P-256 key has 32 bytes")
        return cls(int.from_bytes(x, "big"), int.from_bytes(y, "big"))

    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key with the required members only."""
        x, y = (b64u(number.to_bytes(32, "big")) for number in (self.x, self.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """RFC 7638 over SHA-256, base64url, 43 characters; it names the key."""
        return digest(self.jwk())

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when the 64-byte `signature` (r and s) over `data` was made with this key. Raises NotProven."""
        if len(signature) != 64:
            raise NotProven("signature", f"it has {len(signature)} bytes, an ES256 signature has 64")
        try:
            ecdsa.verify(_loaded(self.x, self.y), signature, data)
        except InvalidSignature as reason:
            raise NotProven("signature", f"it was not made over these bytes by {self.thumbprint}") from reason


class WalletSigner(Protocol):
    """Something that signs for wallets, wherever its key is kept. `WalletSigningKey` is one, with its secret in memory."""

    @property
    def public(self) -> WalletKey:
        """What others verify with."""

    @property
    def kid(self) -> str:
        """Its name: the thumbprint."""

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of r and s over `data`. Raises SignerFailed where they cannot be made now."""


@dataclass(frozen=True)
class WalletSigningKey:
    """A P-256 key to sign with. It never shows its secret in a log or a traceback."""

    public: WalletKey
    _secret: EllipticCurvePrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, seed: bytes) -> WalletSigningKey:
        """The key of these 32 secret random bytes; the same bytes give the same key.

        The bytes are hashed to 512 bits and reduced by the group's order, so that no number is likelier than another
        (FIPS 186-5, appendix A.2.1).
        """
        if len(seed) != _SEED_BYTES:
            raise BadKey(f"a key grows from {_SEED_BYTES} random bytes, not from {len(seed)}")
        number = int.from_bytes(hashlib.sha512(b"invigil ES256\0" + seed).digest(), "big") % (_ORDER - 1) + 1
        secret = derive_private_key(number, SECP256R1())
        point = secret.public_key().public_numbers()
        return cls(WalletKey(point.x, point.y), secret)

    @property
    def kid(self) -> str:
        """The name of the key: its thumbprint."""
        return self.public.thumbprint

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of r and s over `data`."""
        return ecdsa.sign(self._secret, data)


@lru_cache(maxsize=1024)
def _loaded(x: int, y: int) -> EllipticCurvePublicKey:
    try:
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as reason:
        raise BadKey("the key's point does not lie on the curve P-256") from reason
