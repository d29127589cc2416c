"""Certificates for wallets: an offer that is good once and for minutes, and what comes of it (OpenID4VCI 1.0).

Codes and tokens are sealed values, not rows: they say which certificate and until when, and only that one was used is kept.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, b64u_decode
from credentials.errors import Malformed
from credentials.forms import sdjwt_vc, wallet
from credentials.forms.wallet import WalletRefused
from credentials.revocation import status, token_status
from credentials.revocation.token_status import State
from exam_api.attempts import queries as attempts
from exam_api.certificates import queries
from exam_api.certificates.service import institution
from exam_api.certificates.service.statuses import Lists
from exam_api.db.models.certificates import Certificate
from exam_api.errors import WrongState
from exam_api.installation import Installation
from exam_api.web.i18n import _

LIST_LIFE = timedelta(hours=12)
REVOKED = _("A revoked certificate cannot be put into a wallet.")
SUSPENDED = _("A suspended certificate cannot be put into a wallet.")


def issued_by(here: Installation) -> sdjwt_vc.Issued:
    """How wallets know us."""
    base = institution.base(here)
    return sdjwt_vc.Issued(base, f"{base}/types/certificate", f"{base}/status/wallet/{institution.STATUS_LIST}")


def offer(here: Installation, row: Certificate, now: datetime, chance: Callable[[int], bytes]) -> str:
    """The address for the holder's wallet, good once and for five minutes. Raises `WrongState` for a revoked one."""
    if row.revoked_at is not None:
        raise WrongState(REVOKED)
    if row.suspended_at is not None:
        raise WrongState(SUSPENDED)
    code = _sealed(here, b"wallet-code", row.id, now, wallet.CODE_LIFE, chance)
    return wallet.offer(institution.base(here), code)


async def exchange(
    session: AsyncSession, here: Installation, form: Mapping[str, str], now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    """A token for a code that nobody has used. Raises `WalletRefused`."""
    if form.get("grant_type") != wallet.GRANT:
        raise WalletRefused("unsupported_grant_type", "only the pre-authorized code grant is offered here")
    certificate_id = await _once(
        session, here, b"wallet-code", form.get("pre-authorized_code", ""), now, "invalid_grant"
    )
    token = _sealed(here, b"wallet-token", certificate_id, now, wallet.TOKEN_LIFE, chance)
    return {"access_token": token, "token_type": "Bearer", "expires_in": wallet.TOKEN_LIFE}


async def issue(
    session: AsyncSession,
    here: Installation,
    token: str,
    body: dict[str, Any],
    now: datetime,
    chance: Callable[[int], bytes],
) -> dict[str, Any]:
    """The certificate, bound to the key that the wallet has proven. A token is good once. Raises `WalletRefused`."""
    proof = wallet.read_proofs(body)  # first what the wallet can mend and try again with the same token
    holder = wallet.holder_of(proof, institution.base(here), now, lambda nonce: here.keyring.nonces.good(nonce, now))
    certificate_id = await _once(session, here, b"wallet-token", token, now, "invalid_token")
    held = await queries.find_certificate(session, certificate_id)
    if held is None or held.certificate.revoked_at is not None or held.certificate.suspended_at is not None:
        raise WalletRefused("credential_request_denied", "this certificate was taken back meanwhile")
    made = sdjwt_vc.issue(held.certificate.document, issued_by(here), holder, here.keyring.wallet, now, chance)
    return {"credentials": [{"credential": str(made)}]}


async def status_list(session: AsyncSession, here: Installation, now: datetime) -> str:
    """The status of all certificates as wallets' readers ask for it: what the signed list says, in their form."""
    newest = await queries.newest_status(session)
    states: dict[int, State] = {}
    if newest is not None:
        lists = Lists.of(here, newest)
        states = dict.fromkeys(lists.suspended.indices(), State.suspended)
        states |= dict.fromkeys(lists.revoked.indices(), State.invalid)
    found = token_status.listed(states, status.SIZE)
    return token_status.sign(issued_by(here).status_url, found, here.keyring.wallet, now, until=now + LIST_LIFE)


def _sealed(
    here: Installation,
    purpose: bytes,
    certificate_id: UUID,
    now: datetime,
    seconds: int,
    chance: Callable[[int], bytes],
) -> str:
    said = {"id": str(certificate_id), "until": int(now.timestamp()) + seconds}
    return b64u(here.keyring.seal(purpose, json.dumps(said).encode(), chance))


async def _once(
    session: AsyncSession, here: Installation, purpose: bytes, text: str, now: datetime, refusal: str
) -> UUID:
    """The certificate that a sealed value names; the value is spent by that. Raises `WalletRefused`."""
    try:
        sealed = b64u_decode(text[:1000])
        said = json.loads(here.keyring.unseal(purpose, sealed))
    except (Malformed, InvalidTag, ValueError) as error:
        raise WalletRefused(refusal, "it was not given out here") from error
    until = datetime.fromtimestamp(said["until"], tz=now.tzinfo)
    if now >= until:
        raise WalletRefused(refusal, "it was good for some minutes only; ask for a new offer")
    if not await attempts.see_proof(session, f"{purpose.decode()}:{b64u(sealed[:12])}", until):
        raise WalletRefused(refusal, "it was used already; ask for a new offer")
    return UUID(said["id"])
