"""OpenTimestamps: calendars gather digests and put one root of them into a Bitcoin block, hours later.

Kept is the standard `.ots` file, as `ots verify` takes it beside a file that holds the checkpoint's text. A calendar's promise is no
anchor yet; only the path to a block's Merkle root is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from credentials.anchors.anchor import STEP, Anchored, AnchorTrust, Evidence, Incapable, Transport, binary, digest
from credentials.canonical import JsonObject, b64u
from credentials.errors import Malformed, NotProven, Unreachable

KIND = "opentimestamps"
MAX_ANSWER = 16 * 1024  # bytes
_OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Calendars:
    """Calendars by their addresses; `least` of them must have taken the digest."""

    urls: tuple[str, ...]
    transport: Transport
    least: int = 1

    @property
    def kind(self) -> str:
        """As `Anchor`."""
        return KIND

    def submit(self, text: str) -> Evidence:
        """As `Anchor`: pending, with each calendar's promise."""
        ots, taken, last = _library(), 0, "no calendar is named"
        stamp = ots.timestamp.Timestamp(digest(text))
        for url in self.urls:
            try:
                answer = self.transport.post(f"{url.rstrip('/')}/digest", digest(text), _OCTETS)
                stamp.merge(_answer(answer, digest(text)))
                taken += 1
            except (Unreachable, Malformed) as reason:
                last = str(reason)
        if taken < self.least:
            raise Unreachable(f"only {taken} calendars took the digest, {self.least} must: {last}")
        return _evidence(stamp)

    def upgrade(self, text: str, pending: Evidence) -> Evidence:
        """As `Anchor`: each calendar that promised is asked for the way to a block. Only our own calendars are asked."""
        ots, stamp = _library(), _read(pending.parts, text)
        for node, promise in list(_nodes(stamp)):
            if not isinstance(promise, ots.notary.PendingAttestation) or promise.uri.rstrip("/") not in self._known():
                continue
            answer = self.transport.get(f"{promise.uri.rstrip('/')}/timestamp/{node.msg.hex()}")
            if answer is not None:
                node.merge(_answer(answer, node.msg))
        return _evidence(stamp)

    def _known(self) -> set[str]:
        return {url.rstrip("/") for url in self.urls}


def check(parts: JsonObject, text: str, trusted: AnchorTrust) -> Anchored:
    """The Bitcoin block that holds this text's digest. Raises Malformed, NotProven, Incapable."""
    ots, stamp = _library(), _read(parts, text)
    blocks = {
        found.height: node.msg
        for node, found in _nodes(stamp)
        if isinstance(found, ots.notary.BitcoinBlockHeaderAttestation)
    }
    if not blocks:
        raise NotProven(STEP, "the calendars have promised it, but no block holds it yet")
    known = [height for height in sorted(blocks) if height in trusted.bitcoin]
    for height in known:
        header = trusted.bitcoin[height]
        _check_work(header, height)
        if header[36:68] == blocks[height]:
            when = datetime.fromtimestamp(int.from_bytes(header[68:72], "little"), UTC)
            return Anchored(KIND, f"block {height:,} of Bitcoin", when, pinned=True)
    if trusted.bitcoin:
        where = f"block {known[0]:,} of Bitcoin" if known else "a block of Bitcoin that you know"
        raise NotProven(STEP, f"the path does not lead to {where}")
    height = min(blocks)
    root = blocks[height][::-1].hex()
    return Anchored(KIND, f"block {height:,} of Bitcoin, if its Merkle root is {root}", None, pinned=False)


def _check_work(header: bytes, height: int) -> None:
    """A header's hash lies below the target that it names itself: nobody makes one up for nothing."""
    bits = int.from_bytes(header[72:76], "little")
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3) if bits >> 24 > 2 else 0
    found = int.from_bytes(hashlib.sha256(hashlib.sha256(header).digest()).digest(), "little")
    if found > target:
        raise NotProven(STEP, f"what is given as Bitcoin's header {height:,} is none: it carries no work")


def _evidence(stamp: Any) -> Evidence:
    ots = _library()
    out = ots.serialize.BytesSerializationContext()
    ots.timestamp.DetachedTimestampFile(ots.op.OpSHA256(), stamp).serialize(out)
    done = any(isinstance(found, ots.notary.BitcoinBlockHeaderAttestation) for _, found in _nodes(stamp))
    return Evidence(KIND, {"proof": b64u(out.getbytes())}, complete=done)


def _read(parts: JsonObject, text: str) -> Any:
    """The timestamp for this very text. Raises Malformed, NotProven."""
    ots, data = _library(), binary(parts, "proof")
    try:
        found = ots.timestamp.DetachedTimestampFile.deserialize(ots.serialize.BytesDeserializationContext(data))
    except (ots.serialize.DeserializationError, ValueError) as reason:
        raise Malformed("this is not a file of OpenTimestamps") from reason
    if not isinstance(found.file_hash_op, ots.op.OpSHA256) or found.file_digest != digest(text):
        raise NotProven(STEP, "the proof was made for another head than this one")
    return found.timestamp


def _answer(data: bytes, message: bytes) -> Any:
    """What a calendar says about a message. Raises Malformed."""
    ots = _library()
    if len(data) > MAX_ANSWER:
        raise Malformed("a calendar's answer is larger than any may be")
    try:
        inside = ots.serialize.BytesDeserializationContext(data)
        found = ots.timestamp.Timestamp.deserialize(inside, message)
        inside.assert_eof()
    except (ots.serialize.DeserializationError, ValueError) as reason:
        raise Malformed("a calendar's answer is no timestamp") from reason
    return found


def _nodes(stamp: Any) -> Iterator[tuple[Any, Any]]:
    """Each attestation with the node at which it stands."""
    for found in stamp.attestations:
        yield stamp, found
    for below in stamp.ops.values():
        yield from _nodes(below)


class _Library:
    """The modules of the library that are used here."""

    def __init__(self) -> None:
        from opentimestamps.core import notary, op, serialize, timestamp

        self.notary, self.op, self.serialize, self.timestamp = notary, op, serialize, timestamp


def _library() -> _Library:
    try:
        return _Library()
    except ImportError as reason:
        raise Incapable from reason
