"""Certificates for wallets: SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), the second form of the same award.

Name, e-mail hash, score and evidence can be kept back; what was achieved, by whom it was issued, its dates and its
status cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credentials import sdjwt, token_status
from credentials.canonical import JsonObject
from credentials.certificate import Award
from credentials.errors import Malformed, NotProven
from credentials.es256 import WalletKey, WalletSigningKey
from credentials.sdjwt import SdJwt
from credentials.token_status import Listed, State

TYP = "dc+sd-jwt"
HIDDEN = ("recipient", "email_hash", "score", "evidence")
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
    award: Award,
    by: Issued,
    holder: WalletKey | None,
    key: WalletSigningKey,
    now: datetime,
    chance: Callable[[int], bytes],
) -> SdJwt:
    """The wallet form of an award, bound to the holder's key where one is given."""
    claims: JsonObject = {
        "iss": by.issuer,
        "vct": by.vct,
        "iat": int(now.timestamp()),
        "nbf": int(award.valid_from.timestamp()),
        "jti": award.id,
        "achievement": {"id": award.achievement.id, "name": award.achievement.name},
        "issuer_name": award.issuer_name,
        "recipient": award.recipient.name,
        "email_hash": {"hash": award.recipient.email_identity, "salt": award.recipient.email_salt},
        "status": token_status.entry(by.status_url, award.status_index),
    }
    if award.valid_until is not None:
        claims["exp"] = int(award.valid_until.timestamp())
    if award.score is not None:
        claims["score"] = {"value": award.score.value, "maximum": award.score.maximum, "kind": award.score.kind}
    if award.evidence is not None:
        claims["evidence"] = {"name": award.evidence.name, "narrative": award.evidence.narrative}
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
