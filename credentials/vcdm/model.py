"""The rules of the Verifiable Credentials Data Model 2.0, and of 1.1, that a document can be held to without any key."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from credentials.canonical import Json, JsonObject, b64u_decode
from credentials.errors import CredentialError
from credentials.linked_data.contexts import VC
from credentials.linked_data.opened import DIGESTS, is_url
from credentials.linked_data.vocabularies import VC1
from credentials.vcdm.problems import PARSING, RANGE, Nonconforming

MAX_CREDENTIALS = 20  # in one presentation
# XML Schema 1.1 dateTimeStamp, with its years as Python can hold them
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_INTEGRITY = re.compile(r"sha(256|384|512)-([A-Za-z0-9+/]+={0,2})", re.ASCII)
_HASH_BYTES = {"256": 32, "384": 48, "512": 64}
_MULTIHASHES = {b"\x12\x20": 32, b"\x20\x30": 48, b"\x13\x40": 64}  # sha2-256, sha2-384, sha2-512
_TYPED = (
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "evidence",
    "confidenceMethod",
    "renderMethod",
)
ENVELOPED = "EnvelopedVerifiableCredential"


def moment(text: object, name: str) -> datetime:
    """Read a dateTimeStamp (section 4.9). Raises Nonconforming."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise Nonconforming(f"{name} must look like 2027-03-01T10:42:07Z or 2027-03-01T12:42:07+02:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError as reason:
        raise Nonconforming(f"{name} {text} is no moment of any calendar") from reason


def check_credential(document: Json) -> None:
    """Return when this is a credential as sections 4 and 5 of the standard ask, or version 1.1 did. Raises Nonconforming."""
    found = _object(document, "a credential")
    _check_contexts(found, "a credential")
    _check_type(found, "VerifiableCredential")
    _check_id(found, "the credential")
    _check_issuer(found.get("issuer"))
    _check_words(found, "the credential")
    _check_subjects(found.get("credentialSubject"))
    dates(found)
    for name in _TYPED:
        if name in found:
            _check_typed(found[name], name)
    if "relatedResource" in found:
        _check_related(_several(found["relatedResource"]))


def check_presentation(document: Json) -> list[JsonObject]:
    """The credentials inside a presentation that keeps section 4.13, unchecked but for enveloped ones. Raises
    Nonconforming.
    """
    found = _object(document, "a presentation")
    _check_contexts(found, "a presentation")
    _check_type(found, "VerifiablePresentation")
    _check_id(found, "the presentation")
    if "holder" in found:
        holder = found["holder"]
        if not is_url(holder["id"] if isinstance(holder, dict) and "id" in holder else holder):
            raise Nonconforming("the holder is a URL, or an object whose id is one")
    if "termsOfUse" in found:
        _check_typed(found["termsOfUse"], "termsOfUse")
    inside = _several(found["verifiableCredential"]) if "verifiableCredential" in found else []
    if len(inside) > MAX_CREDENTIALS:
        raise Nonconforming(f"a presentation holds at most {MAX_CREDENTIALS} credentials", RANGE)
    return [_object(each, "each credential in a presentation") for each in inside]


def kinds(document: JsonObject) -> list[Json]:
    """The types that an object says it has."""
    return _several(document.get("type"))


def read_envelope(document: JsonObject) -> tuple[str, str]:
    """The media type and the token of an enveloped credential or presentation. Raises Nonconforming."""
    _check_contexts({**document, "@context": _several(document.get("@context"))}, "an enveloped credential")
    address = document.get("id")
    match = re.fullmatch(r"data:([a-z]+/[a-z+.-]+)(?:;[a-z0-9=]+)?,([A-Za-z0-9._~=-]+)", str(address))
    if match is None:
        raise Nonconforming("the id of an enveloped credential is a data: URL with the token", PARSING)
    return match[1], match[2]


def _object(found: Json, what: str) -> JsonObject:
    if not isinstance(found, dict):
        raise Nonconforming(f"{what} is a JSON object", PARSING)
    return found


def _several(found: Json) -> list[Json]:
    """One value or a list of them, as JSON-LD writes sets."""
    return found if isinstance(found, list) else [found]


def _check_contexts(found: JsonObject, what: str) -> None:
    contexts = found.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] not in (VC, VC1):
        raise Nonconforming(f"'@context' of {what} is a list that begins with {VC}", PARSING)
    if not all(isinstance(each, dict) or is_url(each) for each in contexts):
        raise Nonconforming(f"each '@context' of {what} is an address or an object", PARSING)


def _check_type(found: JsonObject, required: str) -> None:
    types = _several(found.get("type"))
    if required not in types or not all(isinstance(each, str) and each for each in types):
        raise Nonconforming(f"its type must name {required}, and every type is a text")


def _check_id(found: JsonObject, what: str) -> None:
    if "id" in found and not is_url(found["id"]):
        raise Nonconforming(f"the id of {what} is a single URL")


def _check_issuer(issuer: Json) -> None:
    if isinstance(issuer, dict):
        _check_words(issuer, "the issuer")
        issuer = issuer.get("id")
    if not is_url(issuer):
        raise Nonconforming("the issuer is a URL, or an object whose id is one")


def _check_words(found: JsonObject, what: str) -> None:
    """`name` and `description` are texts, or texts with their language and direction (sections 4.6 and 11.1)."""
    for name in ("name", "description"):
        for each in _several(found[name]) if name in found else []:
            plain = isinstance(each, str)
            if not plain and not (
                isinstance(each, dict)
                and isinstance(each.get("@value"), str)
                and set(each) <= {"@value", "@language", "@direction"}
            ):
                raise Nonconforming(
                    f"the {name} of {what} is a text, or an object with @value, @language and @direction"
                )


def _check_subjects(found: Json) -> None:
    subjects = _several(found)
    if not subjects or not all(isinstance(each, dict) and each for each in subjects):
        raise Nonconforming("credentialSubject holds one object or more, each of which claims something")
    for each in subjects:
        _check_id(each, "each subject")


def dates(found: JsonObject) -> tuple[datetime | None, datetime | None]:
    """When a credential begins and ends to count. Raises Nonconforming."""
    old = found["@context"][0] == VC1
    names = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    if old and "issuanceDate" not in found:
        raise Nonconforming("a credential of version 1.1 has an issuanceDate")
    begins, ends = (moment(found[name], name) if name in found else None for name in names)
    if begins is not None and ends is not None and ends < begins:
        raise Nonconforming(f"{names[1]} is before {names[0]}", RANGE)
    return begins, ends


def _check_typed(found: Json, name: str) -> None:
    """Sections 4.5 and 5: each has a type; a schema also has an address; a status entry has its own rules."""
    for each in _several(found):
        if not isinstance(each, dict):
            raise Nonconforming(f"each {name} is an object")
        types = _several(each.get("type"))
        if not types or not all(isinstance(kind, str) and kind for kind in types):
            raise Nonconforming(f"each {name} says its type")
        _check_id(each, name)
        if name == "credentialSchema" and "id" not in each:
            raise Nonconforming("each credentialSchema has the URL of the schema as its id")
        if name == "credentialStatus" and "BitstringStatusListEntry" in types:
            check_status_entry(each)


def check_status_entry(entry: JsonObject) -> None:
    """Return when the entry keeps Bitstring Status List 1.0 section 2.1. Raises Nonconforming."""
    index, size, messages = entry.get("statusListIndex"), entry.get("statusSize", 1), entry.get("statusMessage")
    if not isinstance(index, str) or not re.fullmatch(r"0|[1-9]\d{0,15}", index, re.ASCII):
        raise Nonconforming("statusListIndex is a whole number from 0 on, written as a text")
    if not isinstance(entry.get("statusPurpose"), str) or not is_url(entry.get("statusListCredential")):
        raise Nonconforming("a status entry says its purpose and the URL of its list")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 16:
        raise Nonconforming("statusSize is a whole number of bits, from 1 to 16")
    if (size > 1 or messages is not None) and (
        not isinstance(messages, list)
        or len(messages) != 2**size
        or not all(isinstance(each, dict) and {"status", "message"} <= set(each) for each in messages)
    ):
        raise Nonconforming("statusMessage tells the meaning of each possible value of the status")
    if entry.get("id") == entry["statusListCredential"]:
        raise Nonconforming("the id of a status entry is not the URL of its list")


def _check_related(found: Iterable[Json]) -> None:
    """Section 5.3. What stands at an address that we know has to have the digest that the credential states."""
    seen: set[str] = set()
    for each in found:
        if not isinstance(each, dict) or not is_url(each.get("id")):
            raise Nonconforming("each relatedResource is an object with the URL of the resource as its id")
        if each["id"] in seen:
            raise Nonconforming("two relatedResource objects have the same id")
        seen.add(each["id"])
        readers: dict[str, Callable[[str], bytes]] = {"digestSRI": _integrity, "digestMultibase": _multibase}
        named = [(name, text) for name in readers for text in _several(each.get(name)) if name in each]
        if not named or not all(isinstance(text, str) for _, text in named):
            raise Nonconforming("each relatedResource has a digestSRI or a digestMultibase")
        known = DIGESTS.get(each["id"])
        for name, text in named:
            if known is not None and readers[name](text).hex() not in known:
                raise Nonconforming(f"the {name} of {each['id']} is not that of the resource")


def _integrity(text: str) -> bytes:
    match = _INTEGRITY.fullmatch(text)
    try:
        digest = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        digest = b""
    if match is None or len(digest) != _HASH_BYTES[match[1]]:
        raise Nonconforming("a digestSRI looks like sha384-… (Subresource Integrity)")
    return digest


def _multibase(text: str) -> bytes:
    """The hash in a Multihash; the bare 32 bytes of a SHA-256 are read as well, since others write them so."""
    try:
        raw = b64u_decode(text[1:]) if text[:1] == "u" else b""
    except CredentialError:
        raw = b""
    if _MULTIHASHES.get(raw[:2]) == len(raw) - 2:
        return raw[2:]
    if len(raw) != 32:
        raise Nonconforming("a digestMultibase is written in base64url with a leading u")
    return raw
