"""A key in a file: PKCS#8 in PEM (RFC 5958), as `openssl genpkey -algorithm ed25519` makes it too."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from credentials import files
from credentials.errors import BadKey
from credentials.keys.ed25519 import SigningKey

_MOST_BYTES = 64 * 1024


def open_key(path: str, passphrase: str | None) -> SigningKey:
    """The key in this file, which only its owner may read. Raises BadKey."""
    file = Path(path)
    try:
        if file.stat().st_mode & 0o077:
            raise BadKey(
                f"{path} can be read by others; chmod 600, and make a new key if somebody may have seen this one"
            )
        content = file.read_bytes()
    except (OSError, ValueError) as reason:
        raise BadKey(f"{path} cannot be read: {getattr(reason, 'strerror', None) or reason}") from reason
    try:
        key = load_pem_private_key(content[:_MOST_BYTES], None if passphrase is None else passphrase.encode())
    except TypeError as reason:
        asked = (
            "it is encrypted: give its passphrase" if passphrase is None else "it is not encrypted: give no passphrase"
        )
        raise BadKey(f"{path} was not opened; {asked}") from reason
    except ValueError as reason:
        raise BadKey(f"{path} holds no key that can be read, or the passphrase is wrong") from reason
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path} holds a key of another kind; certificates need an Ed25519 key")
    return SigningKey.generate(key.private_bytes_raw())


def write_key(path: Path, seed: bytes, passphrase: str | None) -> SigningKey:
    """Put the key of these 32 random bytes into a new file, mode 600. Raises BadKey where there is one already, OSError."""
    if path.exists():
        raise BadKey(f"{path} exists; a key is never written over")
    key = SigningKey.generate(seed)
    lock = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    files.write(path, secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock), 0o600)
    return key
