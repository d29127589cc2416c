"""The one interface of everything that signs with Ed25519 (RFC 8032)."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from credentials.errors import NotProven, SignerFailed
from credentials.keys.ed25519 import PublicKey


@runtime_checkable
class Signer(Protocol):
    """Something that signs. `credentials.keys.ed25519.SigningKey` is one, with its secret in memory."""

    @property
    def public(self) -> PublicKey:
        """What others verify with."""

    @property
    def kid(self) -> str:
        """Its name: the Multikey."""

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data`. Raises SignerFailed where it cannot be made now."""


def checked(signature: bytes, data: bytes, public: PublicKey, who: str) -> bytes:
    """The signature, once it is known to hold: a token that answers with another key's would make certificates nobody can check.

    Raises SignerFailed.
    """
    try:
        public.verify(signature, data)
    except NotProven as reason:
        raise SignerFailed(
            f"{who} made a signature that does not hold under its own public key; nothing was issued"
        ) from reason
    return signature
