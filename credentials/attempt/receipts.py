"""Signed, hash-chained receipts: proof, in the candidate's hands, that an answer was stored, and in which order.

Each receipt names the digest of the one before it; the first names the digest of the attempt's start statement.
A seal names the last one, so that nothing can be left off or added unnoticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from credentials.canonical import Json, JsonObject, b64u, b64u_decode, check, digest, jcs, jcs_flat, load
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer

FORMAT = "invigil-receipts/1"
Keys = Mapping[str, PublicKey]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_BODY = ("attempt", "seq", "item", "answer_hash", "received_at", "previous", "jkt")
_RECEIPT = {*_BODY, "type", "kid", "signature"}
_SEAL = {"attempt", "seq", "head", "submitted_at", "type", "kid", "signature"}
_FILE = {"format", "attempt", "start", "receipts", "answers", "seal", "keys", "log"}


@dataclass(frozen=True)
class ReceiptBody:
    """What one receipt says. `seq` counts from 1; `received_at` is the server's clock, RFC 3339 UTC with ms and Z;
    `previous` and `answer_hash` are digests; `jkt` is the thumbprint of the device key that sent the answer.
    """

    attempt: str
    seq: int
    item: str
    answer_hash: str
    received_at: str
    previous: str
    jkt: str

    def __post_init__(self) -> None:
        if type(self.seq) is not int or self.seq < 1:
            raise Malformed("a receipt's seq counts from 1")
        if not isinstance(self.received_at, str) or not _TIME.fullmatch(self.received_at):
            raise Malformed("received_at must look like 2027-03-01T10:42:07.123Z")


@dataclass(frozen=True)
class ReceiptChain:
    """What a receipt file proves. `answers` are the sequence numbers whose answer text was checked against its
    receipt; `sealed_at` is None while the attempt was not submitted: later answers may then exist.
    """

    attempt: str
    receipts: tuple[ReceiptBody, ...]
    head: str
    sealed_at: str | None
    answers: tuple[int, ...]
    kids: tuple[str, ...]


def issue(key: Signer, body: ReceiptBody) -> JsonObject:
    """The signed receipt, ready to be sent. The hot path of every save: 40 to 80 µs, mostly Ed25519."""
    return _signed(key, {**body.__dict__, "type": "receipt"})


def seal(key: Signer, attempt: str, seq: int, head: str, submitted_at: str) -> JsonObject:
    """Close a chain of `seq` receipts. `head` is `link` of the last one, or `genesis` when there is none."""
    if not _TIME.fullmatch(submitted_at):
        raise Malformed("submitted_at must look like 2027-03-01T10:42:07.123Z")
    return _signed(key, {"attempt": attempt, "seq": seq, "head": head, "submitted_at": submitted_at, "type": "seal"})


def sign_start(key: Signer, statement: JsonObject) -> JsonObject:
    """The start statement with our `kid` and `signature`, the latter over the JCS of everything else."""
    unsigned = {**statement, "kid": key.kid}
    return {**unsigned, "signature": b64u(key.sign(jcs(unsigned)))}


def genesis(start_statement: JsonObject) -> str:
    """What the first receipt names as `previous`: the digest of the start statement, signature included."""
    return digest(start_statement)


def link(receipt: Mapping[str, str | int]) -> str:
    """What the next receipt names as `previous`: the digest of the whole signed receipt."""
    return b64u(hashlib.sha256(jcs_flat(receipt)).digest())


def answer_hash(answer: Json) -> str:
    """The digest of an answer as it was sent."""
    return digest(answer)


def as_file(
    attempt: str,
    start: JsonObject,
    receipts: Collection[JsonObject],
    answers: Mapping[int, Json],
    sealed: JsonObject | None,
    keys: Collection[PublicKey],
    *,
    logged: JsonObject | None = None,
) -> JsonObject:
    """The file that a candidate takes home. `answers` maps a sequence number to the answer as it was sent, `logged` is
    `log_part` once the seal stands in the public log.
    """
    return {
        "format": FORMAT,
        "attempt": attempt,
        "start": start,
        "receipts": list(receipts),
        "answers": {str(seq): answer for seq, answer in answers.items()},
        "seal": sealed,
        "keys": [key.multikey for key in keys],
        "log": logged,
    }


def log_part(salt: bytes, proof: str, key: str) -> JsonObject:
    """How the file says that its seal stands in the public log: a tlog-proof, and the multikey that signed its head."""
    return {"salt": b64u(salt), "proof": proof, "key": key}


def claimed_keys(document: bytes | JsonObject) -> tuple[PublicKey, ...]:
    """The keys that a file itself names. Whoever wrote the file chose them: they prove nothing about the signer."""
    file = open_file(document)
    try:
        return tuple(PublicKey.from_multikey(str(text)) for text in _list(file, "keys"))
    except BadKey as reason:
        raise Malformed(f"the file names a key that is none: {reason}") from reason


def verify_file(document: bytes | JsonObject, keys: Collection[PublicKey]) -> ReceiptChain:
    """Return the chain that the file proves, given the keys we trust. What it says of the public log is not looked at:
    `receipts_report.examine` does, and keeps the facts apart.

    Raises NotProven at the first failing step, naming it and the sequence number; Malformed for an unreadable file.
    """
    file = open_file(document)  # (1) one JSON object in our format
    trusted = by_name(keys)
    check_start(file, trusted)  # (2) the start statement, and its signature if any
    chain = check_chain(file, trusted)  # (3) each receipt, in order; (4) the answers are those that were received
    return replace(chain, sealed_at=check_seal(file, chain, trusted))  # (5) nothing was left off


def by_name(keys: Collection[PublicKey]) -> Keys:
    """The keys by their multikey text, as receipts name them. Raises NotProven where there are none."""
    if not keys:
        raise NotProven("keys", "no trusted key was given, so nothing can be proven")
    return {key.multikey: key for key in keys}


def open_file(document: bytes | JsonObject) -> JsonObject:
    """One JSON object in our format. Raises Malformed."""
    if isinstance(document, dict):
        check(document)
    file = document if isinstance(document, dict) else load(document)
    if file.get("format") != FORMAT:
        raise Malformed(f'this is not a receipt file: its "format" is not "{FORMAT}"')
    if unknown := set(file) - _FILE:
        raise Malformed(f"a receipt file has no {sorted(unknown)[0]!r}")
    if not isinstance(file.get("attempt"), str) or not isinstance(file.get("start"), dict):
        raise Malformed("a receipt file needs an attempt and its start statement")
    return file


def check_start(file: JsonObject, keys: Keys) -> bool:
    """Whether the start statement is signed, by one of these keys. Raises NotProven."""
    start: JsonObject = file["start"]
    inner = start.get("statement")
    for said in (start, inner if isinstance(inner, dict) else {}):
        if said.get("attempt", file["attempt"]) != file["attempt"]:
            raise NotProven("start", "the start statement belongs to another attempt")
    if "kid" not in start:
        return False
    _check_signature("start", start, jcs({k: v for k, v in start.items() if k != "signature"}), keys)
    return True


def check_chain(file: JsonObject, keys: Keys) -> ReceiptChain:
    """The receipts from the start statement on, as if there were no seal. Raises NotProven."""
    attempt, head, bodies, kids = str(file["attempt"]), genesis(file["start"]), [], []
    for number, receipt in enumerate(_list(file, "receipts"), start=1):
        bodies.append(_receipt(receipt, number, attempt, head, keys))
        kids.append(str(receipt["kid"]))
        head = link(receipt)
    answers = _answers(file.get("answers", {}), bodies)
    return ReceiptChain(attempt, tuple(bodies), head, None, answers, tuple(dict.fromkeys(kids)))


def check_seal(file: JsonObject, chain: ReceiptChain, keys: Keys) -> str | None:
    """When the seal closed exactly this chain; None where there is no seal. Raises NotProven."""
    if (found := file.get("seal")) is None:
        return None
    _check_shape("seal", found, _SEAL, "seal")
    _check_signature("seal", found, _flat("seal", found), keys)
    if found["attempt"] != chain.attempt:
        raise NotProven("seal", "it belongs to another attempt")
    if found["seq"] != (count := len(chain.receipts)):
        raise NotProven("seal", f"its number of receipts is {found['seq']}, but that of this file is {count}")
    if found["head"] != chain.head:
        raise NotProven("seal", "it does not close the last receipt of this file")
    if not _TIME.fullmatch(str(found["submitted_at"])):
        raise NotProven("seal", "its time is not in our form")
    return str(found["submitted_at"])


def _signed(key: Signer, statement: dict[str, str | int]) -> JsonObject:
    statement["kid"] = key.kid
    statement["signature"] = b64u(key.sign(jcs_flat(statement)))
    return statement


def _list(file: JsonObject, name: str) -> list[Json]:
    value = file.get(name, [])
    if not isinstance(value, list):
        raise Malformed(f"{name!r} must be a list")
    return value


def _receipt(receipt: Json, number: int, attempt: str, previous: str, keys: Keys) -> ReceiptBody:
    step = f"receipt {number}"
    _check_shape(step, receipt, _RECEIPT, "receipt")
    if receipt["seq"] != number:
        raise NotProven(step, f"its sequence number is {receipt['seq']!r}: one is missing, doubled or out of order")
    _check_signature(step, receipt, _flat(step, receipt), keys)
    if receipt["attempt"] != attempt:
        raise NotProven(step, "it belongs to another attempt")
    if receipt["previous"] != previous:
        before = "the start statement" if number == 1 else f"receipt {number - 1}"
        raise NotProven(step, f"it does not follow {before} as that stands in this file")
    try:
        return ReceiptBody(**{name: receipt[name] for name in _BODY})
    except Malformed as reason:
        raise NotProven(step, str(reason)) from reason


def _answers(answers: Json, bodies: list[ReceiptBody]) -> tuple[int, ...]:
    if not isinstance(answers, dict):
        raise Malformed("'answers' must map sequence numbers to answers")
    by_number = {str(body.seq): body for body in bodies}
    for number, answer in answers.items():
        if number not in by_number:
            raise NotProven(f"answer {number[:16]!r}", "no receipt stands for it")
        if answer_hash(answer) != by_number[number].answer_hash:
            raise NotProven(f"answer {number}", "it is not the answer that was received")
    return tuple(sorted(int(number) for number in answers))


def _check_shape(step: str, statement: Json, names: set[str], kind: str) -> None:
    if not isinstance(statement, dict) or set(statement) != names:
        raise NotProven(step, f"it does not have exactly the fields of a {kind}")
    wrong = [k for k, v in statement.items() if (k == "seq") != (type(v) is int) or (k != "seq") != (type(v) is str)]
    if wrong or statement["type"] != kind:
        raise NotProven(step, f"its {(wrong or ['type'])[0]!r} is not that of a {kind}")


def _flat(step: str, statement: JsonObject) -> bytes:
    try:
        return jcs_flat({name: value for name, value in statement.items() if name != "signature"})
    except Malformed as reason:
        raise NotProven(step, str(reason)) from reason


def _check_signature(step: str, statement: JsonObject, data: bytes, keys: Keys) -> None:
    key = keys.get(str(statement["kid"]))
    if key is None:
        raise NotProven(step, f"it was signed with {str(statement['kid'])[:64]!r}, which is not a key that we trust")
    try:
        key.verify(b64u_decode(str(statement.get("signature"))), data)
    except (NotProven, Malformed) as reason:
        raise NotProven(step, f"its content is not what {key.multikey} signed") from reason
