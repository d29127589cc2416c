"""What a room's camera and microphone send: pieces, each signed by the device and naming the one before it."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from loadtests.device import Device, b64u, digest


@dataclass
class Pieces:
    """The chain of one attempt on one device: `ready` is the platform's word about where it goes on."""

    device: Device
    following: dict[str, int] = field(default_factory=lambda: {"frame": 1, "sound": 1})
    head: str = ""

    def __post_init__(self) -> None:
        self.head = self.head or b64u(hashlib.sha256(self.device.attempt.encode()).digest())

    def learn(self, said: dict[str, Any]) -> None:
        """Go on from where a `ready` or a `relink` says."""
        self.following, self.head = dict(said["next"]), said["head"]

    def message(
        self,
        body: bytes,
        kind: str = "frame",
        *,
        at: datetime | None = None,
        n: int | None = None,
        challenge: int | None = None,
        seen: dict[str, Any] | None = None,
        nonce: str | None = None,
    ) -> bytes:
        """The next piece as it goes over the socket. `seen`: what this device says of the picture; `nonce`: the check it answers."""
        number = self.following[kind] if n is None else n
        header: dict[str, Any] = {
            "n": number,
            "kind": kind,
            "taken_at": (at or datetime.now(UTC)).isoformat(),
            "digest": b64u(hashlib.sha256(body).digest()),
            "previous": self.head,
        }
        more = {"challenge": challenge, "seen": seen, "nonce": nonce}
        header |= {name: value for name, value in more.items() if value is not None}
        r, s = decode_dss_signature(self.device.key.sign(rfc8785.dumps(header), ec.ECDSA(SHA256())))
        signature = b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        self.following[kind], self.head = number + 1, digest(header)
        said = json.dumps({**header, "signature": signature}).encode()
        return struct.pack(">I", len(said)) + said + body
