"""What a verification found: separate facts, never one green tick. A signature can hold on a revoked certificate."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from credentials.canonical import JsonObject
from credentials.issuance.certificate import Summary
from credentials.times import stamp

Verdict = Literal["proven", "not proven", "revoked", "suspended", "expired"]


@dataclass(frozen=True)
class SignatureFact:
    """Whether the issuer's key signed every word. `pinned`: the key is one that the verifier was given beforehand;
    otherwise only the file itself says whose key it is. `unknown`: it could not be checked, for want of a key or a vocabulary.
    """

    outcome: Literal["proven", "failed", "unknown"]
    reason: str
    key: str | None = None
    method: str | None = None
    pinned: bool = False


@dataclass(frozen=True)
class LogFact:
    """Whether the certificate stands in the append-only log. A checkpoint carries no time of its own; the `witnesses` that
    a policy names say when they saw it. `announced`: nobody told us a policy, so the log's own counted, from that entry.
    """

    outcome: Literal["proven", "not proven", "absent"]
    reason: str
    origin: str | None = None
    size: int | None = None
    index: int | None = None
    pinned: bool = False
    witnesses: tuple[tuple[str, datetime], ...] = ()
    announced: int | None = None


@dataclass(frozen=True)
class AnchorFact:
    """What one anchor outside of the log proves: a head of `size` entries, the certificate's among them, existed `at`.
    `pinned`: by an authority or a block that the verifier knew beforehand. `unknown`: this installation cannot read it.
    """

    kind: str
    outcome: Literal["proven", "not proven", "unknown"]
    reason: str
    at: datetime | None = None
    pinned: bool = False
    size: int | None = None


@dataclass(frozen=True)
class AnchorsFact:
    """Whether somebody outside of the log says since when the certificate stood in it. It takes no part in the verdict: an
    anchor makes a true date certain, and no certificate true.
    """

    outcome: Literal["proven", "not proven", "absent"]
    reason: str
    anchors: tuple[AnchorFact, ...] = ()


@dataclass(frozen=True)
class KeysFact:
    """Whether the log's own history of keys lets the key have signed at that number of the log; `size`: as far as it was
    known. A history inside the file proves what it says, but only a copy of the log shows that nothing was left out.
    """

    outcome: Literal["proven", "failed", "absent"]
    reason: str
    size: int | None = None
    complete: bool = False


@dataclass(frozen=True)
class StatusFact:
    """Whether the certificate was revoked or is suspended, as the issuer's signed list said at `as_of`. `unknown` is not
    `valid`. `code`: the public reason, where one was given.
    """

    outcome: Literal["valid", "revoked", "suspended", "unknown"]
    reason: str
    as_of: datetime | None = None
    code: str | None = None


@dataclass(frozen=True)
class DatesFact:
    """Whether the moment asked about lies between the certificate's own dates."""

    outcome: Literal["valid", "not yet", "expired", "unknown"]
    reason: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class DomainFact:
    """How the key hangs together with the internet domain that the issuer's identifier names. `proven`: the domain itself was asked;
    `claimed`: only the file or a document given along says so; `none`: the issuer is a bare key.
    """

    outcome: Literal["trusted", "proven", "claimed", "none"]
    reason: str
    domain: str | None = None


@dataclass(frozen=True)
class Report:
    """The facts and what follows from them. `certificate` is None unless the signature is proven: what an
    unproven file says about a person must not be shown as if it were so. `form`: how it was signed; `notices`: what is in it
    and was not looked at; `missing`: addresses of documents with which more could be told.
    """

    verdict: Verdict
    sentence: str
    at: datetime
    signature: SignatureFact
    log: LogFact
    status: StatusFact
    dates: DatesFact
    certificate: Summary | None = None
    keys: KeysFact = KeysFact("absent", "the file does not tell the history of the issuer's keys")
    anchors: AnchorsFact = AnchorsFact("absent", "the file carries no anchor outside of the log")
    domain: DomainFact | None = None
    form: str = ""
    notices: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """The report as a JSON value; moments as RFC 3339 text."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def conclude(
    at: datetime,
    signature: SignatureFact,
    log: LogFact,
    keys: KeysFact,
    status: StatusFact,
    dates: DatesFact,
    found: Summary | None,
) -> Report:
    """The verdict, from the gravest fact to the lightest; what is unknown is said in the sentence, never assumed."""
    verdict, sentence = _verdict(signature, log, keys, status, dates)
    return Report(verdict, sentence, at, signature, log, status, dates, found, keys)


def dates_fact(summary: Summary | None, at: datetime) -> DatesFact:
    """The moment asked about beside the certificate's own dates."""
    if summary is None:
        return DatesFact("unknown", "without a proven signature its dates mean nothing")
    begins, ends = summary.valid_from, summary.valid_until
    if at < begins:
        return DatesFact("not yet", f"it begins only on {stamp(begins)}", begins, ends)
    if ends is not None and at >= ends:
        return DatesFact("expired", f"it ended on {stamp(ends)}", begins, ends)
    return DatesFact("valid", "the moment lies within its dates", begins, ends)


_TAKEN_BACK: dict[str, tuple[Verdict, str]] = {
    "revoked": ("revoked", "the certificate does not"),
    "suspended": ("suspended", "do not rely on the certificate for now"),
}


def _verdict(
    signature: SignatureFact, log: LogFact, keys: KeysFact, status: StatusFact, dates: DatesFact
) -> tuple[Verdict, str]:
    if signature.outcome != "proven":
        unknown = signature.outcome == "unknown"
        said = "Whether this certificate is genuine is unknown" if unknown else "Do not rely on this certificate"
        return "not proven", f"{said}: {signature.reason}."
    logged = log.outcome == "proven" or (log.outcome == "absent" and not log.pinned)
    if not logged or keys.outcome == "failed":
        reason = keys.reason if logged else log.reason
        return "not proven", f"The signature holds, but do not rely on this certificate: {reason}."
    if status.outcome in _TAKEN_BACK:
        verdict, said = _TAKEN_BACK[status.outcome]
        return verdict, f"The signature holds, but {said}: {status.reason}."
    if dates.outcome == "expired":
        return "expired", f"The certificate is genuine, but {dates.reason}."
    if dates.outcome != "valid":
        return "not proven", f"The signature holds, but {dates.reason}."
    return "proven", _proven(signature, log, status)


def _proven(signature: SignatureFact, log: LogFact, status: StatusFact) -> str:
    who = "the issuer's key, which you trust," if signature.pinned else "the key that the file claims as its issuer's"
    where = {
        "proven": "it stands in the public log" if log.pinned else "it stands in the log that the file names",
        "absent": "no proof from the public log came along",
    }[log.outcome]
    state = status.reason if status.outcome == "valid" else f"whether it was revoked is unknown: {status.reason}"
    sentence = f"The certificate was signed by {who} and {where}; {state}."
    if not signature.pinned:
        sentence += " Compare that key with the one that the issuer publishes before you rely on it."
    return sentence


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
