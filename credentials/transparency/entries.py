"""What the log's entries say: one byte form for each kind, none of which can be read as another.

A digest entry is the kind's name and 32 bytes; it tells nobody anything. An entry about keys or the policy is the name and a
JSON object in canonical form (RFC 8785), so that whoever mirrors the log knows the history of the keys without asking.
The kinds `certificate` (issue), `status-list` and `receipt-head` are as they always were: older logs stay valid.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeAlias

from credentials.canonical import MAX_INTEGER, JsonObject, b64u, b64u_decode, jcs, load
from credentials.errors import BadKey, CredentialError, Malformed, UnknownEntry
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer
from credentials.transparency import log

Purpose = Literal["issuer", "receipt", "log"]
PURPOSES: tuple[Purpose, ...] = ("issuer", "receipt", "log")
MAX_POLICY = 48 * 1024  # bytes of text in one entry
MAX_ANCHORS = 32
_POSSESSION = b"invigil key-add\n"
_CONSENT = b"invigil key-follows\n"


@dataclass(frozen=True)
class Issued:
    """A certificate was issued: SHA-256(salt || JCS(signed credential))."""

    kind: ClassVar = b"certificate"
    digest: bytes


@dataclass(frozen=True)
class StatusVersion:
    """A version of the status list was signed: SHA-256(JCS(signed list)). It names nobody: a list is of everybody."""

    kind: ClassVar = b"status-list"
    digest: bytes


@dataclass(frozen=True)
class ReceiptHead:
    """An exam was submitted: SHA-256(salt || JCS(seal))."""

    kind: ClassVar = b"receipt-head"
    digest: bytes


@dataclass(frozen=True)
class KeyAdded:
    """From this entry on a key may sign for the installation whose log this is. `possession` is its own signature on that.

    `log` is the log's own key (a Multikey), so that the entry cannot be copied into another log; the log's address may change.
    `first`: only the first key of a log that is older than this rule signed earlier entries, from that number on.
    For the purpose `log` it is the log's own next key, and `consent` the signature of the former one, which `log` names.
    """

    kind: ClassVar = b"key-add"
    key: PublicKey
    purpose: Purpose
    log: str
    possession: bytes
    first: int | None = None
    consent: bytes | None = None


@dataclass(frozen=True)
class KeyRetired:
    """After this entry the key signs no more; what it signed stays valid."""

    kind: ClassVar = b"key-retire"
    key: PublicKey
    purpose: Purpose


@dataclass(frozen=True)
class KeyCompromised:
    """Somebody else had the key: nothing that it signed counts unless it stands in the log at `last_valid` or before.

    -1: none of it counts. No date takes part in this: whoever has a key can write any date beneath it.
    """

    kind: ClassVar = b"key-compromise"
    key: PublicKey
    purpose: Purpose
    last_valid: int


@dataclass(frozen=True)
class PolicySet:
    """The log's witness policy from this entry on (c2sp.org/tlog-policy), and where its heads are anchored, a line each."""

    kind: ClassVar = b"policy"
    text: str
    anchors: tuple[str, ...] = ()


Entry: TypeAlias = Issued | StatusVersion | ReceiptHead | KeyAdded | KeyRetired | KeyCompromised | PolicySet
KeyEvent: TypeAlias = KeyAdded | KeyRetired | KeyCompromised
_KINDS = {each.kind for each in (KeyAdded, KeyRetired, KeyCompromised, PolicySet)}
_DIGESTS: tuple[type[Issued | StatusVersion | ReceiptHead], ...] = (Issued, StatusVersion, ReceiptHead)


def add_key(key: Signer, purpose: Purpose, log_key: str, first: int | None = None) -> KeyAdded:
    """The entry of a new key, which proves with its own signature that whoever logs it holds it."""
    statement = _added(key.public, purpose, log_key, first)
    return KeyAdded(key.public, purpose, log_key, key.sign(_POSSESSION + jcs(statement)), first)


def add_log_key(key: Signer, former: Signer) -> KeyAdded:
    """The entry of a log's next key: signed by it, and by the one that it follows. Both then sign until the former is retired."""
    entry = add_key(key, "log", former.kid)
    return replace(entry, consent=former.sign(_CONSENT + jcs(_added(key.public, "log", former.kid, None))))


def check_possession(entry: KeyAdded) -> None:
    """Return when the key signed its own entry, for this very log, and the log's former key where it is to follow that.

    Raises NotProven, BadKey.
    """
    statement = jcs(_added(entry.key, entry.purpose, entry.log, entry.first))
    entry.key.verify(entry.possession, _POSSESSION + statement)
    if entry.purpose == "log":
        PublicKey.from_multikey(entry.log).verify(entry.consent or b"", _CONSENT + statement)


def status_version(document: JsonObject) -> StatusVersion:
    """The entry of a signed status list."""
    return StatusVersion(hashlib.sha256(jcs(document)).digest())


def encode(entry: Entry) -> bytes:
    """The bytes of an entry, as the log holds them."""
    if isinstance(entry, Issued | StatusVersion | ReceiptHead):
        return entry.kind + entry.digest
    return entry.kind + jcs(_statement(entry))


def decode(data: bytes) -> Entry:
    """Read an entry; it must be in the one form that `encode` gives. Raises Malformed, UnknownEntry."""
    for digest in _DIGESTS:
        if data.startswith(digest.kind) and len(data) == len(digest.kind) + log.HASH_BYTES:
            return digest(data[len(digest.kind) :])
    kind, _, rest = data.partition(b"{")
    if kind not in _KINDS or len(kind) == len(data):
        raise UnknownEntry
    statement = load(b"{" + rest, 2**16)
    try:
        entry = _read(kind, statement)
    except (KeyError, TypeError, CredentialError) as reason:
        raise Malformed(f"an entry of the kind {kind[:20].decode(errors='replace')!r} is damaged: {reason}") from reason
    if encode(entry) != data:
        raise Malformed("an entry of the log is not in its one exact form")
    return entry


def _added(key: PublicKey, purpose: Purpose, log_key: str, first: int | None) -> JsonObject:
    begins = {} if first is None else {"first": first}
    return {"key": key.multikey, "purpose": purpose, "log": log_key, **begins}


def _statement(entry: KeyEvent | PolicySet) -> JsonObject:
    if isinstance(entry, PolicySet):
        return {"policy": entry.text} | ({"anchors": list(entry.anchors)} if entry.anchors else {})
    if isinstance(entry, KeyAdded):
        added = _added(entry.key, entry.purpose, entry.log, entry.first)
        consent = {} if entry.consent is None else {"consent": b64u(entry.consent)}
        return {**added, "possession": b64u(entry.possession), **consent}
    said = {"key": entry.key.multikey, "purpose": entry.purpose}
    return said if isinstance(entry, KeyRetired) else {**said, "last_valid": entry.last_valid}


def _read(kind: bytes, statement: JsonObject) -> Entry:
    if kind == PolicySet.kind:
        return PolicySet(_text(statement["policy"], MAX_POLICY), _anchors(statement.get("anchors", [])))
    key, purpose = PublicKey.from_multikey(_text(statement["key"], 64)), _purpose(statement["purpose"])
    if kind == KeyAdded.kind:
        first = _number(statement["first"], 0) if "first" in statement else None
        possession = b64u_decode(_text(statement["possession"], 100))
        consent = b64u_decode(_text(statement["consent"], 100)) if "consent" in statement else None
        return KeyAdded(key, purpose, _text(statement["log"], 64), possession, first, consent)
    if kind == KeyRetired.kind:
        return KeyRetired(key, purpose)
    if kind == KeyCompromised.kind:
        return KeyCompromised(key, purpose, _number(statement["last_valid"], -1))
    raise UnknownEntry


def _text(found: object, most: int) -> str:
    if not isinstance(found, str) or len(found) > most:
        raise Malformed("a text is missing or too long")
    return found


def _anchors(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or len(found) > MAX_ANCHORS:
        raise Malformed("the places of anchors are not a list")
    return tuple(_text(each, 200) for each in found)


def _purpose(found: object) -> Purpose:
    for purpose in PURPOSES:
        if found == purpose:
            return purpose
    raise BadKey("a key is an issuer's, one for receipts or the log's own")


def _number(found: object, least: int) -> int:
    if type(found) is not int or not least <= found <= MAX_INTEGER:
        raise Malformed("a number of an entry is missing")
    return found
