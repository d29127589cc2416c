"""What a Data Integrity proof signs, and how its value is written (W3C Data Integrity EdDSA Cryptosuites 1.0, section 3).

Who may sign, and what else a proof has to say, is for whoever asks: `credentials.issuance.proof` for our certificates,
`credentials.foreign.embedded` for other issuers' badges, `credentials.vcdm.proofs` for credentials of any kind.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Protocol

import base58

from credentials.canonical import JsonObject, jcs
from credentials.errors import CredentialError, NotProven

RDFC, JCS = "eddsa-rdfc-2022", "eddsa-jcs-2022"
_MAX_VALUE = 100  # characters; an Ed25519 signature has 90 at most


class Canonical(Protocol):
    """A vocabulary, as `jsonld` and `opened` have them."""

    def canonical(self, document: JsonObject) -> str:
        """The canonical N-Quads of a document."""


class Content:
    """What a proof covers (the document without it), to be signed, or compared with any number of proofs: its N-Quads are made
    once, when they are first asked for, as those of a large document take 0.2 s.
    """

    def __init__(self, document: JsonObject, vocabulary: Canonical) -> None:
        self.document = document
        self.vocabulary = vocabulary

    @cached_property
    def _found(self) -> str | CredentialError:
        try:
            return self.vocabulary.canonical(self.document)
        except CredentialError as reason:
            return reason

    @property
    def quads(self) -> str:
        """The canonical N-Quads. Raises, each time, the reason why there are none."""
        if isinstance(self._found, CredentialError):
            raise self._found
        return self._found

    def rdfc_input(self, options: JsonObject) -> bytes:
        """The 64 bytes that `eddsa-rdfc-2022` signs (section 3.2): SHA-256 of the N-Quads of the proof's options, in the
        document's words, then of the document's. Raises UndefinedTerm, Malformed.
        """
        said = self.vocabulary.canonical({**options, "@context": self.document.get("@context")})
        return _hash(said.encode()) + _hash(self.quads.encode())


def without_proof(document: JsonObject) -> JsonObject:
    """What the first proofs of a document cover."""
    return {name: value for name, value in document.items() if name != "proof"}


def jcs_input(document: JsonObject, options: JsonObject) -> bytes:
    """The 64 bytes that `eddsa-jcs-2022` signs (section 3.3): SHA-256 of the options' JCS bytes, then of the document's."""
    return _hash(jcs(options)) + _hash(jcs(document))


def write_value(signature: bytes) -> str:
    """`proofValue`: multibase `z`, base58btc."""
    return "z" + base58.b58encode(signature).decode()


def read_value(text: object) -> bytes:
    """The signature in a `proofValue`; no bytes, which no key made, where it has not its form. Raises NotProven."""
    try:
        fits = isinstance(text, str) and text[:1] == "z" and len(text) < _MAX_VALUE
        return bytes(base58.b58decode(str(text)[1:])) if fits else b""
    except ValueError as reason:
        raise NotProven("signature", "it is not in base58") from reason


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
