"""Two facts that stand beside a certificate's proof from the log: where heads above it are anchored, and whom the log itself
names as its witnesses. Neither takes part in the verdict; both are claims of the file unless the verifier knew better beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.anchors.anchor import STEP, AnchorTrust, Incapable
from credentials.anchors.checking import check
from credentials.canonical import JsonObject
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.times import from_seconds, stamp
from credentials.transparency import history, log, notes, policy
from credentials.transparency.entries import PolicySet
from credentials.transparency.log import Checkpoint
from credentials.transparency.record import Record
from credentials.verification.report import AnchorFact, AnchorsFact

MOST = 16  # anchors in one file


@dataclass(frozen=True)
class Entry:
    """A certificate's entry in a log, as the file's own proof has shown it."""

    data: bytes
    index: int
    origin: str
    keys: tuple[PublicKey, ...]


def part(proof: str, anchor: JsonObject) -> JsonObject:
    """How a file carries an anchor: the tlog-proof under the anchored head, and the anchor itself."""
    return {"proof": proof, "anchor": anchor}


def anchors_fact(found: object, entry: Entry | None, trusted: AnchorTrust, record: Record | None) -> AnchorsFact:
    """What the anchors in a file prove. Never raises: a broken anchor proves nothing, and takes nothing away."""
    if found is None:
        return AnchorsFact("absent", "the file carries no anchor outside of the log")
    if not isinstance(found, list) or len(found) > MOST:
        return AnchorsFact("not proven", "the anchors in the file are not a list")
    if entry is None:
        return AnchorsFact("not proven", "without a proof from the log there is nothing that could be anchored")
    facts = tuple(_fact(each, entry, trusted, record) for each in found)
    proven = sorted((each for each in facts if each.outcome == "proven"), key=_strength)
    if not facts:
        return AnchorsFact("absent", "the file carries no anchor outside of the log")
    if not proven:
        return AnchorsFact("not proven", facts[0].reason, facts)
    return AnchorsFact("proven", proven[0].reason, facts)


def _strength(fact: AnchorFact) -> tuple[bool, bool, str]:
    """Whom one knew beforehand comes first, then whoever tells a time, then the earliest."""
    return not fact.pinned, fact.at is None, "" if fact.at is None else fact.at.isoformat()


def _fact(found: object, entry: Entry, trusted: AnchorTrust, record: Record | None) -> AnchorFact:
    anchor = found.get("anchor") if isinstance(found, dict) else None
    kind = str(anchor.get("kind"))[:40] if isinstance(anchor, dict) else "unknown"
    try:
        if not isinstance(found, dict) or set(found) != {"proof", "anchor"} or not isinstance(anchor, dict):
            raise Malformed("an anchor in the file has its proof and its anchor")
        head, text = _head(found["proof"], entry, record)
        proven = check(anchor, text, trusted)
    except Incapable as reason:
        return AnchorFact(kind, "unknown", str(reason))
    except CredentialError as reason:
        said = reason.reason if isinstance(reason, NotProven) else str(reason)
        return AnchorFact(kind, "not proven", said)
    by = "" if proven.at is None else f" by {stamp(proven.at)}"
    known = "" if proven.pinned else ", which the file claims"
    said = f"the log's first {head.size} entries stood{by} in {proven.where}{known}"
    if kind == "rfc3161":
        said = f"the log's first {head.size} entries existed{by}, by the time-stamping authority {proven.where}{known}"
    return AnchorFact(kind, "proven", said, proven.at, proven.pinned, head.size)


def _head(proof: object, entry: Entry, record: Record | None) -> tuple[Checkpoint, str]:
    """The anchored head and its text; it holds the certificate, as the same entry. Raises Malformed, NotProven."""
    if not isinstance(proof, str):
        raise Malformed("the proof beside an anchor is no text")
    try:
        index, head = log.prove_entry(entry.data, proof, entry.keys, entry.origin)
    except NotProven as reason:
        raise NotProven(STEP, f"the anchored head does not hold this certificate: {reason.reason}") from reason
    if index != entry.index:
        raise NotProven(STEP, f"the anchored head has the certificate as entry {index}, the log as entry {entry.index}")
    if record is not None:
        record.continues(head)
    return head, notes.parse(log.parse_proof(proof).checkpoint).text


@dataclass(frozen=True)
class Announced:
    """The policy that the log announced in entry `index`: who of it cosigned, and whether that is what the policy asks for."""

    index: int
    witnesses: tuple[tuple[str, datetime], ...]
    satisfied: bool


def announced(found: object, head: Checkpoint, note: str, record: Record | None) -> Announced | None:
    """What the log says of its own witnesses, for this head: by a whole copy, or by the entry in the file.

    Raises Malformed, NotProven: a policy that does not stand in the log, or a forged cosignature.
    """
    told = record.announced(head.size) if record is not None else _told(found, head)
    if told is None:
        return None
    index, said = told
    rules = policy.read(said.text.encode())
    seen = rules.cosigned(note)
    who = tuple((name, from_seconds(when)) for name, when in sorted(seen.items()))
    return Announced(index, who, rules.satisfied(seen))


def _told(found: object, head: Checkpoint) -> tuple[int, PolicySet] | None:
    """The newest policy among the events in the file. That it is the newest of the log, only a whole copy shows."""
    if found is None:
        return None
    events = [(index, each) for index, each in history.read_part(found, head) if isinstance(each, PolicySet)]
    return max(events, key=lambda event: event[0], default=None)
