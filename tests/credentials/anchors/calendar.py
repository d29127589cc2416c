"""A calendar of OpenTimestamps and a Bitcoin block for tests: real hashes from a digest to a header that carries work."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import Timestamp, cat_sha256d

URL = "https://calendar.example"
HEIGHT = 900_000
MINED = 1_803_902_400  # 2027-03-01 12:00 UTC
_BITS = 0x207FFFFF  # as in Bitcoin's own test networks: every second hash is enough


def mine(root: bytes, at: int = MINED, bits: int = _BITS) -> bytes:
    """A header over this Merkle root whose hash lies below its target."""
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    for nonce in range(2**16):
        head = b"".join(
            [
                (0x20000000).to_bytes(4, "little"),
                bytes(32),
                root,
                at.to_bytes(4, "little"),
                bits.to_bytes(4, "little"),
                nonce.to_bytes(4, "little"),
            ]
        )
        digest = hashlib.sha256(hashlib.sha256(head).digest()).digest()
        if int.from_bytes(digest, "little") < target:
            return head
    raise AssertionError("no nonce was found")


def _written(stamp: Timestamp) -> bytes:
    out = BytesSerializationContext()
    stamp.serialize(out)
    return bytes(out.getbytes())


@dataclass
class Calendar:
    """Takes digests under its own secret, and after `mine` leads each to one block."""

    url: str = URL
    height: int = HEIGHT
    _promised: dict[bytes, bytes] = field(default_factory=dict)
    _proven: dict[bytes, bytes] = field(default_factory=dict)

    def post(self, _: str, digest: bytes) -> bytes:
        """`/digest`: a promise for a commitment that it made of the digest."""
        stamp = Timestamp(digest)
        beside = stamp.ops.add(OpAppend(hashlib.sha256(self.url.encode()).digest()[:8])).ops.add(OpSHA256())
        beside.attestations.add(PendingAttestation(self.url))
        self._promised[beside.msg] = digest
        return _written(stamp)

    def get(self, url: str) -> bytes | None:
        """`/timestamp/…`: the way to the block, once there is one."""
        return self._proven.get(bytes.fromhex(url.rsplit("/", 1)[1]))

    def mine(self) -> bytes:
        """Put everything promised into one transaction of one block; its header."""
        commitments = {message: Timestamp(message) for message in self._promised}
        top = None
        for stamp in commitments.values():
            # One transaction each, as it would be serialized around the commitment; both meet in the block's Merkle tree.
            body = stamp.ops.add(OpPrepend(b"a transaction's beginning")).ops.add(OpAppend(b"and its end"))
            leaf = body.ops.add(OpSHA256()).ops.add(OpSHA256())
            top = leaf if top is None else cat_sha256d(top, leaf)
        assert top is not None
        top.attestations.add(BitcoinBlockHeaderAttestation(self.height))
        self._proven = {message: _written(stamp) for message, stamp in commitments.items()}
        return mine(top.msg)
