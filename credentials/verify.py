"""Verify a certificate from its file alone: no network, no clock but the moment that was asked about.

A file is a bundle `{"format": "invigil-certificate/1", "credential", "log": {"salt", "proof"} | null,
"status": signed status list | null, "issuer": DID document | null}`, or a bare signed credential.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials import certificate, did, log, proof, status
from credentials.canonical import JsonObject, b64u_decode, check, load
from credentials.certificate import Summary
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys import PublicKey
from credentials.report import DatesFact, LogFact, Report, SignatureFact, StatusFact, conclude
from credentials.times import stamp
from credentials.trust import Trust

FORMAT = "invigil-certificate/1"
_BUNDLE = {"format", "credential", "log", "status", "issuer"}


@dataclass(frozen=True)
class _Bundle:
    credential: JsonObject
    log: JsonObject | None
    status: JsonObject | None
    issuer: did.Issuer | None


def bundle(
    credential: JsonObject, *, salt: str, log_proof: str, status_list: JsonObject | None, issuer: JsonObject
) -> JsonObject:
    """The file that a holder keeps. `salt` is base64url, `log_proof` a tlog-proof text, `issuer` the DID document."""
    return {
        "format": FORMAT,
        "credential": credential,
        "log": {"salt": salt, "proof": log_proof},
        "status": status_list,
        "issuer": issuer,
    }


def verify(document: bytes | JsonObject, trust: Trust, at: datetime) -> Report:
    """What the file proves at the moment `at`. Raises Malformed only where there is nothing to report on."""
    if at.tzinfo is None:
        raise Malformed("the moment asked about needs its time zone")
    found = _open(document)  # (1) a bundle, or a bare credential
    signature, summary = _signature(found, trust)  # (2) every word is signed by the issuer's key
    logged = _logged(found, trust)  # (3) these very bytes were published
    state = _status(found, trust, summary, at)  # (4) the issuer has not taken it back
    dates = _dates(summary, at)  # (5) the moment lies within its dates
    return conclude(at, signature, logged, state, dates, summary)


def _open(document: bytes | JsonObject) -> _Bundle:
    if isinstance(document, dict):
        check(document)
    file = document if isinstance(document, dict) else load(document)
    if "format" not in file and "@context" in file:
        return _Bundle(file, None, None, None)
    if file.get("format") != FORMAT:
        raise Malformed(f'this is neither a credential nor a bundle: its "format" is not "{FORMAT}"')
    if unknown := set(file) - _BUNDLE:
        raise Malformed(f"a bundle has no {sorted(unknown)[0]!r}")
    parts = [file.get(name) for name in ("credential", "log", "status", "issuer")]
    credential, logged, listed, issuer = (part if isinstance(part, dict) else None for part in parts)
    if credential is None or any(part is not None and not isinstance(part, dict) for part in parts):
        raise Malformed("a bundle needs a credential, and every part of it is a JSON object")
    return _Bundle(credential, logged, listed, None if issuer is None else did.read(issuer))


def _signature(found: _Bundle, trust: Trust) -> tuple[SignatureFact, Summary | None]:
    method = key = None
    try:
        summary = certificate.read(found.credential)
        method = proof.of(found.credential)["verificationMethod"]
        key = _key(method, summary.issuer_id, found.issuer)
        _check_trusted(key, trust)
        proof.verify(found.credential, key)
    except CredentialError as error:
        return SignatureFact("failed", _why(error), None if key is None else key.multikey, method), None
    pinned = key in trust.issuer_keys
    said = "a key that you trust" if pinned else "the key that the file claims"
    return SignatureFact("proven", f"every word was signed with {said}", key.multikey, method, pinned), summary


def _why(error: CredentialError) -> str:
    return error.reason if isinstance(error, NotProven) else str(error)


def _key(method: str, issuer_id: str, issuer: did.Issuer | None) -> PublicKey:
    """The key behind a verification method, by the issuer's document, or else spelled out in the method itself."""
    if not method.startswith(f"{issuer_id}#"):
        raise NotProven(
            "signature", f"it was made for {method[:120]}, which is not a key of the issuer {issuer_id[:120]}"
        )
    if issuer is None:
        key = proof.named_key(method)
    elif issuer.did != issuer_id:
        raise NotProven("signature", "the issuer's document in the file belongs to another issuer")
    else:
        key = issuer.assertion.get(method)
    if key is None:
        raise NotProven("signature", "the issuer's document does not let that key sign certificates")
    return key


def _check_trusted(key: PublicKey, trust: Trust) -> None:
    if trust.issuer_keys and key not in trust.issuer_keys:
        raise NotProven("signature", f"it was signed with {key.multikey}, which is not a key that you trust")


def _logged(found: _Bundle, trust: Trust) -> LogFact:
    if found.log is None:
        required = bool(trust.log_keys)
        reason = "the file carries no proof from the log" + (" that you require" if required else "")
        return LogFact("absent", reason, trust.origin, pinned=required)
    claimed = () if found.issuer is None else (*found.issuer.others.values(), *found.issuer.assertion.values())
    try:
        salt, text = found.log.get("salt"), found.log.get("proof")
        if set(found.log) != {"salt", "proof"} or not isinstance(salt, str) or not isinstance(text, str):
            raise Malformed("the log proof has not its two texts, salt and proof")
        entry = log.certificate_leaf(found.credential, b64u_decode(salt))
        index, head = log.prove_entry(entry, text, trust.log_keys or claimed, trust.origin)
    except CredentialError as error:
        return LogFact("not proven", f"it does not stand in the log: {_why(error)}", trust.origin)
    said = f"entry {index} of the {head.size} that {head.origin} had signed; when, its checkpoint does not say"
    return LogFact("proven", said, head.origin, head.size, index, bool(trust.log_keys))


def _status(found: _Bundle, trust: Trust, summary: Summary | None, at: datetime) -> StatusFact:
    if summary is None:
        return StatusFact("unknown", "without a proven signature there is nothing to look up")
    if summary.status is None or found.status is None:
        who = "certificate names" if summary.status is None else "file carries"
        return StatusFact("unknown", f"the {who} no status list")
    try:
        listed = _listed(found.status, found, trust, summary.issuer_id, summary.status[0])
        revoked = listed.revoked(summary.status[1])
    except CredentialError as error:
        return StatusFact("unknown", f"the status list in the file proves nothing: {_why(error)}")
    when = stamp(listed.as_of)
    if revoked:
        return StatusFact("revoked", f"the issuer had revoked it by {when}", listed.as_of)
    if listed.until is not None and at >= listed.until:
        return StatusFact("unknown", f"the status list in the file was good until {stamp(listed.until)}", listed.as_of)
    return StatusFact("valid", f"it was not revoked as of {when}", listed.as_of)


def _listed(credential: JsonObject, found: _Bundle, trust: Trust, issuer_id: str, url: str) -> status.Status:
    listed = status.read(credential)
    if listed.issuer != issuer_id:
        raise NotProven("status", "another issuer made it")
    if listed.url != url:
        raise NotProven("status", "it is not the list that the certificate names")
    key = _key(proof.of(credential)["verificationMethod"], issuer_id, found.issuer)
    _check_trusted(key, trust)
    proof.verify(credential, key)
    return listed


def _dates(summary: Summary | None, at: datetime) -> DatesFact:
    if summary is None:
        return DatesFact("unknown", "without a proven signature its dates mean nothing")
    begins, ends = summary.valid_from, summary.valid_until
    if at < begins:
        return DatesFact("not yet", f"it begins only on {stamp(begins)}", begins, ends)
    if ends is not None and at >= ends:
        return DatesFact("expired", f"it ended on {stamp(ends)}", begins, ends)
    return DatesFact("valid", "the moment lies within its dates", begins, ends)
