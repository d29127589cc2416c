"""An EVM chain in this process for tests: eth-tester on py-evm, spoken with through web3."""

from __future__ import annotations

import sys
from typing import Any

import rlp
from web3 import EthereumTesterProvider, Web3
from web3.types import TxParams

sys.setrecursionlimit(1_000)  # as it was: py_ecc, below web3, makes it 100,000, and deep JSON then ends the process
SECRET = b"the account that pays for anchor"


class Provider(EthereumTesterProvider):
    """As geth answers: eth-tester tells some fields otherwise than they were hashed, so it gives the bytes too."""

    def make_request(self, method: Any, params: Any) -> Any:
        chain = self.ethereum_tester.backend.chain  # type: ignore[union-attr]
        if method == "debug_getRawHeader":
            raw = rlp.encode(chain.get_canonical_block_header_by_number(int(params[0], 16)))
        elif method == "debug_getRawTransaction":
            raw = chain.get_canonical_transaction(bytes.fromhex(params[0].removeprefix("0x"))).encode()
        else:
            return super().make_request(method, params)
        return {"jsonrpc": "2.0", "id": 1, "result": f"0x{raw.hex()}"}


def chain() -> Web3:
    """A new chain on which our account has something to pay with."""
    limit = sys.getrecursionlimit()
    web3 = Web3(Provider())
    sys.setrecursionlimit(limit)  # py-evm raises it tenfold when it loads, and then hostile JSON ends the whole process
    account = web3.eth.account.from_key(SECRET)
    pay(web3, account.address)
    return web3


def pay(web3: Web3, to: str, by: int = 0) -> None:
    """Somebody else's transaction."""
    order: TxParams = {
        "from": web3.eth.accounts[by],
        "to": Web3.to_checksum_address(to),
        "value": Web3.to_wei(1, "ether"),
    }
    web3.eth.send_transaction(order)


def mine(web3: Web3, blocks: int = 1) -> None:
    """Blocks that lie on the others."""
    web3.provider.ethereum_tester.mine_blocks(blocks)  # type: ignore[attr-defined]
