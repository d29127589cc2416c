"""Check an anchor of whichever kind, offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from credentials.anchors import evm, ots, rfc3161
from credentials.anchors.anchor import Anchored, AnchorTrust
from credentials.canonical import JsonObject
from credentials.errors import CredentialError, Malformed

KINDS: Mapping[str, Callable[[JsonObject, str, AnchorTrust], Anchored]] = {
    rfc3161.KIND: rfc3161.check,
    ots.KIND: ots.check,
    evm.KIND: evm.check,
}


def check(found: JsonObject, text: str, trusted: AnchorTrust) -> Anchored:
    """What an anchor, as a file carries it, proves of a checkpoint's text. Raises Malformed, NotProven, Incapable."""
    kind = KINDS.get(str(found.get("kind")))
    if kind is None:
        raise Malformed(f"an anchor of the kind {str(found.get('kind'))[:40]!r} is none that we know")
    try:
        return kind(found, text, trusted)
    except CredentialError:
        raise
    except Exception as reason:
        # Fuzzed bytes raise whatever the libraries for ASN.1 and RLP happen to meet: KeyError, InvalidVersion, DecodingError.
        raise Malformed("a part of the anchor is damaged") from reason
