"""Anchors in a chain of the Ethereum family: one transaction to oneself whose data is `TAG || digest`.

What is kept needs no node to check: the signed transaction, its path in the block's trie of transactions (Ethereum Yellow Paper,
sections 4.3 and appendix D), and the block's header, whose Keccak-256 is the block's hash. Offline this proves: whoever made the block
of this hash put the digest into it. That the block belongs to the chain, only somebody who knows the block's hash can say (a node, an
explorer, an archive). The receipt is not kept: the data stands in the block whether or not the transaction succeeded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from credentials.anchors.anchor import STEP, Anchored, AnchorTrust, Incapable, binary, digest, number
from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import Malformed, NotProven

KIND = "evm"
TAG = b"IVGL\x01"
MAX_PATH = 16  # nodes between a trie's root and a transaction: a block has far fewer than 16**8
_MAX_NODE = 128 * 1024  # bytes; a leaf holds a whole transaction
_TYPED = b"\x02"  # EIP-1559
_CHAIN, _DATA, _FIELDS = 0, 7, 12  # of such a transaction
_ROOT, _NUMBER, _TIME = 4, 8, 11  # of a header


def call_data(text: str) -> bytes:
    """What the transaction carries: 37 bytes."""
    return TAG + digest(text)


def check(parts: JsonObject, text: str, trusted: AnchorTrust) -> Anchored:
    """The block that holds this text's digest. Raises Malformed, NotProven, Incapable."""
    if "header" not in parts:
        raise NotProven(STEP, "the transaction was sent, but no block holds it yet")
    chain = number(parts, "chain")
    block, header = _header(parts)
    proven_chain, said = _transaction(parts, header[_ROOT])
    if proven_chain != chain:
        raise NotProven(STEP, f"the transaction is for chain {proven_chain}, not for {chain}")
    if said != call_data(text):
        raise NotProven(STEP, "the transaction carries the digest of another head than this one")
    known = trusted.evm.get(chain)
    if known is not None and block not in known:
        raise NotProven(STEP, f"block 0x{block.hex()} is none that you know of chain {chain}")
    height, when = (int.from_bytes(header[place]) for place in (_NUMBER, _TIME))
    where = f"block {height:,} of the chain {chain}, 0x{block.hex()}"
    return Anchored(KIND, where, _moment(when), pinned=known is not None)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as reason:
        raise Malformed("a block's header has no time that can be") from reason


def _header(parts: JsonObject) -> tuple[bytes, list[bytes]]:
    """The block's hash and its header's fields."""
    raw = binary(parts, "header")
    fields = decoded(raw)
    if not isinstance(fields, list) or len(fields) <= _TIME or not all(isinstance(each, bytes) for each in fields):
        raise Malformed("an anchor's header is not that of a block")
    return keccak(raw), fields


def _transaction(parts: JsonObject, root: bytes) -> tuple[int, bytes]:
    """The chain and the data of the transaction that the path proves to stand in the block."""
    raw = prove(root, number(parts, "index"), _path(parts))
    fields = decoded(raw[1:]) if raw[:1] == _TYPED else None
    if not isinstance(fields, list) or len(fields) != _FIELDS:
        raise NotProven(STEP, "what stands at that place of the block is no transaction of ours")
    return int.from_bytes(fields[_CHAIN]), fields[_DATA]


def _path(parts: JsonObject) -> list[bytes]:
    found = parts.get("path")
    if not isinstance(found, list) or not 0 < len(found) <= MAX_PATH:
        raise Malformed("an anchor's path is not a list of a trie's nodes")
    if any(not isinstance(each, str) or len(each) > _MAX_NODE * 4 // 3 for each in found):
        raise Malformed("a node of an anchor's path is not of a size that can be")
    return [b64u_decode(each) for each in found]


def prove(root: bytes, index: int, path: list[bytes]) -> bytes:
    """What a trie of this root holds for a transaction's place. Raises NotProven, Malformed."""
    trie, rlp = _libraries()
    try:
        found = trie.HexaryTrie.get_from_proof(root, rlp.encode(index), [decoded(node) for node in path])
    except (trie.exceptions.BadTrieProof, trie.exceptions.ValidationError, trie.exceptions.InvalidNode) as reason:
        raise NotProven(STEP, "the path does not lead to the block's transactions") from reason
    return bytes(found)


def decoded(data: bytes) -> Any:
    """RLP. Raises Malformed."""
    _, rlp = _libraries()
    try:
        return rlp.decode(data)
    except (rlp.exceptions.DecodingError, RecursionError) as reason:
        raise Malformed("a part of an anchor is not RLP") from reason


def keccak(data: bytes) -> bytes:
    """Keccak-256, which is not SHA3-256."""
    _libraries()
    from eth_utils.crypto import keccak as of

    return bytes(of(data))


def _libraries() -> Any:
    try:
        import rlp
        import rlp.exceptions
        import trie
        import trie.exceptions
    except ImportError as reason:
        raise Incapable from reason
    return trie, rlp
