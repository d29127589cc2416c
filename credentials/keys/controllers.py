"""Whose key it was: from a verification method's name to the key, without asking anybody (W3C Controlled Identifiers 1.0, DID 1.0).

Nothing is fetched here. A document that names keys counts only where the caller supplies it by its address; without one, a key that
is spelled out in the method's own name can still be used, and then nobody vouches that it is the issuer's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from credentials.canonical import Json, JsonObject, b64u_decode, load
from credentials.errors import BadKey, Malformed, NotProven
from credentials.keys import did
from credentials.keys.jwk import VerifyingKey, from_jwk, from_multikey

Vouched = Literal["identifier", "document", "host", "nobody"]
MAX_KEYS = 100  # in one document


@dataclass(frozen=True)
class Supplied:
    """Documents that did not come in the file, by the address that each was asked for: DID documents, key sets, status lists, as JSON
    objects or as the text of a token. `first_hand`: the caller fetched them itself, over TLS, from those very addresses.
    """

    documents: Mapping[str, Json] = field(default_factory=dict)
    first_hand: bool = False

    def find(self, address: str) -> Json | None:
        """The document at an address, a fragment left out."""
        return self.documents.get(address, self.documents.get(address.partition("#")[0]))


@dataclass(frozen=True)
class Found:
    """A key and who vouches that it is the issuer's: the identifier itself, the issuer's own document, only its web host (which may
    have other tenants), or nobody.
    """

    key: VerifyingKey
    vouched: Vouched
    method: str


class NotAtHand(NotProven):
    """The key is kept elsewhere; `address` is where it could be asked for."""

    def __init__(self, address: str) -> None:
        super().__init__(
            "signature", f"it cannot be checked: its key is kept at {address[:200]}, which was not looked up"
        )
        self.address = address


def find(method: str, issuer: str, supplied: Supplied) -> Found:
    """The key that a verification method (or a token's `kid`) of this issuer names. Raises NotProven, NotAtHand, BadKey, Malformed."""
    method = f"{issuer}{method}" if method.startswith("#") else method
    controller = method.partition("#")[0]
    _check_owner(method, controller, issuer)
    if controller.startswith(("did:key:", "did:jwk:")):
        return Found(_spelled(controller), "identifier", method)
    address = _address(controller)
    document = supplied.find(method) or supplied.find(address)
    if document is not None and _names_keys(document):
        whose: Vouched = "document" if controller == issuer.partition("#")[0] else "host"
        return Found(_in_document(document, method, controller), whose, method)
    try:
        return Found(from_multikey(method.partition("#")[2]), "nobody", method)
    except BadKey as reason:
        raise NotAtHand(address) from reason


def embedded(jwk: object, issuer: str, supplied: Supplied) -> Found:
    """The key that a token carries along in its own header. Anybody could have put it there, so the issuer's identifier or document
    must name it too, where either can be looked at.
    """
    key = from_jwk(jwk)
    if issuer.startswith(("did:key:", "did:jwk:")):
        if _spelled(issuer.partition("#")[0]).name != key.name:
            raise NotProven(
                "signature", "the key in the token is not the issuer's: another one is the issuer's identifier"
            )
        return Found(key, "identifier", issuer)
    try:
        document = supplied.find(issuer) or supplied.find(asked_for(issuer))
    except (NotProven, Malformed):
        document = None
    if document is None or not _names_keys(document):
        return Found(key, "nobody", "")
    if key.name not in _named(document, issuer.partition("#")[0]):
        raise NotProven("signature", "the token carries a key that the issuer's document does not name")
    return Found(key, "document", issuer)


def asked_for(address: str) -> str:
    """Where a document with this identifier is published: a did:web's own file, or the address itself without its fragment."""
    return _address(address.partition("#")[0])


def _check_owner(method: str, controller: str, issuer: str) -> None:
    """A key of somebody else proves nothing about this issuer, however well the signature holds."""
    if controller == issuer.partition("#")[0]:
        return
    try:
        host, home = urlsplit(controller), urlsplit(issuer)
    except ValueError as reason:
        raise Malformed("the key or its issuer has an address that is none") from reason
    if {host.scheme, home.scheme} == {"https"} and host.netloc and host.netloc == home.netloc:
        return
    if (
        issuer.startswith("did:web:")
        and host.scheme == "https"
        and host.netloc == urlsplit(did.document_url(issuer)).netloc
    ):
        return
    raise NotProven("signature", f"it was made for {method[:120]}, which is not a key of the issuer {issuer[:120]}")


def _address(controller: str) -> str:
    if controller.startswith("did:web:"):
        return did.document_url(controller)
    if not controller.startswith("https://"):
        raise NotProven(
            "signature", f"we cannot find keys by {controller[:120]!r}; we know did:key, did:jwk, did:web and https"
        )
    return controller


def _spelled(identifier: str) -> VerifyingKey:
    kind, _, text = identifier.removeprefix("did:").partition(":")
    if kind == "key":
        return from_multikey(text)
    try:
        return from_jwk(load(b64u_decode(text), 8192))
    except Malformed as reason:
        raise BadKey("the did:jwk does not spell out a key") from reason


def _names_keys(document: Json) -> bool:
    """Whether it is about keys at all: at an issuer's address there may as well be its profile, or a web page."""
    return isinstance(document, dict) and bool({"kty", "keys", "verificationMethod", "assertionMethod"} & set(document))


def _in_document(document: Json, method: str, controller: str) -> VerifyingKey:
    """The key of this name in a JSON Web Key, a set of them, or a controller document that lets it assert."""
    if isinstance(document, str):
        document = load(document)
    if not isinstance(document, dict):
        raise Malformed("the document with the issuer's keys is not a JSON object")
    if "kty" in document:
        return from_jwk(document)
    if isinstance(document.get("keys"), list):
        return _in_set(document["keys"], method)
    if document.get("id") != controller:
        raise NotProven("signature", "the document with the issuer's keys belongs to somebody else")
    return _asserting(document, method, controller)


def _in_set(keys: list[Any], method: str) -> VerifyingKey:
    name = method.partition("#")[2]
    named = [each for each in keys[:MAX_KEYS] if isinstance(each, dict) and each.get("kid") in (method, name or method)]
    if not named and len(keys) == 1 and not name:
        named = keys
    if len(named) != 1:
        raise NotProven(
            "signature", f"the issuer's key set names {len(named)} keys as {(name or method)[:80]!r}, not one"
        )
    return from_jwk(named[0])


def _named(document: JsonObject, controller: str) -> set[str]:
    """The names of all keys that a document lets sign credentials; keys that we cannot read are passed over."""
    if "kty" in document or isinstance(document.get("keys"), list):
        found = [document] if "kty" in document else document["keys"][:MAX_KEYS]
    else:
        if document.get("id") != controller:
            raise NotProven("signature", "the document with the issuer's keys belongs to somebody else")
        allowed = _list(document, "assertionMethod")
        names = {_whole(each, controller) for each in allowed if isinstance(each, str)}
        methods = [each for each in _list(document, "verificationMethod") if isinstance(each, dict)]
        found = [each for each in methods if _whole(str(each.get("id")), controller) in names]
        found += [each for each in allowed if isinstance(each, dict)]
    names = set()
    for each in found:
        with suppress(BadKey):
            multikey = each.get("publicKeyMultibase") if isinstance(each, dict) else None
            jwk = each.get("publicKeyJwk", each) if isinstance(each, dict) else None
            names.add((from_multikey(multikey) if isinstance(multikey, str) else from_jwk(jwk)).name)
    return names


def _asserting(document: JsonObject, method: str, controller: str) -> VerifyingKey:
    methods = [each for each in _list(document, "verificationMethod") if isinstance(each, dict)]
    allowed = _list(document, "assertionMethod")
    methods += [each for each in allowed if isinstance(each, dict)]
    names = {_whole(each if isinstance(each, str) else str(each.get("id")), controller) for each in allowed if each}
    found = {
        json.dumps(each, sort_keys=True): each for each in methods if _whole(str(each.get("id")), controller) == method
    }
    if len(found) != 1:
        raise NotProven("signature", f"the issuer's document names {len(found)} keys as {method[:120]!r}, not one")
    (entry,) = found.values()
    if method not in names:
        raise NotProven("signature", "the issuer's document does not let that key sign credentials")
    if "expires" in entry or "revoked" in entry:
        raise NotProven("signature", "the issuer's document gives that key an end, which is not looked at here")
    if isinstance(entry.get("publicKeyMultibase"), str):
        return from_multikey(entry["publicKeyMultibase"])
    return from_jwk(entry.get("publicKeyJwk"))


def _whole(name: str, controller: str) -> str:
    return f"{controller}{name}" if name.startswith("#") else name


def _list(document: JsonObject, name: str) -> Sequence[Any]:
    found = document.get(name, [])
    if not isinstance(found, list) or len(found) > MAX_KEYS:
        raise Malformed("the document with the issuer's keys does not list them")
    return found
