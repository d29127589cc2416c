"""Whether another issuer has taken a credential back: W3C Bitstring Status List 1.0, its forerunner StatusList2021, and 1EdTech's
revocation list (https://purl.imsglobal.org/spec/vcrl/v1p0/), each from a document that the caller supplies.

What is not at hand is unknown, never valid. A list proves something only where the credential's own issuer signed it; the revocation list
of 1EdTech is not signed at all, so it is worth what its transport was worth, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from credentials.canonical import Json, JsonObject, b64u_decode, load
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.foreign import badges
from credentials.foreign.badges import objects, text
from credentials.keys.controllers import NotAtHand, Supplied
from credentials.revocation import packed
from credentials.revocation.status import SIZE, WRONG_SIZE
from credentials.times import foreign_moment, stamp
from credentials.verification.report import StatusFact

MAX_ENTRIES = 8
_MAX_BYTES = 4 * 1024 * 1024
_NAME = "status list"
_LISTS = {
    "BitstringStatusListEntry": ("BitstringStatusListCredential", "u"),
    "StatusList2021Entry": ("StatusList2021Credential", ""),
}
_EDTECH = "1EdTechRevocationList"
_ORDER = ("revoked", "suspended", "unknown", "valid")  # the gravest counts

Opened = tuple[JsonObject, str]  # a signed list, whole, and its proven issuer
Prove = Callable[[Json, str], Opened]  # opens a list whose issuer must be the one named; raises NotProven, Malformed


@dataclass
class _Lookup:
    """What all entries of one credential share; `missing` collects addresses that could be asked."""

    credential: JsonObject
    supplied: Supplied
    prove: Prove
    at: datetime
    missing: list[str] = field(default_factory=list)


def look_up(
    credential: JsonObject, supplied: Supplied, prove: Prove, at: datetime
) -> tuple[StatusFact, tuple[str, ...]]:
    """The fact, and the addresses of what was missing for it."""
    entries = list(objects(credential.get("credentialStatus")))
    if not entries:
        return StatusFact("unknown", "the certificate names no status list"), ()
    if len(entries) > MAX_ENTRIES:
        return StatusFact("unknown", f"it names more than {MAX_ENTRIES} status lists"), ()
    work = _Lookup(credential, supplied, prove, at)
    facts = [_one(work, each) for each in entries]
    return min(facts, key=lambda fact: _ORDER.index(fact.outcome)), tuple(dict.fromkeys(work.missing))


def _one(work: _Lookup, entry: JsonObject) -> StatusFact:
    kinds = badges.texts(entry.get("type"))
    try:
        if _EDTECH in kinds:
            return _edtech(work, entry)
        for kind in kinds:
            if kind in _LISTS:
                return _bits(work, entry, kind)
    except NotAtHand as reason:
        work.missing.append(reason.address)
        return StatusFact("unknown", f"the status list at {reason.address[:200]} was not looked up")
    except CredentialError as error:
        why = error.reason if isinstance(error, NotProven) else str(error)
        return StatusFact("unknown", f"its status list proves nothing: {why}")
    return StatusFact("unknown", f"we do not know status lists of the kind {', '.join(kinds)[:80]!r}")


def _document(work: _Lookup, address: str) -> Json:
    if not address.startswith("https://"):
        raise Malformed("it has no address that anybody could ask")
    found = work.supplied.find(address)
    if found is None:
        raise NotAtHand(address)
    return found


# --- a bit for each credential ---


def _bits(work: _Lookup, entry: JsonObject, kind: str) -> StatusFact:
    purposes, index = badges.texts(entry.get("statusPurpose")), _index(entry.get("statusListIndex"))
    if len(set(purposes)) != 1:
        raise Malformed("the certificate's status entry does not say its one purpose")
    purpose = purposes[0]
    if purpose in {"revocation", "suspension"} and entry.get("statusSize", 1) != 1:
        raise Malformed("its entries have several bits, which are not read here")
    if purpose not in {"revocation", "suspension"}:
        return StatusFact("valid", f"its list for the purpose {purpose[:40]!r} takes nothing back")
    address = text(entry.get("statusListCredential"))
    listed, _ = work.prove(_document(work, address), badges.issuer_of(work.credential))
    when = _current(listed, address, work.at)
    subject = next(objects(listed.get("credentialSubject")), {})
    wanted, prefix = _LISTS[kind]
    if wanted not in badges.texts(listed.get("type")) or purpose not in badges.texts(subject.get("statusPurpose")):
        raise NotProven("status", "it is not the list that the certificate names, but one for another purpose")
    bits = _unpack(text(subject.get("encodedList")), prefix)
    is_set = packed.get(bits, index, 1, _NAME)
    said = "as of " + stamp(when)
    if not is_set:
        return StatusFact("valid", f"it was not {'revoked' if purpose == 'revocation' else 'suspended'} {said}", when)
    if purpose == "revocation":
        return StatusFact("revoked", f"the issuer had revoked it {said}", when)
    return StatusFact("suspended", f"the issuer had suspended it {said}", when)


def _index(found: Json) -> int:
    if isinstance(found, list) and len(found) == 1:  # RDF, which is signed, does not tell one from a list of one
        found = found[0]
    number = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Malformed("the certificate's status entry names no place in its list")
    return int(number)


def _current(listed: JsonObject, address: str, at: datetime) -> datetime:
    """When the list was made. Raises NotProven for another list, or one that is over."""
    if text(listed.get("id")).partition("#")[0] not in {address, address.partition("#")[0]}:
        raise NotProven("status", "it is not the list that the certificate names")
    made = foreign_moment(listed.get("validFrom", listed.get("issuanceDate")))
    ends = [foreign_moment(listed[name]) for name in ("validUntil", "expirationDate") if name in listed]
    if ends and at >= min(ends):
        raise NotProven("status", f"it was good until {stamp(min(ends))}")
    if made > at:
        raise NotProven("status", f"it begins only on {stamp(made)}")
    return made


def _unpack(encoded: str, prefix: str) -> bytes:
    if not encoded.startswith(prefix):
        raise Malformed("the status list is not in the form of its standard")
    found = b64u_decode(encoded.removeprefix(prefix).rstrip("="))
    return packed.unpacked(found, packed.GZIP, SIZE // 8, _MAX_BYTES, _NAME, WRONG_SIZE)


# --- 1EdTech's list ---


def _edtech(work: _Lookup, entry: JsonObject) -> StatusFact:
    address = text(entry.get("id"))
    document = _document(work, address)
    listed = load(document) if isinstance(document, str) else document
    if not isinstance(listed, dict) or text(listed.get("id")) not in {"", address}:
        raise NotProven("status", "it is not the list that the certificate names")
    if text(listed.get("issuer")) != badges.issuer_of(work.credential):
        raise NotProven("status", "it is a list of another issuer")
    name = text(work.credential.get("id"))
    for each in _revoked(listed):
        if name and text(each.get("id")) == name and each.get("revoked", True) is not False:
            why = text(each.get("revocationReason"))[:200]
            return StatusFact("revoked", f"the issuer's list takes it back{f': {why}' if why else ''}", work.at)
    where = "as fetched from its address just now" if work.supplied.first_hand else "as it was given to this check"
    return StatusFact("valid", f"the issuer's list, which is not signed, does not name it, {where}", work.at)


def _revoked(listed: JsonObject) -> Iterator[JsonObject]:
    """The member's name is singular in the standard's model and plural with some issuers."""
    found = [listed[name] for name in ("revokedCredential", "revokedCredentials") if name in listed]
    if not found:
        raise Malformed("the revocation list does not list anything, not even nothing")
    for each in found:
        if not isinstance(each, list):
            raise Malformed("the revocation list is not in the form of its standard")
        for item in each:
            yield {"id": item} if isinstance(item, str) else item if isinstance(item, dict) else {}
