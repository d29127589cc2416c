"""ML-DSA-44 keys (FIPS 204): signatures that also hold where somebody has a quantum computer. A signature has 2,420 bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from credentials.errors import BadKey, NotProven

PUBLIC_BYTES = 1312
SIGNATURE_BYTES = 2420
SEED_BYTES = 32


@dataclass(frozen=True)
class LatticeKey:
    """A public key: the 1,312 bytes of FIPS 204."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_BYTES:
            raise BadKey(f"an ML-DSA-44 key has {PUBLIC_BYTES:,} bytes, this has {len(self.raw):,}")

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when `signature` over `data` was made with this key. Raises NotProven."""
        if len(signature) != SIGNATURE_BYTES:
            raise NotProven("signature", f"it has {len(signature):,} bytes, one of ML-DSA-44 has {SIGNATURE_BYTES:,}")
        try:
            _loaded(self.raw).verify(signature, data)
        except InvalidSignature as reason:
            raise NotProven("signature", "it was not made over these bytes by that ML-DSA-44 key") from reason


@dataclass(frozen=True)
class LatticeSigningKey:
    """A key to sign with; it never shows its secret."""

    public: LatticeKey
    _secret: MLDSA44PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, seed: bytes) -> LatticeSigningKey:
        """The key of these 32 secret random bytes; the same bytes give the same key. Raises BadKey."""
        if len(seed) != SEED_BYTES:
            raise BadKey(f"a key grows from {SEED_BYTES} random bytes, not from {len(seed)}")
        secret = MLDSA44PrivateKey.from_seed_bytes(seed)
        return cls(LatticeKey(secret.public_key().public_bytes_raw()), secret)

    def sign(self, data: bytes) -> bytes:
        """The 2,420-byte signature over `data`, with an empty context; it differs each time (FIPS 204's hedged form)."""
        return self._secret.sign(data)


@lru_cache(maxsize=64)
def _loaded(raw: bytes) -> MLDSA44PublicKey:
    return MLDSA44PublicKey.from_public_bytes(raw)
