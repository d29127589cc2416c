"""What a receipts file proves, as facts that stand apart: the chain, its seal, the start statement, the public log.

A file can be cut and still name its entry in the log; then the chain holds, the seal does not, and the log says why.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Literal

from credentials.attempt import receipts
from credentials.attempt.receipts import Keys, ReceiptChain
from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.transparency import log
from credentials.transparency.history import History
from credentials.transparency.record import Record
from credentials.verification.report import LogFact
from credentials.verification.trust import Trust

_LOG_PART = dict.fromkeys(("salt", "proof", "key"), str)


@dataclass(frozen=True)
class Fact:
    """`absent` is nothing to worry about, but nothing to rely on either; `unknown`: what comes before it failed."""

    outcome: Literal["proven", "absent", "not proven", "unknown"]
    reason: str


NO_RECORD = Fact("absent", "no copy of the log was given, which tells since when a key was the institution's")


@dataclass(frozen=True)
class ReceiptReport:
    """The facts. `found` is None unless every receipt holds; then `found.sealed_at` needs the seal to hold too.
    `pinned`: the receipts' key is one that the verifier was given beforehand, or that a log names whose key was.
    `keys`: whether, by a whole copy of the log, the keys were the institution's when the seal was logged.
    """

    attempt: str
    chain: Fact
    seal: Fact
    start: Fact
    log: LogFact
    pinned: bool
    found: ReceiptChain | None = None
    keys: Fact = NO_RECORD

    @property
    def proven(self) -> bool:
        """Whether nothing in the file is wrong. What is absent is not wrong."""
        return self.refusal is None

    @property
    def refusal(self) -> str | None:
        """The first thing that is wrong."""
        # What fails in the chain names its receipt itself.
        facts: dict[str, Fact | LogFact] = {
            "start: ": self.start,
            "": self.chain,
            "seal: ": self.seal,
            "log: ": self.log,
            "keys: ": self.keys,
        }
        return next((f"{name}{fact.reason}" for name, fact in facts.items() if fact.outcome == "not proven"), None)

    @property
    def count(self) -> int:
        return len(self.found.receipts) if self.found else 0

    @property
    def kids(self) -> tuple[str, ...]:
        return self.found.kids if self.found else ()

    def as_json(self) -> JsonObject:
        """The report as a JSON value, without the receipts themselves."""
        facts = {name: asdict(getattr(self, name)) for name in ("chain", "seal", "start", "log", "keys")}
        sealed_at = self.found.sealed_at if self.found else None
        about = {"attempt": self.attempt, "receipts": self.count, "sealed_at": sealed_at, "signed_by": list(self.kids)}
        return {"verdict": "proven" if self.proven else "not proven", **about, "pinned": self.pinned, **facts}


def examine(
    document: bytes | JsonObject, trust: Trust, record: Record | None = None, history: History | None = None
) -> ReceiptReport:
    """Every fact about a receipts file. With a `record` (a whole copy of the log) the log's history of keys takes part: a key
    that it names counts, and one that was stolen counts only for what was sealed in time. `history`: the same of whoever keeps
    the log and knows it.

    Raises Malformed only where there is nothing to report on.
    """
    file = receipts.open_file(document)
    told = history if record is None else record.histories["receipt"]
    known = (*trust.receipt_keys, *(() if told is None else told.spans))
    keys = {key.multikey: key for key in known or receipts.claimed_keys(file)}
    start = _start(file, keys)
    chain, found = _chain(file, keys)
    seal, sealed_at = _seal(file, found, keys)
    if found is not None:
        found = replace(found, sealed_at=sealed_at)
    logged = _log(file, trust, record)
    whose = _keys(file, found, logged, told)
    return ReceiptReport(str(file["attempt"]), chain, seal, start, logged, bool(known), found, whose)


def _keys(file: JsonObject, found: ReceiptChain | None, logged: LogFact, history: History | None) -> Fact:
    """A seal that was logged in time vouches for every receipt below it. Without one, no receipt of a stolen key counts."""
    if history is None:
        return NO_RECORD
    if found is None:
        return Fact("unknown", "the receipts do not hold, so there is no key to look at")
    if not history.spans:
        return Fact("absent", "the log does not tell the history of the keys for receipts")
    try:
        if logged.index is not None and found.sealed_at is not None:
            history.check(PublicKey.from_multikey(str(file["seal"]["kid"])), logged.index)
            said = f"the key of the seal was the institution's at entry {logged.index} of the log"
            return Fact("proven", f"{said}, by what its {history.size} entries tell")
        for kid in found.kids:
            _check_not_stolen(history, PublicKey.from_multikey(kid))
    except CredentialError as error:
        return Fact("not proven", _why(error))
    return Fact("absent", "without a seal in the log there is no number to compare with")


def _check_not_stolen(history: History, key: PublicKey) -> None:
    span = history.spans.get(key)
    if span is not None and span.compromised is not None:
        raise NotProven(
            "keys",
            f"entry {span.compromised} of the log says that somebody else had the key, and without a seal in the log "
            "nobody can say when these receipts were signed",
        )


def _start(file: JsonObject, keys: Keys) -> Fact:
    try:
        if receipts.check_start(file, keys):
            return Fact("proven", "the terms of the exam, as they stood at the start, are signed")
    except CredentialError as error:
        return Fact("not proven", _why(error))
    return Fact("absent", "the start statement carries no signature of its own; the first receipt names it")


def _chain(file: JsonObject, keys: Keys) -> tuple[Fact, ReceiptChain | None]:
    try:
        found = receipts.check_chain(file, receipts.by_name(keys.values()))
    except NotProven as error:
        return Fact("not proven", str(error)), None
    received = f"{len(found.receipts)} received, in order, none missing between them"
    return Fact(
        "proven", f"{received}; {len(found.answers)} answers in the file, each the one that was received"
    ), found


def _seal(file: JsonObject, found: ReceiptChain | None, keys: Keys) -> tuple[Fact, str | None]:
    if file.get("seal") is None:
        return Fact("absent", "not submitted when the file was made: later answers may exist that it leaves out"), None
    if found is None:
        return Fact("unknown", "the receipts do not hold, so nothing can be said about where they end"), None
    try:
        sealed_at = receipts.check_seal(file, found, keys)
    except NotProven as error:
        return Fact("not proven", error.reason), None
    return Fact("proven", f"submitted at {sealed_at}: these are all of them"), sealed_at


def _log(file: JsonObject, trust: Trust, record: Record | None) -> LogFact:
    """Whether the seal, as it stands in the file, was published. It commits to the last receipt, so to all of them."""
    known = (*trust.log_keys, *(() if record is None else record.log_keys()))
    part, seal, pinned = file.get("log"), file.get("seal"), bool(known)
    if part is None:
        return LogFact(
            "absent", "the file brings no entry of the public log: not logged yet when it was made", pinned=pinned
        )
    try:
        if not isinstance(part, dict) or {name: type(value) for name, value in part.items()} != _LOG_PART:
            raise Malformed("the log proof has not its three texts, salt, proof and key")
        if not isinstance(seal, dict):
            raise NotProven(
                "log", "the seal that was logged is missing, so the file was cut after the exam was submitted"
            )
        entry = log.receipt_head_leaf(seal, b64u_decode(part["salt"]))
        keys = known or (PublicKey.from_multikey(part["key"]),)
        index, head = log.prove_entry(entry, part["proof"], keys, trust.origin)
        if record is not None:
            record.continues(head)
    except CredentialError as error:
        return LogFact("not proven", _why(error), trust.origin, pinned=pinned)
    return LogFact(
        "proven",
        f"entry {index} of the {head.size} that {head.origin} had signed",
        head.origin,
        head.size,
        index,
        pinned,
    )


def _why(error: CredentialError) -> str:
    return error.reason if isinstance(error, NotProven) else str(error)
