"""Credentials of other issuers: what their file proves, without asking anybody.

`verify` reads Open Badges 3.0 and CLR 2.0 on VC Data Model 1.1 and 2.0, signed inside (`credentials.foreign.embedded`) or as a token
(`credentials.foreign.vc_jwt`). The report keeps apart what was proven and what was not: whose key it is, whether it was revoked, what was not looked
at, and `missing`: the addresses of documents with which more could be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from credentials.canonical import Json, JsonObject, check, load
from credentials.errors import CredentialError, Malformed, NotProven, UnknownVocabulary
from credentials.foreign import badges, embedded, vc_jwt
from credentials.foreign.status import Opened, look_up
from credentials.issuance.certificate import Held, Summary
from credentials.keys import controllers
from credentials.keys.controllers import Found, NotAtHand, Supplied
from credentials.linked_data.vocabularies import RECORDS, WIDE
from credentials.verification.report import (
    DatesFact,
    DomainFact,
    KeysFact,
    LogFact,
    Report,
    SignatureFact,
    StatusFact,
    conclude,
    dates_fact,
)
from credentials.verification.trust import Trust

NOTHING = Supplied()
MAX_HELD_VALUES = 4_000  # in the credentials of one record whose own signatures are looked at
_NO_LOG = LogFact("absent", "other issuers' certificates bring no proof from a public log")
_VOUCHED = ("nobody", "host", "document", "identifier")  # from the weakest to the strongest
_NO_KEYS = KeysFact("absent", "without a log there is no history of the issuer's keys")


@dataclass(frozen=True)
class Proven:
    """A credential whose signature holds: the document as it counts, whose key, in which form, and what was not looked at."""

    credential: JsonObject
    found: Found
    form: str
    notices: tuple[str, ...] = ()


def prove(content: Json, supplied: Supplied, at: datetime, issuer: str | None = None) -> Proven:
    """The signature alone, of any verifiable credential: an object, or the text of a token. `issuer`: only this one's counts.

    Raises NotProven (NotAtHand where only the key is missing), UnknownVocabulary, Malformed, BadKey.
    """
    if isinstance(content, str):
        token = vc_jwt.read(content)
        _check_issuer(token.issuer, issuer)
        found = vc_jwt.verify(content, token, supplied)
        check(token.credential)
        return Proven(token.credential, found, f"{token.form}, {token.header['alg']}", _inner(token.credential))
    if not isinstance(content, dict):
        raise Malformed("a credential is a JSON object, or a signed token")
    check(content)
    name = badges.issuer_of(content)
    _check_issuer(name, issuer)
    words = RECORDS if badges.kind(content) == badges.RECORD else WIDE
    proof = embedded.verify(content, name, supplied, at, words)
    return Proven(content, proof.found, f"embedded proof, {proof.suite}", proof.notices)


def verify(
    content: bytes | JsonObject, trust: Trust, at: datetime, supplied: Supplied = NOTHING
) -> tuple[Report, JsonObject]:
    """What the file proves at `at`, and the credential in it. Raises Malformed only where there is nothing to report on."""
    if at.tzinfo is None:
        raise Malformed("the moment asked about needs its time zone")
    opened = _open(content)
    credential = vc_jwt.read_anyway(opened) if isinstance(opened, str) else opened
    badges.kind(credential)
    # A certificate of our own in a shape that we do not write arrives here; that must not spare it the log.
    required = bool(trust.log_keys or trust.policy)
    logged = replace(_NO_LOG, reason=f"{_NO_LOG.reason} that you require", pinned=True) if required else _NO_LOG
    signature, proven, summary, missing = _signature(opened, trust, supplied, at)
    if proven is None or summary is None:
        status = StatusFact("unknown", "without a proven signature there is nothing to look up")
        dates = DatesFact("unknown", "without a proven signature its dates mean nothing")
        report = conclude(at, signature, logged, _NO_KEYS, status, dates, None)
        return replace(report, missing=missing), credential
    whose = proven.found
    open_list: Callable[[Json, str], Opened] = lambda found, who: _list(found, who, supplied, at, whose)  # noqa: E731
    status, more = look_up(proven.credential, supplied, open_list, at)
    summary = replace(summary, held=_held(proven.credential, supplied, at))
    report = conclude(at, signature, logged, _NO_KEYS, status, dates_fact(summary, at), summary)
    domain = _domain(proven.found, summary.issuer_id, signature.pinned, supplied)
    asked = (*missing, *more, *(() if domain.outcome != "claimed" else _issuer_document(summary.issuer_id)))
    return (
        replace(
            report,
            sentence=_sentence(report, proven.found, domain),
            form=proven.form,
            domain=domain,
            notices=(*proven.notices, *badges.unchecked(proven.credential)),
            missing=tuple(dict.fromkeys(asked)),
        ),
        proven.credential,
    )


def _open(content: bytes | JsonObject) -> Json:
    if isinstance(content, dict):
        check(content)
        return content
    text = content.strip()
    if text.startswith(b"ey"):
        try:
            return text.decode("ascii")
        except UnicodeDecodeError as reason:
            raise Malformed("a signed token has three parts, joined by dots") from reason
    found = load(text)
    if "EnvelopedVerifiableCredential" in badges.texts(found.get("type")):
        return unquote(badges.text(found.get("id"))).partition(",")[2]
    return found


def _check_issuer(found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise NotProven("status", "another issuer made it")


def _inner(credential: JsonObject) -> tuple[str, ...]:
    return ("the proof inside the token's credential, beside the token's own",) if "proof" in credential else ()


def _signature(
    opened: Json, trust: Trust, supplied: Supplied, at: datetime
) -> tuple[SignatureFact, Proven | None, Summary | None, tuple[str, ...]]:
    try:
        proven = prove(opened, supplied, at)
        key = proven.found.key
        pinned = key.ed25519 is not None and key.ed25519 in trust.issuer_keys
        if trust.issuer_keys and not pinned:
            raise NotProven("signature", f"it was signed with {key.name}, which is not a key that you trust")
        summary = badges.read(proven.credential)
    except NotAtHand as error:
        return SignatureFact("unknown", error.reason), None, None, (error.address,)
    except UnknownVocabulary as error:
        return SignatureFact("unknown", f"it cannot be checked offline: {error}"), None, None, ()
    except CredentialError as error:
        why = error.reason if isinstance(error, NotProven) else str(error)
        return SignatureFact("failed", why), None, None, ()
    said = "a key that you trust" if pinned else _whose(proven.found)
    fact = SignatureFact("proven", f"every word was signed with {said}", key.name, proven.found.method or None, pinned)
    return fact, proven, summary, ()


def _whose(found: Found) -> str:
    return {
        "identifier": "the very key that is the issuer's identifier",
        "document": "a key that the issuer's document names",
        "host": "a key that lies on the issuer's web host",
        "nobody": "the key that the file itself brings along",
    }[found.vouched]


def _domain(found: Found, issuer: str, pinned: bool, supplied: Supplied) -> DomainFact:
    host = domain_of(issuer)
    if pinned:
        return DomainFact("trusted", "you named this key as the issuer's beforehand", host)
    if host is None:
        return DomainFact("none", "the issuer is nothing but a key: nothing says which person or institution holds it")
    if found.vouched == "host":
        return DomainFact(
            "claimed", f"the key lies on {host}, in a document that does not say that it is this issuer's", host
        )
    if found.vouched == "document" and supplied.first_hand:
        return DomainFact("proven", f"{host} itself, asked over TLS, names the key as its own", host)
    if found.vouched == "document":
        return DomainFact("claimed", f"a document that was given to this check says that {host} uses the key", host)
    return DomainFact("claimed", f"nobody asked {host} whether the key is its own", host)


def domain_of(issuer: str) -> str | None:
    """The host that an issuer's identifier stands for; None for a bare key."""
    try:
        host = urlsplit(controllers.asked_for(issuer)).netloc
    except (CredentialError, ValueError):
        return None
    # Whoever asks there talks to the host behind an @, or before a backslash: readers differ, so neither is named.
    return None if set(host) & set("@\\") else host or None


def _issuer_document(issuer: str) -> tuple[str, ...]:
    try:
        return (controllers.asked_for(issuer),)
    except CredentialError:
        return ()


def _sentence(report: Report, found: Found, domain: DomainFact) -> str:
    """What a proven one proves; the other verdicts already have their sentence."""
    if report.verdict != "proven":
        return report.sentence
    whose = {
        "trusted": "",
        "proven": f" The key is {domain.domain}'s, by its own word.",
        "none": " Nobody vouches for whose key that is.",
    }.get(domain.outcome, " Nobody vouches that the key is the issuer's.")
    state = report.status.reason
    if report.status.outcome != "valid":
        state = f"whether it was revoked is unknown: {state}"
    said = "a key that you trust" if report.signature.pinned else _whose(found)
    return f"Another issuer's certificate: every word was signed with {said}; {state}.{whose}"


def _list(found: Json, issuer: str, supplied: Supplied, at: datetime, whose: Found) -> Opened:
    """A status list, signed by the issuer of the credential that names it: with its key, or with one as well vouched for."""
    document = found.strip() if isinstance(found, str) else found
    if isinstance(document, str) and document.startswith("{"):
        document = load(document)
    proven = prove(document, supplied, at, issuer)
    other = proven.found
    vouched = other.vouched != "nobody" and _VOUCHED.index(other.vouched) >= _VOUCHED.index(whose.vouched)
    if other.key.name != whose.key.name and not vouched:
        raise NotProven(
            "status", "it was signed with another key than the certificate, and nobody says that it is the issuer's"
        )
    return proven.credential, issuer


def _held(credential: JsonObject, supplied: Supplied, at: datetime) -> tuple[Held, ...]:
    """What a record holds, each credential's own signature looked at, as far as that takes about a second."""
    if badges.kind(credential) != badges.RECORD:
        return ()
    found, left = [], MAX_HELD_VALUES
    for each, content in badges.held(credential):
        left -= _values(content)
        found.append(_one_held(each, content, supplied, at) if left >= 0 else each)
    return tuple(found)


def _values(content: Json) -> int:
    waiting, count = [content], 0
    while waiting:
        item = waiting.pop()
        count += 1
        waiting.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
    return count


def _one_held(each: Held, content: Json, supplied: Supplied, at: datetime) -> Held:
    if content is None:
        return each
    try:
        inside = prove(content, supplied, at)
    except (NotAtHand, UnknownVocabulary):
        return each
    except CredentialError:
        return replace(each, state="not proven")
    issuer = inside.credential.get("issuer")
    name = badges.text(issuer.get("name")) if isinstance(issuer, dict) else ""
    return replace(
        each, title=badges.title(inside.credential), issuer=name or badges.issuer_of(inside.credential), state="proven"
    )
