"""Credentials and presentations inside a token (VCDM 2.0 section 4.12.1, VC-JOSE-COSE): made with Ed25519, read with any algorithm
of `credentials.foreign.vc_jwt`. The key has to be the very identifier of who signed (did:key, did:jwk): nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.canonical import Json, JsonObject, b64u, b64u_decode, check, jcs
from credentials.errors import CredentialError
from credentials.foreign import proving, vc_jwt
from credentials.keys import controllers, jws
from credentials.keys.ed25519 import SigningKey
from credentials.linked_data.contexts import VC
from credentials.linked_data.opened import OPEN, check_shape
from credentials.times import from_seconds
from credentials.vcdm import problems
from credentials.vcdm.model import ENVELOPED, read_envelope
from credentials.vcdm.problems import ProofRefused

MEDIA_TYPE = "application/vc+jwt"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"
_CREDENTIALS = {MEDIA_TYPE, "application/jwt", "application/vc-ld+jwt", "application/vc+ld+json+jwt"}
_PRESENTATIONS = {"application/vp+jwt", "application/jwt", "application/vp-ld+jwt", "application/vp+ld+json+jwt"}
_HEADER = {"alg", "typ", "kid", "cty"}


@dataclass(frozen=True)
class Presented:
    """A presentation whose token holds: who signed it, for which challenge and domains."""

    document: JsonObject
    signer: str
    challenge: Json
    domains: tuple[Json, ...]


def seal(credential: JsonObject, key: SigningKey, method: str) -> JsonObject:
    """The credential as an EnvelopedVerifiableCredential. Raises UndefinedTerm, Malformed as an embedded proof would."""
    OPEN.canonical(credential)
    header = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": method}
    signed = f"{b64u(jcs(header))}.{b64u(jcs(credential))}"
    token = f"{signed}.{b64u(key.sign(signed.encode()))}"
    return {"@context": [VC], "id": f"data:{MEDIA_TYPE},{token}", "type": ENVELOPED}


def open_credential(document: JsonObject, at: datetime) -> tuple[JsonObject, str]:
    """The credential in the envelope and its issuer, whose key signed it. Raises ProofRefused, Nonconforming, Malformed."""
    token = _token(document, _CREDENTIALS)
    try:
        proven = proving.prove(token, proving.NOTHING, at)
    except CredentialError as error:
        raise ProofRefused(getattr(error, "reason", str(error)), problems.CRYPTOGRAPHIC) from error
    issuer = proven.credential["issuer"]
    if proven.found.vouched != "identifier":
        raise ProofRefused("the token brings its own key along, which is not its issuer's identifier")
    OPEN.canonical(proven.credential)
    return proven.credential, issuer["id"] if isinstance(issuer, dict) else issuer


def open_presentation(document: JsonObject, at: datetime) -> Presented:
    """The presentation in the envelope. Raises ProofRefused, Nonconforming, Malformed."""
    token = _token(document, _PRESENTATIONS)
    header, claims = jws.peek(token)
    inner = claims.get(
        "vp", {name: each for name, each in claims.items() if name not in {"aud", "nonce", "exp", "nbf"}}
    )
    signer, method = claims.get("iss"), header.get("kid")
    if not isinstance(inner, dict) or ("vp" in claims and "@context" in claims):
        raise ProofRefused("the token holds no presentation, or two", problems.PARSING)
    if signer is None:
        holder = inner.get("holder")
        signer = holder.get("id") if isinstance(holder, dict) else holder
    if not isinstance(signer, str) or not isinstance(method, str) or set(header) - _HEADER:
        raise ProofRefused("the token names its signer (iss) and the key (kid), and asks for nothing else")
    _verify(token, str(header.get("alg")), method, signer)
    exp = claims.get("exp")
    if exp is not None and (not isinstance(exp, int) or isinstance(exp, bool) or from_seconds(exp) <= at):
        raise ProofRefused("the token has expired")
    audience = claims.get("aud", [])
    check(inner)
    check_shape(
        inner
    )  # nobody canonicalizes the whole of it, so many large credentials would keep us busy for a minute
    return Presented(inner, signer, claims.get("nonce"), tuple(audience) if isinstance(audience, list) else (audience,))


def _verify(token: str, algorithm: str, method: str, signer: str) -> None:
    signed, _, signature = token.rpartition(".")
    if algorithm not in vc_jwt.ALGORITHMS:
        raise ProofRefused(f"we do not know the algorithm {algorithm[:20]!r}")
    try:
        found = controllers.find(method, signer, proving.NOTHING)
        found.key.verify(algorithm, b64u_decode(signature), signed.encode())
    except CredentialError as error:
        raise ProofRefused(getattr(error, "reason", str(error)), problems.CRYPTOGRAPHIC) from error
    if found.vouched != "identifier":
        raise ProofRefused("the token brings its own key along, which is not its signer's identifier")


def _token(document: JsonObject, known: set[str]) -> str:
    media, token = read_envelope(document)
    if media not in known:
        raise ProofRefused(f"an envelope of the type {media[:60]} is not read here", problems.PARSING)
    return token
