"""A passkey authenticator made of software, for simulated people (WebAuthn Level 3, section 6).

It keeps discoverable ES256 credentials, gives no attestation, and says that its user was verified. It speaks JSON as a
browser's `parseRequestOptionsFromJSON` and `toJSON` do, and knows nothing of the server but its options.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, HAS_CREDENTIAL = 0x01, 0x04, 0x08, 0x10, 0x40
ES256 = -7
# Order of P-256 (NIST SP 800-186, section 3.2.1.3): a private key lies below it.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class NoCredential(Exception):
    """This authenticator has no passkey that the options accept."""


@dataclass
class Credential:
    """One passkey: the only place where its private key is."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey
    sign_count: int = 0


@dataclass
class SoftwareAuthenticator:
    """A device with passkeys. `chance` gives its random bytes; the other fields are how a test makes it misbehave."""

    rp_id: str
    origin: str
    chance: Callable[[int], bytes]
    user_verified: bool = True
    backed_up: bool = False
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey for the creation options; the registration as JSON."""
        credential = Credential(
            id=self.chance(32),
            rp_id=options["rp"]["id"],
            user_handle=_bytes(options["user"]["id"]),
            key=ec.derive_private_key(int.from_bytes(self.chance(40), "big") % (ORDER - 1) + 1, ec.SECP256R1()),
        )
        self.credentials.append(credential)
        attested = bytes(16) + struct.pack(">H", len(credential.id)) + credential.id + _cose_key(credential.key)
        authenticator_data = self._authenticator_data(credential, HAS_CREDENTIAL) + attested
        attestation = {"fmt": "none", "attStmt": {}, "authData": authenticator_data}
        return _as_json(
            credential,
            clientDataJSON=_text(self._client_data("webauthn.create", options["challenge"])),
            attestationObject=_text(cbor2.dumps(attestation)),
            transports=["internal"],
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign the request options; the assertion as JSON. Raises `NoCredential`."""
        credential = self._choose(options)
        credential.sign_count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        authenticator_data = self._authenticator_data(credential, 0)
        signed = authenticator_data + hashlib.sha256(client_data).digest()
        return _as_json(
            credential,
            clientDataJSON=_text(client_data),
            authenticatorData=_text(authenticator_data),
            signature=_text(credential.key.sign(signed, ec.ECDSA(SHA256()))),
            userHandle=_text(credential.user_handle),
        )

    def _choose(self, options: dict[str, Any]) -> Credential:
        allowed = {_bytes(each["id"]) for each in options.get("allowCredentials") or ()}
        for credential in self.credentials:
            if credential.rp_id == options["rpId"] and (not allowed or credential.id in allowed):
                return credential
        raise NoCredential

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data, separators=(",", ":")).encode()

    def _authenticator_data(self, credential: Credential, more: int) -> bytes:
        flags = USER_PRESENT | more
        flags |= USER_VERIFIED if self.user_verified else 0
        flags |= BACKUP_ELIGIBLE | BACKED_UP if self.backed_up else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, credential.sign_count)


def _cose_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A P-256 public key as COSE_Key (RFC 9053, section 7.1.1)."""
    numbers = key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


def _as_json(credential: Credential, **response: Any) -> dict[str, Any]:
    name = _text(credential.id)
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "response": response,
        "clientExtensionResults": {},
    }


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
