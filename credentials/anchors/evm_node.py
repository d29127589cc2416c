"""Putting anchors into an EVM chain, through a node that web3 speaks with. The node and the key come as arguments."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from credentials.anchors import evm
from credentials.anchors.anchor import STEP, AnchorTrust, Evidence, Incapable, binary
from credentials.canonical import b64u
from credentials.errors import NotProven, Unreachable

_GAS = 60_000  # 37 bytes of data cost 22,480, and up to 23,000 where data costs more (EIP-7623)
_HEADER = {  # the fields of a header in their order, as far as the chain's rules have come (EIP-1559, 4895, 4844, 4788, 7685)
    "parentHash": None, "sha3Uncles": None, "miner": None, "stateRoot": None, "transactionsRoot": None,
    "receiptsRoot": None, "logsBloom": None, "difficulty": int, "number": int, "gasLimit": int, "gasUsed": int,
    "timestamp": int, "extraData": None, "mixHash": None, "nonce": None, "baseFeePerGas": int, "withdrawalsRoot": None,
    "blobGasUsed": int, "excessBlobGas": int, "parentBeaconBlockRoot": None, "requestsHash": None,
}  # fmt: skip


@dataclass(frozen=True)
class Chain:
    """A chain behind a node. `web3` is a `web3.Web3`; `secret` the 32 bytes of the account that pays. An anchor is complete when
    `confirmations` further blocks lie on its own: before that, a block may still be replaced.
    """

    web3: Any
    secret: bytes = field(repr=False)
    confirmations: int = 12

    @property
    def kind(self) -> str:
        """As `Anchor`."""
        return evm.KIND

    def submit(self, text: str) -> Evidence:
        """As `Anchor`: pending, with the signed transaction, so that it can be sent again."""
        account, node = self._account(), self.web3.eth
        try:
            fee = node.get_block("latest")["baseFeePerGas"]
            tip = node.max_priority_fee
            order = {
                "type": 2,
                "chainId": node.chain_id,
                "nonce": node.get_transaction_count(account.address, "pending"),
                "to": account.address,
                "value": 0,
                "data": evm.call_data(text),
                "maxPriorityFeePerGas": tip,
                "maxFeePerGas": 2 * fee + tip,  # holds through six full blocks in a row
                "gas": _GAS,
            }
            signed = account.sign_transaction(order)
            node.send_raw_transaction(signed.raw_transaction)
        except Exception as reason:  # web3 and each provider raise their own
            raise _unreachable(reason) from reason
        parts = {"chain": order["chainId"], "transaction": f"0x{bytes(signed.hash).hex()}"}
        return Evidence(evm.KIND, {**parts, "raw": b64u(bytes(signed.raw_transaction))}, complete=False)

    def upgrade(self, text: str, pending: Evidence) -> Evidence:
        """As `Anchor`: with header and path once the block lies deep enough. A transaction that was dropped is sent again."""
        if pending.complete:
            return pending
        node = self.web3.eth
        try:
            receipt = self._receipt(pending)
            if receipt is None or node.block_number - receipt["blockNumber"] < self.confirmations:
                return pending
            block = node.get_block(receipt["blockNumber"], full_transactions=True)
            header, index = self._header(block), int(receipt["transactionIndex"])
            raws = [self._raw(each) for each in block["transactions"]]
        except NotProven:
            raise
        except Exception as reason:
            raise _unreachable(reason) from reason
        path = _path(bytes(block["transactionsRoot"]), raws, index)
        kept = {name: part for name, part in pending.parts.items() if name != "raw"}
        parts = {**kept, "header": b64u(header), "index": index, "path": [b64u(each) for each in path]}
        evm.check(parts, text, AnchorTrust())
        return Evidence(evm.KIND, parts, complete=True)

    def _account(self) -> Any:
        limit = sys.getrecursionlimit()
        try:
            from eth_account import Account
        except ImportError as reason:
            raise Incapable from reason
        finally:
            # A library below it raises the limit a hundredfold when it loads, and then hostile JSON ends the whole process.
            sys.setrecursionlimit(limit)
        return Account.from_key(self.secret)

    def _receipt(self, pending: Evidence) -> Any:
        from web3.exceptions import TransactionNotFound

        try:
            return self.web3.eth.get_transaction_receipt(pending.parts["transaction"])
        except TransactionNotFound:
            pass
        try:
            self.web3.eth.get_transaction(pending.parts["transaction"])
        except TransactionNotFound:
            self.web3.eth.send_raw_transaction(binary(pending.parts, "raw"))
        return None

    def _header(self, block: Any) -> bytes:
        """The header's bytes, proven by the block's hash: written from the node's answer, or as the node itself writes it."""
        told = _encoded([_field(block[name], kind) for name, kind in _HEADER.items() if name in block])
        if evm.keccak(told) == bytes(block["hash"]):
            return told
        raw = bytes.fromhex(self._asked("debug_getRawHeader", hex(block["number"])))
        if evm.keccak(raw) != bytes(block["hash"]):
            raise NotProven(STEP, f"the node's header of block {block['number']} is not that of the block's hash")
        return raw

    def _raw(self, transaction: Any) -> bytes:
        """A transaction's bytes, as the trie holds them."""
        kind = int(transaction.get("type", 0))
        told = {"yParity": transaction.get("v"), **transaction}
        shape = _SHAPES.get(kind, ())
        if shape and all(name in told for name in shape):
            raw = _encoded([_field(told[name], None) for name in shape])
            raw = raw if kind == 0 else bytes([kind]) + raw
            if evm.keccak(raw) == bytes(transaction["hash"]):
                return raw
        return bytes.fromhex(self._asked("debug_getRawTransaction", f"0x{bytes(transaction['hash']).hex()}"))

    def _asked(self, method: str, argument: str) -> str:
        answer = self.web3.provider.make_request(method, [argument])
        if not isinstance(answer.get("result"), str):
            raise Unreachable(f"the node does not answer {method}, without which a block cannot be proven offline")
        return str(answer["result"]).removeprefix("0x")


_FEES = ("maxPriorityFeePerGas", "maxFeePerGas")
_END = ("gas", "to", "value", "input")
_SHAPES: dict[int, tuple[str, ...]] = {
    0: ("nonce", "gasPrice", *_END, "v", "r", "s"),
    1: ("chainId", "nonce", "gasPrice", *_END, "accessList", "yParity", "r", "s"),
    2: ("chainId", "nonce", *_FEES, *_END, "accessList", "yParity", "r", "s"),
}


def _field(found: Any, kind: type | None) -> Any:
    """A value as RLP takes it: numbers big-endian and without zeros in front, everything else as bytes."""
    if kind is int or isinstance(found, int):
        return int(found).to_bytes((int(found).bit_length() + 7) // 8)
    if isinstance(found, str):
        return bytes.fromhex(found.removeprefix("0x"))
    if isinstance(found, (list, tuple)):
        return [[_field(each["address"], None), [_field(key, None) for key in each["storageKeys"]]] for each in found]
    return b"" if found is None else bytes(found)


def _encoded(fields: list[Any]) -> bytes:
    import rlp

    return bytes(rlp.encode(fields))


def _path(root: bytes, raws: list[bytes], index: int) -> list[bytes]:
    """The nodes from the root of a block's transactions to one of them. Raises NotProven where they do not lead there."""
    import rlp
    from trie.hexary import HexaryTrie

    tree: Any = HexaryTrie({})
    for at, raw in enumerate(raws):
        tree[rlp.encode(at)] = raw
    if tree.root_hash != root:
        raise NotProven(STEP, "the node's transactions do not lead to the root in the block's header")
    return [bytes(rlp.encode(node)) for node in tree.get_proof(rlp.encode(index))]


def _unreachable(reason: Exception) -> Exception:
    if isinstance(reason, (Unreachable, Incapable)):
        return reason
    return Unreachable(f"the node of the chain did not take it: {type(reason).__name__}: {str(reason)[:200]}")
