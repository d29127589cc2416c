"""The installation's secrets: made on first start into one file that only its owner may read."""

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credentials import files
from credentials.attempt import recovery
from credentials.attempt.session import Nonces, TokenMint
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.keys.es256 import WalletSigningKey
from credentials.keys.signers import Signer
from credentials.transparency.entries import Purpose

NAMES = ("token", "receipt", "issuer", "log", "cookie", "vault")
FORMER = "log_former"


class KeyFileUnsafe(Exception):
    """The key file can be read by others. Run `chmod 600` on it, and replace the keys if somebody may have seen them."""


@dataclass(frozen=True)
class Keyring:
    """One 32-byte secret per purpose, so that no signature of one kind can ever stand for another."""

    mint: TokenMint
    nonces: Nonces
    receipt: SigningKey
    issuer: Signer
    log: SigningKey
    cookie: bytes
    vault: bytes
    recovery: EllipticCurvePrivateKey  # follows from the vault key, so that old key files have it too
    wallet: WalletSigningKey  # so does this one; it signs what wallets carry, which know no Ed25519
    log_former: SigningKey | None = None  # signs heads beside the key that follows it, until it is retired
    log_before: tuple[PublicKey, ...] = ()  # keys that signed older heads
    receipt_before: tuple[PublicKey, ...] = ()  # keys that signed older receipts
    receipt_stolen: tuple[PublicKey, ...] = ()  # these too, but somebody else had them

    @property
    def log_signers(self) -> tuple[SigningKey, ...]:
        """Who signs a new head of the log."""
        return (self.log,) if self.log_former is None else (self.log, self.log_former)

    @property
    def log_keys(self) -> tuple[PublicKey, ...]:
        """Whoever may have signed one of our heads, the newest first."""
        return (*(key.public for key in self.log_signers), *self.log_before)

    @property
    def receipt_keys(self) -> tuple[PublicKey, ...]:
        """Whoever may have signed one of our receipts, the newest first. Of a stolen key's the log says which count."""
        return (*self.time_keys, *self.receipt_stolen)

    @property
    def time_keys(self) -> tuple[PublicKey, ...]:
        """Whose word on the time counts."""
        return (self.receipt.public, *self.receipt_before)

    def seal(self, purpose: bytes, plain: bytes, chance: Callable[[int], bytes]) -> bytes:
        """Encrypt what must not lie in the database in clear (AES-256-GCM); `purpose` binds it to its row."""
        nonce = chance(12)
        return nonce + AESGCM(self.vault).encrypt(nonce, plain, purpose)

    def unseal(self, purpose: bytes, sealed: bytes) -> bytes:
        """What `seal` was given. Raises `cryptography.exceptions.InvalidTag` when it was changed or moved."""
        return AESGCM(self.vault).decrypt(sealed[:12], sealed[12:], purpose)

    @classmethod
    def of(cls, file: dict[str, Any]) -> "Keyring":
        """The keys of a key file: secrets in hexadecimal, and the names of keys that are gone."""
        seeds = {name: bytes.fromhex(file[name]) for name in NAMES}
        key = SigningKey.generate
        former = file.get(FORMER)
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
            log_former=None if former is None else key(bytes.fromhex(former)),
            log_before=tuple(map(PublicKey.from_multikey, file.get("log_before", []))),
            receipt_before=tuple(map(PublicKey.from_multikey, file.get("receipt_before", []))),
            receipt_stolen=tuple(map(PublicKey.from_multikey, file.get("receipt_stolen", []))),
        )


def open_keyring(path: Path, chance: Callable[[int], bytes], issuer: Signer | None = None) -> Keyring:
    """Read the key file, or make it (mode 600) when there is none. `issuer`: the key for certificates, where it is kept elsewhere
    (`credentials.keys.signers`); the one in the file then signs nothing. Raises `KeyFileUnsafe`.
    """
    if not path.exists():
        _write(path, {name: chance(32).hex() for name in NAMES})
    if path.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(path))
    ring = Keyring.of(json.loads(path.read_text()))
    return ring if issuer is None else replace(ring, issuer=issuer)


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


# --- another key: beside the old file first, then in its place ---


def prepare(path: Path, purpose: Purpose, chance: Callable[[int], bytes], *, stolen: bool = False) -> SigningKey:
    """A new key, durable beside the key file; `take_next` puts it in place. The names of keys for receipts and of the log stay;
    the log's former key goes on signing beside the new one. `stolen`: somebody else had the old key.
    """
    file = json.loads(path.read_text())
    changed = file | {purpose: chance(32).hex()}
    if purpose == "receipt":
        among = "receipt_stolen" if stolen else "receipt_before"
        changed[among] = [_kid(file["receipt"]), *file.get(among, [])]
    elif purpose == "log":
        changed[FORMER] = file["log"]
    files.write(_next(path), json.dumps(changed, indent=1).encode(), 0o600)
    return SigningKey.generate(bytes.fromhex(changed[purpose]))


def next_key(path: Path, purpose: Purpose) -> SigningKey | None:
    """The key that was prepared and not yet taken; None too where the one in the file is the same."""
    if not _next(path).exists():
        return None
    found = json.loads(_next(path).read_text())[purpose]
    return None if found == json.loads(path.read_text())[purpose] else SigningKey.generate(bytes.fromhex(found))


def forget_former(path: Path) -> None:
    """The log's former key signs no more: its secret goes, its name stays."""
    file = json.loads(path.read_text())
    former = file.pop(FORMER)
    file["log_before"] = [_kid(former), *file.get("log_before", [])]
    files.write(path, json.dumps(file, indent=1).encode(), 0o600)


def _kid(seed: str) -> str:
    return SigningKey.generate(bytes.fromhex(seed)).kid


def take_next(path: Path) -> None:
    """The prepared file becomes the key file. The old key is gone then, as it should be."""
    _next(path).replace(path)
    files.sync_folder(path.parent)


def drop_next(path: Path) -> None:
    """Forget what was prepared."""
    _next(path).unlink(missing_ok=True)


def _next(path: Path) -> Path:
    return path.with_suffix(".next")
