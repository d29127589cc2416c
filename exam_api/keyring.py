"""The installation's secrets: made on first start into one file that only its owner may read."""

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credentials import files, recovery
from credentials.es256 import WalletSigningKey
from credentials.keys import SigningKey
from credentials.session import Nonces, TokenMint

NAMES = ("token", "receipt", "issuer", "log", "cookie", "vault")


class KeyFileUnsafe(Exception):
    """The key file can be read by others. Run `chmod 600` on it, and replace the keys if somebody may have seen them."""


@dataclass(frozen=True)
class Keyring:
    """One 32-byte secret per purpose, so that no signature of one kind can ever stand for another."""

    mint: TokenMint
    nonces: Nonces
    receipt: SigningKey
    issuer: SigningKey
    log: SigningKey
    cookie: bytes
    vault: bytes
    recovery: EllipticCurvePrivateKey  # follows from the vault key, so that old key files have it too
    wallet: WalletSigningKey  # so does this one; it signs what wallets carry, which know no Ed25519

    def seal(self, purpose: bytes, plain: bytes, chance: Callable[[int], bytes]) -> bytes:
        """Encrypt what must not lie in the database in clear (AES-256-GCM); `purpose` binds it to its row."""
        nonce = chance(12)
        return nonce + AESGCM(self.vault).encrypt(nonce, plain, purpose)

    def unseal(self, purpose: bytes, sealed: bytes) -> bytes:
        """What `seal` was given. Raises `cryptography.exceptions.InvalidTag` when it was changed or moved."""
        return AESGCM(self.vault).decrypt(sealed[:12], sealed[12:], purpose)

    @classmethod
    def of(cls, seeds: dict[str, bytes]) -> "Keyring":
        key = SigningKey.generate
        return cls(
            mint=TokenMint(seeds["token"]),
            nonces=Nonces(seeds["cookie"]),
            receipt=key(seeds["receipt"]),
            issuer=key(seeds["issuer"]),
            log=key(seeds["log"]),
            cookie=seeds["cookie"],
            vault=seeds["vault"],
            recovery=recovery.private_key(seeds["vault"]),
            wallet=WalletSigningKey.generate(hmac.digest(seeds["vault"], b"invigil-wallet-key/1", "sha256")),
        )


def open_keyring(path: Path, chance: Callable[[int], bytes]) -> Keyring:
    """Read the key file, or make it (mode 600) when there is none. Raises `KeyFileUnsafe`."""
    if not path.exists():
        _write(path, {name: chance(32).hex() for name in NAMES})
    if path.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(path))
    return Keyring.of({name: bytes.fromhex(seed) for name, seed in json.loads(path.read_text()).items()})


def _write(path: Path, content: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    try:
        # Two processes can start at once: link() refuses to replace, so the first one's keys stay.
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


# --- another key for certificates: beside the old file first, then in its place ---


def prepare_issuer(path: Path, chance: Callable[[int], bytes]) -> SigningKey:
    """A new issuer's key, durable beside the key file; `take_next` puts it in place."""
    seeds = json.loads(path.read_text()) | {"issuer": chance(32).hex()}
    files.write(_next(path), json.dumps(seeds, indent=1).encode(), 0o600)
    return SigningKey.generate(bytes.fromhex(seeds["issuer"]))


def next_issuer(path: Path) -> SigningKey | None:
    """The issuer's key that was prepared and not yet taken."""
    if not _next(path).exists():
        return None
    return SigningKey.generate(bytes.fromhex(json.loads(_next(path).read_text())["issuer"]))


def take_next(path: Path) -> None:
    """The prepared file becomes the key file. The old issuer's key is gone then, as it should be."""
    _next(path).replace(path)
    files.sync_folder(path.parent)


def drop_next(path: Path) -> None:
    """Forget what was prepared."""
    _next(path).unlink(missing_ok=True)


def _next(path: Path) -> Path:
    return path.with_suffix(".next")
