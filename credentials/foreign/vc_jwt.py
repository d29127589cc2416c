"""Credentials as signed tokens: VC-JWT of Open Badges 3.0 section 8.2 and VC Data Model 1.1 section 6.3.1 (the credential in a `vc` claim),
and W3C VC-JOSE-COSE section 3.1.1 (`vc+jwt`: the token's payload is the credential).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import Malformed, NotProven
from credentials.foreign.badges import issuer_of
from credentials.keys import controllers, jws
from credentials.keys.controllers import Found, Supplied
from credentials.times import foreign_moment, stamp

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
_TYPES = {
    "jwt": "claim",
    "vc+jwt": "payload",
    "vc-ld+jwt": "payload",
    "vc+ld+jwt": "payload",
    "vc+ld+json+jwt": "payload",
}
_HEADER = {"alg", "kid", "jwk", "typ", "cty", "iss", "x5t", "x5t#S256"}  # the last three say nothing that we act upon
_REGISTERED = {"iss", "sub", "nbf", "exp", "jti", "iat", "vc", "aud", "nonce"}


@dataclass(frozen=True)
class Token:
    """A read token. `credential` is whole: what the claims say instead of it has been put into it. Nothing is proven."""

    header: JsonObject
    credential: JsonObject
    issuer: str
    form: str


def read(compact: str) -> Token:
    """Take a token apart and bring claims and credential together. Raises NotProven where they contradict each other, Malformed."""
    header, claims = jws.peek(compact)
    form = _form(header, claims)
    if form == "claim":
        return _from_claim(header, claims)
    credential = {name: value for name, value in claims.items() if name not in _REGISTERED}
    issuer = issuer_of(credential)
    _agree(claims, credential, issuer)
    for claim, name in (("nbf", "validFrom"), ("exp", "validUntil")):  # a token's own limits count as the credential's
        if claim in claims and name not in credential:
            credential[name] = stamp(_moment(claims, claim))
    return Token(header, credential, issuer, "VC-JOSE-COSE (vc+jwt)")


def read_anyway(compact: str) -> JsonObject:
    """The credential in a token even where its claims contradict it, only to see what kind of document it is. Raises Malformed."""
    _, claims = jws.peek(compact)
    inner = claims.get("vc", claims)
    if not isinstance(inner, dict):
        raise Malformed("the token holds no credential")
    return inner


def verify(compact: str, token: Token, supplied: Supplied) -> Found:
    """The key that signed the token. Raises NotProven (with NotAtHand where only the key is missing), BadKey, Malformed."""
    header = token.header
    algorithm = header.get("alg")
    _check_header(header)
    found = _key(header, token.issuer, supplied)
    signed, _, signature = compact.rpartition(".")
    found.key.verify(str(algorithm), b64u_decode(signature), signed.encode())
    return found


def _form(header: JsonObject, claims: JsonObject) -> str:
    typ = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    form = _TYPES.get(typ)
    if form is None:
        raise NotProven("type", f"a token of the type {typ[:40]!r} is no credential; it was signed for another purpose")
    if "vc" in claims and "@context" in claims:
        raise NotProven("type", "the token holds two credentials, one beside and one inside its claim 'vc'")
    if form == "payload" and "vc" in claims:
        raise NotProven("type", f"a token of the type {typ} has no claim 'vc'")
    return "claim" if "vc" in claims else "payload"


def _check_header(header: JsonObject) -> None:
    algorithm = header.get("alg")
    if isinstance(algorithm, str) and algorithm.lower() == "none":
        raise NotProven("signature", "the token says of itself that it is not signed (alg none)")
    if isinstance(algorithm, str) and algorithm.startswith("HS"):
        raise NotProven(
            "signature",
            f"{algorithm[:20]} is made with a shared secret, and what is published is no secret; anybody could have made it",
        )
    if algorithm not in ALGORITHMS:
        raise NotProven("signature", f"we do not know the algorithm {str(algorithm)[:20]!r}")
    if "crit" in header or "b64" in header:
        raise NotProven("signature", "it asks for extensions that we do not know")
    if unknown := set(header) - _HEADER:
        raise NotProven("signature", f"its header says {min(unknown)[:40]!r}, which we do not act upon")


def _key(header: JsonObject, issuer: str, supplied: Supplied) -> Found:
    kid, jwk = header.get("kid"), header.get("jwk")
    if kid is None and jwk is None:
        if issuer.startswith(("did:key:", "did:jwk:")):
            return controllers.find(issuer, issuer, supplied)
        raise NotProven("signature", "the token names no key")
    if kid is not None and not isinstance(kid, str):
        raise NotProven("signature", "the token's kid is not a text")
    carried = None if jwk is None else controllers.embedded(jwk, issuer, supplied)
    if kid is None or (carried is not None and ":" not in kid and not kid.startswith("#")):
        return carried or _refuse()
    named = kid if ":" in kid or kid.startswith("#") else f"{issuer}#{kid}"
    try:
        found = controllers.find(named, issuer, supplied)
    except controllers.NotAtHand:
        if carried is None:
            raise
        return carried
    if carried is not None and carried.key.name != found.key.name:
        raise NotProven("signature", "the token carries another key than the one that it names")
    return found


def _refuse() -> Found:
    raise NotProven("signature", "the token names no key")


def _from_claim(header: JsonObject, claims: JsonObject) -> Token:
    inner = claims["vc"]
    if not isinstance(inner, dict):
        raise Malformed("the token's claim 'vc' is not an object")
    credential: JsonObject = dict(inner)
    iss = claims.get("iss")
    if "issuer" not in credential and isinstance(iss, str):
        credential["issuer"] = iss
    issuer = issuer_of(credential)
    if not isinstance(iss, str):
        raise NotProven("signature", "the token does not say who made it (iss)")
    begins, ends = ("validFrom", "validUntil") if "validFrom" in credential else ("issuanceDate", "expirationDate")
    for claim, name in (("jti", "id"), ("nbf", begins), ("exp", ends)):
        if claim in claims and name not in credential:
            credential[name] = stamp(_moment(claims, claim)) if claim != "jti" else claims[claim]
    subject = credential.get("credentialSubject")
    if isinstance(subject, dict) and "id" not in subject and isinstance(claims.get("sub"), str):
        credential["credentialSubject"] = {**subject, "id": claims["sub"]}
    _agree(claims, credential, issuer)
    return Token(header, credential, issuer, "VC-JWT (vc claim)")


def _agree(claims: JsonObject, credential: JsonObject, issuer: str) -> None:
    """A claim and the member that it stands for say the same, or else one reader sees one and another the other."""
    subject = credential.get("credentialSubject")
    said: list[tuple[str, object]] = [("iss", issuer), ("jti", credential.get("id"))]
    if isinstance(subject, dict):
        said.append(("sub", subject.get("id")))
    for name, value in said:
        if name in claims and claims[name] != value:
            raise NotProven("signature", f"the token's {name!r} contradicts the credential in it")
    for name, members in (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate"))):
        for member in members:
            if name in claims and member in credential and _moment(claims, name) != _second(credential[member]):
                raise NotProven("dates", f"the token's {name!r} contradicts the credential's {member!r}")


def _moment(claims: JsonObject, name: str) -> datetime:
    value: Any = claims[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**37:
        raise Malformed(f"the token's {name!r} is not a number of seconds since 1970")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError) as reason:
        raise Malformed(f"the token's {name!r} lies beyond all calendars") from reason


def _second(text: object) -> datetime:
    return foreign_moment(text).replace(microsecond=0)
