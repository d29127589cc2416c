"""The issuer's identity as a web address: did:web documents with Multikey verification methods (W3C DID 1.0, CID 1.0). And
keys that are their own identity: did:key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from credentials.canonical import JsonObject
from credentials.errors import BadKey, Malformed
from credentials.keys.ed25519 import PublicKey

_DID = re.compile(r"did:web:[A-Za-z0-9.%_-]+(:[A-Za-z0-9.%_~-]+)*", re.ASCII)
_CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]


@dataclass(frozen=True)
class Issuer:
    """A read DID document. `assertion` may sign credentials; `others` may not (the log's key stands there).

    Both map a verification method's full id to its key. Reading proves nothing: it says what the document claims.
    """

    did: str
    assertion: Mapping[str, PublicKey]
    others: Mapping[str, PublicKey]


def did_web(host: str, path: Sequence[str] = ()) -> str:
    """`did:web:host[:path…]`; a port's colon is escaped (`localhost%3A8000`). Raises Malformed."""
    did = ":".join(["did:web", quote(host.lower(), safe=".-"), *(quote(part, safe="") for part in path)])
    if not _DID.fullmatch(did):
        raise Malformed(f"{host!r} is not a host name")
    return did


def document_url(did: str) -> str:
    """Where the document of a did:web is published. Raises Malformed."""
    if not _DID.fullmatch(did):
        raise Malformed(f"{did[:80]!r} is not a did:web")
    host, *path = did.removeprefix("did:web:").split(":")
    return "/".join([f"https://{unquote(host)}", *(path or [".well-known"]), "did.json"])


def method_id(did: str, key: PublicKey) -> str:
    """The verification method of a key: the did, `#`, the Multikey."""
    return f"{did}#{key.multikey}"


def document(did: str, keys: Sequence[PublicKey], log_keys: Sequence[PublicKey] = ()) -> JsonObject:
    """The DID document. `keys` may sign credentials; `log_keys` are named but may not, so that a stolen log key
    makes no certificate.
    """
    if not keys:
        raise Malformed("an issuer needs at least one key")
    document_url(did)
    return {
        "@context": list(_CONTEXTS),
        "id": did,
        "verificationMethod": [
            {"id": method_id(did, key), "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey}
            for key in dict.fromkeys([*keys, *log_keys])
        ],
        "assertionMethod": [method_id(did, key) for key in keys],
    }


def read(found: object) -> Issuer:
    """Read a DID document that came with a certificate. Raises Malformed.

    Methods of another type than Multikey, or of other curves, are passed over: they cannot have signed for us.
    """
    if not isinstance(found, dict) or not isinstance(found.get("id"), str) or not _DID.fullmatch(found["id"]):
        raise Malformed("the issuer's document has no did:web as its id")
    did = found["id"]
    methods, asserting = found.get("verificationMethod", []), found.get("assertionMethod", [])
    if not isinstance(methods, list) or not isinstance(asserting, list):
        raise Malformed("the issuer's document does not list its keys")
    keys = dict(filter(None, (_method(method, did) for method in methods)))
    allowed = {name for name in asserting if isinstance(name, str)}
    return Issuer(
        did,
        {name: key for name, key in keys.items() if name in allowed},
        {name: key for name, key in keys.items() if name not in allowed},
    )


def _method(method: object, did: str) -> tuple[str, PublicKey] | None:
    if not isinstance(method, dict) or method.get("type") != "Multikey" or method.get("controller") != did:
        return None
    name, text = method.get("id"), method.get("publicKeyMultibase")
    if not isinstance(name, str) or not name.startswith(f"{did}#") or not isinstance(text, str):
        return None
    try:
        return name, PublicKey.from_multikey(text)
    except BadKey:
        return None


def did_key(key: PublicKey) -> str:
    """`did:key:z6Mk…` (did:key method): an identifier that is its own document."""
    return f"did:key:{key.multikey}"


def did_key_method(key: PublicKey) -> str:
    """The verification method of a did:key."""
    return f"{did_key(key)}#{key.multikey}"


def resolve_did_key(method: str) -> PublicKey | None:
    """The key of a did:key's one verification method; None for any other method."""
    did, _, fragment = method.partition("#")
    if not did.startswith("did:key:") or did.removeprefix("did:key:") != fragment:
        return None
    try:
        return PublicKey.from_multikey(fragment)
    except BadKey:
        return None
