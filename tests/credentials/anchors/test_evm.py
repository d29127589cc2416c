"""Anchors in an EVM chain that runs in this process: real blocks, tries and hashes."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from web3 import Web3

from credentials.anchors.anchor import AnchorTrust, Evidence
from credentials.anchors.checking import check
from credentials.anchors.evm import TAG, keccak
from credentials.anchors.evm_node import Chain
from credentials.canonical import b64u, b64u_decode
from credentials.errors import Malformed, NotProven, Unreachable
from tests.credentials.anchors.chain import SECRET, chain, mine, pay
from tests.credentials.anchors.heads import OLDER, TEXT

DEEP = 3


def anchored(web3: Web3, text: str = TEXT) -> Evidence:
    """A finished anchor."""
    ours = Chain(web3, SECRET, DEEP)
    pending = ours.submit(text)
    mine(web3, DEEP)
    return ours.upgrade(text, pending)


def block_of(found: Evidence) -> bytes:
    """The hash of its block."""
    return keccak(b64u_decode(found.parts["header"]))


@pytest.fixture(scope="module")
def web3() -> Web3:
    """One chain for all tests of this file."""
    return chain()


@pytest.fixture(scope="module")
def done(web3: Web3) -> Evidence:
    """An anchor that nobody changes."""
    return anchored(web3)


def test_a_transaction_is_an_anchor_once_its_block_lies_deep_enough(web3: Web3) -> None:
    ours = Chain(web3, SECRET, DEEP)
    pending = ours.submit(TEXT)
    assert not pending.complete
    with pytest.raises(NotProven, match="no block holds it yet"):
        check(pending.as_json(), TEXT, AnchorTrust())
    mine(web3, DEEP - 1)
    assert ours.upgrade(TEXT, pending) == pending  # the block may still be replaced
    mine(web3)
    found = ours.upgrade(TEXT, pending)
    assert found.complete
    assert ours.upgrade(TEXT, found) == found


def test_the_block_proves_offline_when_the_head_existed(web3: Web3, done: Evidence) -> None:
    block = web3.eth.get_block(web3.eth.get_transaction_receipt(done.parts["transaction"])["blockNumber"])
    known = AnchorTrust(evm={web3.eth.chain_id: frozenset({bytes(block["hash"])})})
    proven = check(done.as_json(), TEXT, known)
    assert proven.pinned
    assert proven.at == datetime.fromtimestamp(block["timestamp"], UTC)
    assert f"0x{bytes(block['hash']).hex()}" in proven.where


def test_without_a_known_block_the_report_names_the_one_to_compare(done: Evidence) -> None:
    proven = check(done.as_json(), TEXT, AnchorTrust())
    assert not proven.pinned
    assert block_of(done).hex() in proven.where


def test_the_chain_holds_the_digest_for_everybody_to_see(web3: Web3, done: Evidence) -> None:
    sent = web3.eth.get_transaction(done.parts["transaction"])
    told: Any = sent.get("input") or sent["data"]
    assert bytes(told)[: len(TAG)] == TAG
    assert sent["to"] == sent["from"]
    assert web3.eth.get_transaction_receipt(done.parts["transaction"])["gasUsed"] < 25_000


def test_a_block_with_other_transactions_has_a_path_to_ours(web3: Web3) -> None:
    web3.provider.ethereum_tester.disable_auto_mine_transactions()  # type: ignore[attr-defined]
    try:
        for other in range(1, 6):
            pay(web3, web3.eth.accounts[0], by=other)
        ours = Chain(web3, SECRET, DEEP)
        pending = ours.submit(TEXT)
    finally:
        web3.provider.ethereum_tester.enable_auto_mine_transactions()  # type: ignore[attr-defined]
    mine(web3, DEEP)
    found = ours.upgrade(TEXT, pending)
    block = web3.eth.get_block(web3.eth.get_transaction_receipt(found.parts["transaction"])["blockNumber"])
    assert len(block["transactions"]) == 6
    assert len(found.parts["path"]) > 1
    assert check(found.as_json(), TEXT, AnchorTrust(evm={web3.eth.chain_id: frozenset({bytes(block["hash"])})})).pinned


def test_an_anchor_of_another_head_is_refused(web3: Web3) -> None:
    with pytest.raises(NotProven, match="the digest of another head"):
        check(anchored(web3, OLDER).as_json(), TEXT, AnchorTrust())


def test_a_block_that_the_verifier_does_not_know_is_refused(web3: Web3, done: Evidence) -> None:
    with pytest.raises(NotProven, match="none that you know of chain"):
        check(done.as_json(), TEXT, AnchorTrust(evm={web3.eth.chain_id: frozenset({bytes(32)})}))


def test_an_older_block_does_not_hold_the_transaction(web3: Web3, done: Evidence) -> None:
    older = b64u(Chain(web3, SECRET, DEEP)._header(web3.eth.get_block(1)))  # claims a time long before
    with pytest.raises(NotProven, match="does not lead to the block's transactions"):
        check({**done.as_json(), "header": older}, TEXT, AnchorTrust())


def test_an_anchor_of_another_chain_is_refused(done: Evidence) -> None:
    with pytest.raises(NotProven, match="not for 1"):
        check({**done.as_json(), "chain": 1}, TEXT, AnchorTrust())


def test_another_place_in_the_block_is_refused(done: Evidence) -> None:
    with pytest.raises(NotProven):
        check({**done.as_json(), "index": 1}, TEXT, AnchorTrust())


def test_somebody_elses_transaction_is_no_anchor(web3: Web3, done: Evidence) -> None:
    """The trie proves it, but it carries nothing."""
    pay(web3, web3.eth.accounts[0], by=1)
    block: Any = web3.eth.get_block("latest", full_transactions=True)
    ours = Chain(web3, SECRET, DEEP)
    from credentials.anchors.evm_node import _path

    raw = ours._raw(block["transactions"][0])
    path = [b64u(each) for each in _path(bytes(block["transactionsRoot"]), [raw], 0)]
    stolen = {**done.as_json(), "header": b64u(ours._header(block)), "index": 0, "path": path}
    with pytest.raises(NotProven, match="another head"):
        check(stolen, TEXT, AnchorTrust())


def _flipped(text: str) -> str:
    data = bytearray(b64u_decode(text))
    data[len(data) // 2] ^= 1
    return b64u(bytes(data))


@pytest.mark.parametrize("name", ["header", "path"])
def test_a_changed_byte_is_refused(done: Evidence, name: str, web3: Web3) -> None:
    known = AnchorTrust(evm={web3.eth.chain_id: frozenset({block_of(done)})})
    parts: dict[str, Any] = copy.deepcopy(done.as_json())
    parts[name] = _flipped(parts[name]) if name == "header" else [_flipped(parts[name][0]), *parts[name][1:]]
    with pytest.raises((NotProven, Malformed)):
        check(parts, TEXT, known)


@pytest.mark.parametrize(
    "change", [{"header": "AA"}, {"path": []}, {"path": ["AA"] * 99}, {"path": [7]}, {"index": -1}, {"chain": "1"}]
)
def test_what_is_no_anchor_is_refused(done: Evidence, change: dict[str, Any]) -> None:
    with pytest.raises((NotProven, Malformed)):
        check({**done.as_json(), **change}, TEXT, AnchorTrust())


def test_a_transaction_that_was_dropped_is_sent_again() -> None:
    here, later = chain(), chain()
    pending = Chain(here, SECRET, 1).submit(TEXT)
    again = Chain(later, SECRET, 1)  # a chain that never heard of it
    assert again.upgrade(TEXT, pending) == pending
    mine(later, 2)
    assert again.upgrade(TEXT, pending).complete


def test_an_account_without_means_is_told() -> None:
    with pytest.raises(Unreachable, match="the node of the chain did not take it"):
        Chain(chain(), b"\x07" * 32).submit(TEXT)


def test_the_secret_is_never_shown(web3: Web3) -> None:
    assert SECRET.decode() not in repr(Chain(web3, SECRET))
