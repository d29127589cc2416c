r"""Cosignatures (c2sp.org/tlog-cosignature): a witness says that a checkpoint continues all that it has seen of this log.

    timestamped_signature: uint64 time (seconds since 1970, big-endian) || signature

Ed25519 (0x04) signs `cosignature/v1\ntime <time>\n` and the checkpoint's text. ML-DSA-44 (0x06) signs a structure that names
the cosigner, the time, the log, the size and the root; extension lines are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.mldsa import LatticeKey, LatticeSigningKey
from credentials.keys.signers import Signer
from credentials.transparency import notes
from credentials.transparency.log import read_checkpoint
from credentials.transparency.notes import Signature, Verifier

TIME_BYTES = 8
MAX_TIME = 2**63 - 1
_LABEL = b"subtree/v1\n\0"


@dataclass(frozen=True)
class Cosigner:
    """A witness's public key with its name: what a verifier is configured with."""

    name: str
    key: PublicKey | LatticeKey

    def __post_init__(self) -> None:
        notes.check_name(self.name)
        if isinstance(self.key, LatticeKey) and len(self.name.encode()) > 255:
            raise Malformed("the name of a cosigner with an ML-DSA-44 key has 255 bytes at most")

    @property
    def kind(self) -> int:
        """The signature type that its keys and lines carry."""
        return notes.COSIGNATURE_MLDSA44 if isinstance(self.key, LatticeKey) else notes.COSIGNATURE_ED25519

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name it in a note."""
        return notes.key_id(self.name, self.kind, self.key.raw)

    @property
    def vkey(self) -> str:
        """Its verifier key text."""
        return notes.vkey(self.name, self.kind, self.key.raw)

    def verify(self, text: str, signature: bytes) -> int:
        """When this witness cosigned this checkpoint text. Raises NotProven, Malformed."""
        when = int.from_bytes(signature[:TIME_BYTES])
        if len(signature) <= TIME_BYTES or not 0 < when <= MAX_TIME:
            raise NotProven("cosignature", f"the one of {self.name[:80]!r} carries no time")
        try:
            self.key.verify(signature[TIME_BYTES:], _message(self, text, when))
        except NotProven as reason:
            raise NotProven(
                "cosignature", f"the one of {self.name[:80]!r} was not made over this checkpoint: {reason.reason}"
            ) from reason
        return when


@dataclass(frozen=True)
class CosigningKey:
    """A witness's own key. One Ed25519 key belongs to one cosigner only: its message does not name the cosigner."""

    name: str
    key: Signer | LatticeSigningKey

    @property
    def public(self) -> Cosigner:
        """What others verify with."""
        return Cosigner(self.name, self.key.public)

    def cosign(self, text: str, at: int) -> Signature:
        """The line for this checkpoint text, at so many seconds since 1970. Raises Malformed."""
        if not 0 < at <= MAX_TIME:
            raise Malformed("a cosignature carries the time it was made at")
        cosigner = self.public
        signature = self.key.sign(_message(cosigner, text, at))
        return Signature(self.name, cosigner.key_id, at.to_bytes(TIME_BYTES) + signature)


def _message(cosigner: Cosigner, text: str, at: int) -> bytes:
    if isinstance(cosigner.key, PublicKey):
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    head = read_checkpoint(text)
    return b"".join(
        [
            _LABEL,
            _short(cosigner.name),
            at.to_bytes(8),
            _short(head.origin),
            (0).to_bytes(8),
            head.size.to_bytes(8),
            head.root,
        ]
    )


def _short(text: str) -> bytes:
    """opaque<1..2^8-1> (RFC 8446 section 3.4). Raises Malformed."""
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise Malformed("a name in a cosignature has 1 to 255 bytes")
    return bytes([len(data)]) + data


def verifier(vkey: str) -> Verifier:
    """The key that a verifier key text spells out, of whichever kind. Raises BadKey."""
    name, kind, public = notes.read_vkey(vkey)
    if kind == notes.ED25519:
        return notes.NoteKey(name, PublicKey(public))
    if kind == notes.COSIGNATURE_ED25519:
        return Cosigner(name, PublicKey(public))
    if kind == notes.COSIGNATURE_MLDSA44:
        return Cosigner(name, LatticeKey(public))
    raise BadKey(f"the verifier key of {name[:80]!r} is of kind {kind:#04x}, which we do not know")
