"""Verify a certificate from its file alone: no network, no clock but the moment that was asked about.

A file is a bundle `{"format": "invigil-certificate/1", "credential", "log": {"salt", "proof"} | null,
"status": signed status list | null, "issuer": DID document | null}` and, where they are told, `"reasons"`: the list that the
status list names beside it (`credentials.revocation.reasons`), and `"keys"`: the history of the issuer's keys
(`credentials.transparency.history.part`), `"policy"`: in the same form what the log announced of its witnesses, `"anchors"`: where heads
that hold the certificate are anchored (`credentials.verification.anchored`); or a bare signed credential. With a `record` (a whole copy of the log) it is also
known what was logged later: that the key was stolen, or that a newer status list exists.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from credentials.canonical import JsonObject, b64u_decode, check, load
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.issuance import certificate, proof
from credentials.issuance.certificate import Summary
from credentials.keys import did
from credentials.keys.ed25519 import PublicKey
from credentials.revocation import status
from credentials.times import from_seconds, stamp
from credentials.transparency import entries, history, log
from credentials.transparency.history import History
from credentials.transparency.log import Checkpoint
from credentials.transparency.notes import NoteKey
from credentials.transparency.record import Record
from credentials.verification import withdrawn
from credentials.verification.anchored import Announced, Entry, anchors_fact, announced
from credentials.verification.report import KeysFact, LogFact, Report, SignatureFact, StatusFact, conclude, dates_fact
from credentials.verification.trust import Trust

FORMAT = "invigil-certificate/1"
PARTS = {"format", "credential", "log", "status", "reasons", "issuer", "keys", "policy", "anchors"}


@dataclass(frozen=True)
class _Bundle:
    credential: JsonObject
    log: JsonObject | None
    status: JsonObject | None
    issuer: did.Issuer | None
    keys: object = None
    reasons: JsonObject | None = None
    policy: object = None
    anchors: object = None


@dataclass(frozen=True)
class _Logged:
    """The fact about the log and, where it is proven, the entry, its number and the head that holds it."""

    fact: LogFact
    index: int | None = None
    head: Checkpoint | None = None
    entry: Entry | None = None


def bundle(
    credential: JsonObject,
    *,
    salt: str,
    log_proof: str,
    status_list: JsonObject | None,
    issuer: JsonObject,
    keys: list[JsonObject] | None = None,
    reasons: JsonObject | None = None,
    policy: list[JsonObject] | None = None,
    anchors: list[JsonObject] | None = None,
) -> JsonObject:
    """The file that a holder keeps. `salt` is base64url, `log_proof` a tlog-proof text, `issuer` the DID document, `keys`
    the history of the issuer's keys under the same checkpoint, `reasons` the list that the status list names beside it,
    `policy` the newest entry with the log's own policy, `anchors` of `anchored.part`.
    """
    more = {"reasons": reasons, "keys": keys, "policy": policy or None, "anchors": anchors or None}
    told = {name: part for name, part in more.items() if part is not None}
    return {
        "format": FORMAT,
        "credential": credential,
        "log": {"salt": salt, "proof": log_proof},
        "status": status_list,
        "issuer": issuer,
        **told,
    }


def verify(document: bytes | JsonObject, trust: Trust, at: datetime, record: Record | None = None) -> Report:
    """What the file proves at the moment `at`. Raises Malformed only where there is nothing to report on."""
    if at.tzinfo is None:
        raise Malformed("the moment asked about needs its time zone")
    found = _open(document)  # (1) a bundle, or a bare credential
    logged = _logged(found, trust, record)  # (2) these very bytes were published
    told, doubt = _told(found, logged, record)  # (3) as the log tells it, these keys were the issuer's
    ring = _Ring(trust, found.issuer, told if logged.fact.pinned else None, told)
    signature, key, summary = _signature(found, ring)  # (4) every word is signed by the issuer's key
    keys = _keys(told, doubt, key, logged, record)  # (5) which was the issuer's at that number of the log
    state = _status(found, ring, summary, at, record)  # (6) the issuer has not taken it back
    dates = dates_fact(summary, at)  # (7) the moment lies within its dates
    outside = anchors_fact(found.anchors, logged.entry, trust.anchors, record)  # (8) and others saw it, too
    return replace(conclude(at, signature, logged.fact, keys, state, dates, summary), anchors=outside)


def _open(document: bytes | JsonObject) -> _Bundle:
    if isinstance(document, dict):
        check(document)
    file = document if isinstance(document, dict) else load(document)
    if "format" not in file and "@context" in file:
        return _Bundle(file, None, None, None)
    if file.get("format") != FORMAT:
        raise Malformed(f'this is neither a credential nor a bundle: its "format" is not "{FORMAT}"')
    if unknown := set(file) - PARTS:
        raise Malformed(f"a bundle has no {sorted(unknown)[0]!r}")
    parts = [file.get(name) for name in ("credential", "log", "status", "issuer", "reasons")]
    credential, logged, listed, issuer, why = (part if isinstance(part, dict) else None for part in parts)
    if credential is None or any(part is not None and not isinstance(part, dict) for part in parts):
        raise Malformed("a bundle needs a credential, and every part of it is a JSON object")
    identity = None if issuer is None else did.read(issuer)
    more = (file.get("policy"), file.get("anchors"))
    return _Bundle(credential, logged, listed, identity, file.get("keys"), why, *more)


@dataclass(frozen=True)
class _Ring:
    """The keys that may have signed: those that were trusted beforehand, and those that the log's history names."""

    trust: Trust
    issuer: did.Issuer | None
    trusted: History | None  # from a log that was trusted beforehand
    told: History | None

    def key(self, method: str, issuer_id: str) -> PublicKey:
        """The key behind a verification method, by the issuer's document, or else spelled out in the method itself.

        A key that the document no longer lets sign counts where the log's history names it: its number decides later.
        """
        if not method.startswith(f"{issuer_id}#"):
            raise NotProven(
                "signature", f"it was made for {method[:120]}, which is not a key of the issuer {issuer_id[:120]}"
            )
        named = proof.named_key(method)
        if self.issuer is None:
            key = named
        elif self.issuer.did != issuer_id:
            raise NotProven("signature", "the issuer's document in the file belongs to another issuer")
        else:
            key = self.issuer.assertion.get(method)
            if key is None and self.told is not None and named in self.told.spans:
                key = named
        if key is None:
            raise NotProven("signature", "the issuer's document does not let that key sign certificates")
        return key

    def check(self, key: PublicKey) -> None:
        """Return when nothing was trusted beforehand, or this key was. Raises NotProven."""
        if self.trust.issuer_keys and not self.pins(key):
            raise NotProven("signature", f"it was signed with {key.multikey}, which is not a key that you trust")

    def pins(self, key: PublicKey) -> bool:
        """Whether the key was trusted beforehand, or named by a log that was."""
        return key in self.trust.issuer_keys or (self.trusted is not None and key in self.trusted.spans)


def _signature(found: _Bundle, ring: _Ring) -> tuple[SignatureFact, PublicKey | None, Summary | None]:
    method = key = None
    try:
        summary = certificate.read(found.credential)
        method = proof.of(found.credential)["verificationMethod"]
        key = ring.key(method, summary.issuer_id)
        ring.check(key)
        proof.verify(found.credential, key)
    except CredentialError as error:
        return SignatureFact("failed", _why(error), None if key is None else key.multikey, method), None, None
    pinned = ring.pins(key)
    said = "a key that you trust" if pinned else "the key that the file claims"
    return SignatureFact("proven", f"every word was signed with {said}", key.multikey, method, pinned), key, summary


def _why(error: CredentialError) -> str:
    return error.reason if isinstance(error, NotProven) else str(error)


def _logged(found: _Bundle, trust: Trust, record: Record | None) -> _Logged:
    pinned = bool(trust.log_keys or trust.policy or record)
    if found.log is None:
        reason = "the file carries no proof from the log" + (" that you require" if pinned else "")
        return _Logged(LogFact("absent", reason, trust.origin, pinned=pinned))
    try:
        salt, text = found.log.get("salt"), found.log.get("proof")
        if set(found.log) != {"salt", "proof"} or not isinstance(salt, str) or not isinstance(text, str):
            raise Malformed("the log proof has not its two texts, salt and proof")
        entry = log.certificate_leaf(found.credential, b64u_decode(salt))
        keys = _log_keys(found, trust, record)
        index, head = log.prove_entry(entry, text, keys, trust.origin)
        own, seen = _witnessed(found, trust, log.parse_proof(text).checkpoint, head, record)
        if record is not None:
            record.continues(head)
    except CredentialError as error:
        return _Logged(
            LogFact("not proven", f"it does not stand in the log: {_why(error)}", trust.origin, pinned=pinned)
        )
    said = f"entry {index} of the {head.size} that {head.origin} had signed; when, its checkpoint does not say"
    if seen:
        said = (
            f"entry {index} of the {head.size} that {head.origin} had signed by {stamp(min(when for _, when in seen))}"
        )
    if own is not None and not own.satisfied:
        said += f"; the log's own policy, entry {own.index}, asks for more witnesses than have cosigned it"
    announced = None if own is None else own.index
    # Witnesses follow many logs: a policy that names no log does not make the one in the file a known one.
    known = bool(_known_logs(trust, record))
    fact = LogFact("proven", said, head.origin, head.size, index, known, seen, announced)
    return _Logged(fact, index, head, Entry(entry, index, head.origin, keys))


def _log_keys(found: _Bundle, trust: Trust, record: Record | None) -> tuple[PublicKey, ...]:
    """The keys that may have signed the checkpoint: those known beforehand, or else those that the file claims."""
    known = _known_logs(trust, record)
    if known or found.issuer is None:
        return known
    return (*found.issuer.others.values(), *found.issuer.assertion.values())


def _known_logs(trust: Trust, record: Record | None) -> tuple[PublicKey, ...]:
    named = () if trust.policy is None else tuple(each.key for each in trust.policy.logs)
    known = (*trust.log_keys, *(each.key for each in named if isinstance(each, NoteKey)))
    return known if record is None else (*known, *record.log_keys())


def _witnessed(
    found: _Bundle, trust: Trust, note: str, head: Checkpoint, record: Record | None
) -> tuple[Announced | None, tuple[tuple[str, datetime], ...]]:
    """Who cosigned, as far as a policy names them: the verifier's, or else the log's own. Raises NotProven where they are too
    few for the verifier's; what the log asks of itself is only told.
    """
    if trust.policy is None:
        with suppress(CredentialError):  # what the log says of itself is believed by nobody, so it can break nothing
            own = announced(found.policy, head, note, record)
            return own, () if own is None else own.witnesses
        return None, ()
    keys = [NoteKey(head.origin, PublicKey.from_multikey(text)) for text in head.signers]
    seen = trust.policy.check(note, keys).witnesses
    return None, tuple((name, from_seconds(when)) for name, when in sorted(seen.items()))


def _told(found: _Bundle, logged: _Logged, record: Record | None) -> tuple[History | None, str]:
    """The history of the issuer's keys, from the whole log or from the file; or why there is none."""
    if logged.head is None:
        return None, "without a proof from the log there is no number to compare with"
    if record is not None:
        told = record.histories["issuer"]
        return (told, "") if told.spans else (None, "the log does not tell the history of the issuer's keys")
    if found.keys is None:
        return None, "the file does not tell the history of the issuer's keys"
    try:
        return history.of(history.read_part(found.keys, logged.head), logged.head, "issuer"), ""
    except CredentialError as error:
        return None, f"the history of the issuer's keys in the file proves nothing: {_why(error)}"


def _keys(told: History | None, doubt: str, key: PublicKey | None, logged: _Logged, record: Record | None) -> KeysFact:
    if told is None or key is None or logged.index is None:
        return KeysFact("absent", doubt or "without a proven signature there is no key to look at")
    try:
        told.check(key, logged.index)
    except NotProven as error:
        return KeysFact("failed", error.reason, told.size, record is not None)
    said = f"the key was the issuer's at entry {logged.index}, by what the log's {told.size} entries tell"
    return KeysFact("proven", said, told.size, record is not None)


def _status(found: _Bundle, ring: _Ring, summary: Summary | None, at: datetime, record: Record | None) -> StatusFact:
    if summary is None or summary.status is None or found.status is None:
        return StatusFact("unknown", _unlisted(summary))
    try:
        listed = _listed(found.status, ring, summary.issuer_id, summary.status[0], record)
        said = withdrawn.tell(listed, summary.status[1], found.reasons)
    except CredentialError as error:
        return StatusFact("unknown", f"the status list in the file proves nothing: {_why(error)}")
    when = stamp(listed.as_of)
    if said.outcome != "valid":
        return said
    if listed.until is not None and at >= listed.until:
        return StatusFact("unknown", f"the status list in the file was good until {stamp(listed.until)}", listed.as_of)
    if record is not None and (newer := _newer(record, found.status)) is not None:
        stale = f"the status list in the file, as of {when}, is stale: entry {newer} of the log is a newer one"
        return StatusFact("unknown", stale, listed.as_of)
    return said


def _unlisted(summary: Summary | None) -> str:
    if summary is None:
        return "without a proven signature there is nothing to look up"
    return f"the {'certificate names' if summary.status is None else 'file carries'} no status list"


def _newer(record: Record, listed: JsonObject) -> int | None:
    """The entry of a newer status list than this one, if the log has one."""
    newest = record.newest_status()
    return None if newest == record.statuses.get(entries.status_version(listed).digest) else newest


def _listed(credential: JsonObject, ring: _Ring, issuer_id: str, url: str, record: Record | None) -> status.Status:
    listed = status.read(credential)
    if listed.issuer != issuer_id:
        raise NotProven("status", "another issuer made it")
    if listed.url != url:
        raise NotProven("status", "it is not the list that the certificate names")
    key = ring.key(proof.of(credential)["verificationMethod"], issuer_id)
    ring.check(key)
    proof.verify(credential, key)
    if record is not None:
        index = record.statuses.get(entries.status_version(credential).digest)
        if index is None:
            raise NotProven("status", "it never stood in the log")
        if ring.told is not None:
            ring.told.check(key, index)
    return listed
