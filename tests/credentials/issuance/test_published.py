"""RFC 8785 and the EdDSA cryptosuites by the values that they publish, each step and the signature byte for byte."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import base58
import pytest

from credentials.canonical import jcs
from credentials.errors import NotProven
from credentials.issuance import proof
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import Vocabulary

VECTORS = Path(__file__).parents[2] / "vectors"
RFC8785 = json.loads((VECTORS / "rfc8785" / "values.json").read_text(encoding="utf-8"))
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
WORDS = Vocabulary(
    {**contexts.CONTEXTS, EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}}
)


@pytest.mark.parametrize(("bits", "text"), RFC8785["numbers"].items())
def test_numbers_of_rfc_8785(bits: str, text: str) -> None:
    assert jcs([struct.unpack(">d", bytes.fromhex(bits))[0]]) == f"[{text}]".encode()


@pytest.mark.parametrize("case", RFC8785["documents"], ids=lambda case: case["section"])
def test_documents_of_rfc_8785(case: dict[str, str]) -> None:
    assert jcs(json.loads(case["json"])).hex() == case["hex"]


def _read(suite: str) -> Any:
    return json.loads((VECTORS / "vc-di-eddsa" / f"{suite}.json").read_text(encoding="utf-8"))


def _signed_bytes(suite: str, case: dict[str, Any]) -> bytes:
    if suite == "rdfc":
        return proof.signing_input(case["document"], case["options"], WORDS)
    return hashlib.sha256(jcs(case["options"])).digest() + hashlib.sha256(jcs(case["document"])).digest()


@pytest.mark.parametrize("suite", ["rdfc", "jcs"])
def test_each_step_of_a_signature_is_the_published_one(suite: str) -> None:
    case = _read(suite)
    said = _signed_bytes(suite, case)
    assert said.hex() == case["options_hash"] + case["document_hash"]
    secret = base58.b58decode(case["private_key"][1:])
    assert secret[:2] == b"\x80\x26"  # "ed25519-priv" as a varint
    key = SigningKey.generate(secret[2:])
    assert key.public.multikey == case["public_key"]
    assert key.sign(said).hex() == case["signature"]
    assert "z" + base58.b58encode(bytes.fromhex(case["signature"])).decode() == case["proof_value"]


@pytest.mark.parametrize("suite", ["rdfc", "jcs"])
def test_a_published_signature_covers_each_word(suite: str) -> None:
    case = _read(suite)
    key = PublicKey.from_multikey(case["public_key"])
    key.verify(bytes.fromhex(case["signature"]), _signed_bytes(suite, case))
    case["document"]["credentialSubject"]["alumniOf"] = "Another School"
    with pytest.raises(NotProven):
        key.verify(bytes.fromhex(case["signature"]), _signed_bytes(suite, case))
