"""Whom a verifier trusted before it saw the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from credentials.anchors import anchor
from credentials.anchors.anchor import AnchorTrust
from credentials.canonical import load
from credentials.errors import Malformed
from credentials.keys.ed25519 import PublicKey
from credentials.transparency.policy import Policy, read

_KEYS = ("issuer_keys", "log_keys", "receipt_keys")


@dataclass(frozen=True)
class Trust:
    """The keys that the verifier knew beforehand. Where `issuer_keys` (for receipts `receipt_keys`) are given, no other
    key counts but those that the history in a log of `log_keys` names; where `log_keys` are given, a certificate needs a
    proof from that log, and `origin` names it. `policy`: which witnesses must have cosigned that log. Empty: the file's own
    claims are followed, and the report says so. `anchors`: authorities and blocks outside of any log.
    """

    issuer_keys: tuple[PublicKey, ...] = ()
    log_keys: tuple[PublicKey, ...] = ()
    origin: str | None = None
    receipt_keys: tuple[PublicKey, ...] = ()
    policy: Policy | None = None
    anchors: AnchorTrust = field(default_factory=AnchorTrust)


def trust_from(document: bytes) -> Trust:
    """Read `{"issuer_keys": [multikey…], "log_keys": […], "receipt_keys": […], "origin": text,
    "policy": text, "anchors": `anchors.anchor.trust_from`}`, each as far as it is known. Raises Malformed, BadKey.
    """
    file = load(document)
    origin, rules = file.get("origin"), file.get("policy")
    if set(file) - {*_KEYS, "origin", "policy", "anchors"} or not all(
        isinstance(each, str | None) for each in (origin, rules)
    ):
        raise Malformed(
            "a trust file has issuer_keys, log_keys, receipt_keys, origin, policy and anchors, nothing else"
        )
    lists = [file.get(name, []) for name in _KEYS]
    if any(not isinstance(each, list) for each in lists) or not any(lists):
        raise Malformed("a trust file lists at least one key")
    issuer, logs, receipts = (tuple(PublicKey.from_multikey(str(text)) for text in texts) for texts in lists)
    outside = anchor.trust_from(file.get("anchors", {}))
    return Trust(issuer, logs, origin, receipts, None if rules is None else read(rules.encode()), outside)
