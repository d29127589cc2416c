"""The candidate's side of the line that carries pictures and sound: headers, hash chain, signatures, what is not kept yet.

No socket here, so that asyncio and gevent share it. A message is four bytes with the header's length (big-endian), the
header as JSON, the body. Each header names the digest of the header before it, of either kind.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from loadtests.device import b64u, digest

Kind = Literal["frame", "sound"]


def genesis(attempt: str) -> str:
    """What the first piece names as the one before it."""
    return b64u(hashlib.sha256(attempt.encode()).digest())


@dataclass(frozen=True)
class Piece:
    """A picture or ten seconds of sound that was sent and is not known to be kept."""

    kind: Kind
    n: int
    taken_at: datetime
    body: bytes = field(repr=False)
    challenge: int | None = None


@dataclass
class Line:
    """One device's line in one attempt; `kept` counts per kind what the platform confirmed."""

    key: ec.EllipticCurvePrivateKey
    attempt: str
    head: str = ""
    following: dict[Kind, int] = field(default_factory=lambda: {"frame": 1, "sound": 1})
    kept: dict[Kind, int] = field(default_factory=lambda: {"frame": 0, "sound": 0})
    waiting: list[Piece] = field(default_factory=list)
    relinked: int = 0

    def __post_init__(self) -> None:
        self.head = self.head or genesis(self.attempt)

    def send(self, kind: Kind, body: bytes, taken_at: datetime, challenge: int | None = None) -> bytes:
        """The message of one more piece."""
        piece = Piece(kind, self.following[kind], taken_at, body, challenge)
        self.following[kind] += 1
        self.waiting.append(piece)
        return self._signed(piece)

    def ready(self, said: Mapping[str, Any]) -> list[bytes]:
        """Go on where the platform is (its `ready` or `relink`): what has to be sent again, signed anew from there on."""
        self.head = said["head"]
        following: Mapping[Kind, int] = said["next"]
        for kind, n in following.items():
            self.kept[kind] = max(self.kept[kind], n - 1)
        self._forget()
        # Numbers that the platform passed by would be ignored; those that it never saw stay as they are.
        for kind, n in following.items():
            held = [piece.n for piece in self.waiting if piece.kind == kind]
            self.following[kind] = max([n, *(each + 1 for each in held)])
        return [self._signed(piece) for piece in self.waiting]

    def hear(self, said: Mapping[str, Any]) -> list[bytes]:
        """Take the platform's word on the line; what has to be sent again."""
        if "kept" in said:
            for kind, n in said["kept"].items():
                self.kept[kind] = max(self.kept[kind], n)
            self._forget()
        if "relink" in said:
            self.relinked += 1
            return self.ready(said["relink"])
        return []

    def _forget(self) -> None:
        self.waiting = [piece for piece in self.waiting if piece.n > self.kept[piece.kind]]

    def _signed(self, piece: Piece) -> bytes:
        header: dict[str, Any] = {
            "n": piece.n,
            "kind": piece.kind,
            "taken_at": piece.taken_at.isoformat(),
            "digest": b64u(hashlib.sha256(piece.body).digest()),
            "previous": self.head,
        }
        if piece.challenge is not None:
            header["challenge"] = piece.challenge
        r, s = decode_dss_signature(self.key.sign(rfc8785.dumps(header), ec.ECDSA(SHA256())))
        self.head = digest(header)
        signed = json.dumps({**header, "signature": b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}).encode()
        return struct.pack(">I", len(signed)) + signed + piece.body
