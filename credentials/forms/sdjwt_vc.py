"""Certificates for wallets: SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), the second form of the same certificate.

Name, e-mail hash, results and evidence can be kept back; what was achieved, by whom it was issued, its dates and its
status cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credentials.canonical import JsonObject
from credentials.errors import Malformed, NotProven
from credentials.forms import sdjwt
from credentials.forms.sdjwt import SdJwt
from credentials.issuance.certificate import read
from credentials.keys.es256 import WalletKey, WalletSigner
from credentials.revocation import token_status
from credentials.revocation.token_status import Listed, State

TYP = "dc+sd-jwt"
HIDDEN = ("recipient", "email_hash", "results", "evidence")
_ALWAYS_OPEN = {"iss", "nbf", "exp", "cnf", "vct", "status"}  # section 2.2.2.2: else a holder could keep back its end


@dataclass(frozen=True)
class Issued:
    """Who issues: `issuer` is an https address (its metadata lies under /.well-known/jwt-vc-issuer), `vct` the address
    of the credential's type, `status_url` that of the status list.
    """

    issuer: str
    vct: str
    status_url: str


@dataclass(frozen=True)
class Shown:
    """What a presentation proves; `claims` holds only what the holder showed."""

    claims: JsonObject
    state: State | None
    as_of: datetime | None
    bound: bool


def issue(
    certificate: JsonObject,
    by: Issued,
    holder: WalletKey | None,
    key: WalletSigner,
    now: datetime,
    chance: Callable[[int], bytes],
) -> SdJwt:
    """The wallet form of a certificate (an Open Badge, as `certificate.build` gives it), bound to the holder's key where
    one is given. Raises Malformed for a document that is none of ours.
    """
    found = read(certificate)
    subject = certificate["credentialSubject"]
    claims: JsonObject = {
        "iss": by.issuer,
        "vct": by.vct,
        "iat": int(now.timestamp()),
        "nbf": int(found.valid_from.timestamp()),
        "jti": found.id,
        "achievement": {"id": found.achievement, "name": subject["achievement"]["name"]},
        "issuer_name": found.issuer,
        "recipient": found.recipient,
    }
    if found.valid_until is not None:
        claims["exp"] = int(found.valid_until.timestamp())
    if found.status is not None:
        claims["status"] = token_status.entry(by.status_url, found.status[1])
    for identity in subject["identifier"]:
        if identity.get("hashed"):
            claims["email_hash"] = {"hash": identity["identityHash"], "salt": identity["salt"]}
    if found.results:
        claims["results"] = [{"name": name, "value": value} for name, value in found.results]
    if certificate.get("evidence"):
        claims["evidence"] = [{name: each[name] for name in ("name", "narrative")} for each in certificate["evidence"]]
    if holder is not None:
        claims["cnf"] = {"jwk": holder.jwk()}
    hidden = [name for name in HIDDEN if name in claims]
    return sdjwt.issue(TYP, claims, hidden, key, chance, {"kid": key.kid})


def verify(
    text: str,
    key: WalletKey,
    issuer: str,
    at: datetime,
    *,
    status: tuple[str, WalletKey] | None = None,
    challenge: tuple[str, str] | None = None,
) -> Shown:
    """What a presentation proves at `at`. Raises NotProven, Malformed.

    `status` is the status list's token and the key that must have signed it; without it the state stays unknown.
    `challenge` is (audience, nonce): with it the holder's key must have signed this very presentation.
    """
    found = SdJwt.read(text)
    claims = sdjwt.verify(found, TYP, key)
    if kept := _ALWAYS_OPEN & {each.name for each in found.disclosures}:
        raise NotProven("disclosure", f"the claim {min(kept)!r} must stand in the open")
    if claims.get("iss") != issuer:
        raise NotProven("signature", f"it names another issuer than {issuer}")
    if not isinstance(claims.get("vct"), str):
        raise Malformed("the credential does not say of which type it is")
    _check_dates(claims, at)
    if challenge is not None:
        found.check_binding(_holder(claims), *challenge, at)
    elif found.binding is not None:
        raise NotProven("holder", "the presentation is bound to a reader's question, and none was given to compare")
    state, as_of = (None, None) if status is None else _state(claims, status, at)
    return Shown(claims, state, as_of, challenge is not None)


def _holder(claims: JsonObject) -> WalletKey:
    confirmed = claims.get("cnf")
    if not isinstance(confirmed, dict) or "jwk" not in confirmed:
        raise NotProven("holder", "the credential is bound to no key")
    return WalletKey.from_jwk(confirmed["jwk"])


def _check_dates(claims: JsonObject, at: datetime) -> None:
    begins, ends = claims.get("nbf"), claims.get("exp")
    for found in (begins, ends):
        if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
            raise Malformed("the credential's dates are not whole seconds")
    if begins is not None and at.timestamp() < begins:
        raise NotProven("dates", "it is not valid yet")
    if ends is not None and at.timestamp() >= ends:
        raise NotProven("dates", "it has expired")


def _state(claims: JsonObject, status: tuple[str, WalletKey], at: datetime) -> tuple[State, datetime]:
    url, index = token_status.read_entry(claims.get("status"))
    found: Listed
    found, made = token_status.read(status[0], url, status[1], at)
    return found.state(index), made
