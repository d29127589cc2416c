"""Passkeys (WebAuthn Level 3): registration, sign-in, and the signature under a statement.

User verification is always required: a passkey then is two factors, the device and its owner's finger, face or PIN.
Attestation is not asked for: we do not need to know the make of anybody's device.
"""

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from exam_api.accounts.queries import people
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import CeremonyOut
from exam_api.db.models.accounts import Challenge, Passkey, User
from exam_api.errors import Invalid, NotFound, PasskeyNeeded, PasskeyRefused
from exam_api.installation import Installation
from exam_api.web.i18n import _

log = logging.getLogger("exam_api.accounts")
LIFE = timedelta(minutes=5)
MAX_ANSWER = 20_000  # characters; a passkey's answer has some 1,000
SIGN_IN, REGISTER = "sign-in", "register"
TOO_LATE = _("This took too long, or was answered twice. Please start again.")
# What a malformed answer makes the library raise: its own errors, and those of base64 and CBOR (ValueError).
NOT_PROVEN = (WebAuthnException, ValueError, KeyError, TypeError, OverflowError)


@dataclass(frozen=True)
class Asked:
    """A question to a passkey: `options` for `navigator.credentials.get`, `id` for the way back."""

    id: UUID
    options: dict[str, Any]


async def ask_passkey(
    session: AsyncSession,
    here: Installation,
    *,
    kind: str,
    user_id: UUID | None,
    challenge: bytes,
    context: dict[str, Any],
    expires_at: datetime,
) -> Asked:
    """Ask for a signature over `challenge`; `context` is what it means, given back by `prove_passkey`.

    With an account, only its own passkeys may answer; without one, any that the browser knows for this site.
    Raises `PasskeyNeeded` when the account has none.
    """
    allowed = []
    if user_id is not None:
        allowed = [
            PublicKeyCredentialDescriptor(each.credential_id) for each in await people.passkeys_of(session, user_id)
        ]
        if not allowed:
            raise PasskeyNeeded
    row = await _keep(session, kind, user_id, challenge, context, expires_at)
    return Asked(row.id, _options(here, challenge, allowed))


def _options(here: Installation, challenge: bytes, allowed: list[PublicKeyCredentialDescriptor]) -> dict[str, Any]:
    options = webauthn.generate_authentication_options(
        rp_id=here.rp_id,
        challenge=challenge,
        allow_credentials=allowed,
        timeout=int(LIFE.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


# --- a browser that knows no passkeys asks, and another device of the same person answers ---
async def find_waiting(
    session: AsyncSession, here: Installation, user_id: UUID, kinds: Collection[str], now: datetime
) -> tuple[Challenge, Asked] | None:
    """The newest question of these kinds that this person has not answered yet, to be asked on this device too."""
    row = await queries.find_waiting(session, user_id, kinds, now)
    if row is None:
        return None
    allowed = [PublicKeyCredentialDescriptor(each.credential_id) for each in await people.passkeys_of(session, user_id)]
    return row, Asked(row.id, _options(here, row.challenge, allowed))


async def answer_for(
    session: AsyncSession, user_id: UUID, challenge_id: UUID, credential: dict[str, Any], now: datetime
) -> None:
    """Keep an answer for the device that asked; it is proven there, once. Raises `NotFound`, `Invalid`."""
    try:
        text = json.dumps(credential, allow_nan=False)  # Python reads NaN as a number, the database does not
    except ValueError as error:
        raise Invalid from error
    # base64url and plain names; what the database cannot hold is escaped here
    if len(text) > MAX_ANSWER or "\\u" in text:
        raise Invalid
    row = await queries.find_challenge(session, challenge_id, user_id, now, lock=True)
    if row is None:
        raise NotFound
    row.answer = credential


async def read_answer(session: AsyncSession, user_id: UUID, challenge_id: UUID, now: datetime) -> dict[str, Any] | None:
    """What another device answered; None: not yet. Raises `NotFound` when the time for it is over."""
    row = await queries.find_challenge(session, challenge_id, user_id, now)
    if row is None:
        raise NotFound
    return row.answer


async def prove_passkey(
    session: AsyncSession,
    here: Installation,
    *,
    kind: str,
    user_id: UUID,
    challenge_id: UUID,
    credential: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The context that this account's passkey has just signed, once. Raises `PasskeyRefused`."""
    challenge = await queries.take_challenge(session, challenge_id, kind, now)
    if challenge is None or challenge.user_id != user_id:
        raise PasskeyRefused(TOO_LATE)
    passkey = await verify(session, here, challenge.challenge, credential, now)
    if passkey.user_id != user_id:
        raise PasskeyRefused
    return challenge.context


async def verify(
    session: AsyncSession, here: Installation, challenge: bytes, credential: dict[str, Any], now: datetime
) -> Passkey:
    """The passkey that signed `challenge` (WebAuthn Level 3, section 7.2). Raises `PasskeyRefused`."""
    passkey = await people.lock_passkey(session, credential_id(credential))  # (1) a credential that we know
    if passkey is None:
        raise PasskeyRefused("This passkey is not known here. It may belong to another site, or was removed.")
    try:
        proven = prove(here, challenge, credential, Known(passkey.user_id, passkey.public_key, passkey.sign_count))
    except PasskeyRefused as error:
        # The row's id is ours and names nobody: an operator can follow a counter that went back (a copied key).
        log.warning("passkey %s refused: %s", passkey.id, error.__cause__)
        raise
    passkey.sign_count = proven.new_sign_count
    passkey.backed_up = proven.credential_backed_up
    passkey.last_used_at = now
    await session.flush()
    return passkey


@dataclass(frozen=True)
class Known:
    """What we hold of a passkey: whose it is, its COSE key, and where its counter stood."""

    user_id: UUID
    public_key: bytes
    sign_count: int


def prove(here: Installation, challenge: bytes, credential: dict[str, Any], known: Known) -> VerifiedAuthentication:
    """What a passkey's answer proves (WebAuthn Level 3, section 7.2), without the database. Raises `PasskeyRefused`."""
    _check_owner(credential, known.user_id)  # (2) of the account that it says
    try:  # (3) origin, challenge, user verified, counter, signature
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.rp_id,
            expected_origin=here.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except NOT_PROVEN as error:
        raise PasskeyRefused from error


def _check_owner(credential: dict[str, Any], user_id: UUID) -> None:
    """A discoverable credential names its owner (section 7.2, step 6)."""
    answer = credential.get("response")
    handle = answer.get("userHandle") if isinstance(answer, dict) else None
    if handle is not None and _bytes(handle) != user_id.bytes:
        raise PasskeyRefused


def credential_id(credential: dict[str, Any]) -> bytes:
    """The id by which we know a passkey. Raises `PasskeyRefused`."""
    return _bytes(credential.get("id"))


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or len(text) > 2000:
        raise PasskeyRefused
    try:
        return base64url_to_bytes(text)
    except ValueError as error:
        raise PasskeyRefused from error


# --- registration ---
async def registration_options(
    session: AsyncSession, here: Installation, user_id: UUID, now: datetime, chance: Callable[[int], bytes]
) -> CeremonyOut:
    """Ask the browser for a new discoverable passkey for this account, on a device that has none of it yet."""
    user = await people.find_user(session, user_id)
    assert user is not None  # whoever asks is signed in
    challenge = chance(32)
    row = await _keep(session, REGISTER, user_id, challenge, {}, now + LIFE)
    options = webauthn.generate_registration_options(
        rp_id=here.rp_id,
        rp_name=here.issuer_name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge,
        timeout=int(LIFE.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(each.credential_id) for each in await people.passkeys_of(session, user_id)
        ],
    )
    return CeremonyOut(id=row.id, publicKey=options_to_json_dict(options))


async def register(
    session: AsyncSession,
    here: Installation,
    user: User,
    ceremony: UUID,
    credential: dict[str, Any],
    label: str,
    now: datetime,
) -> Passkey:
    """Keep a new passkey (WebAuthn Level 3, section 7.1). Raises `PasskeyRefused`."""
    challenge = await queries.take_challenge(session, ceremony, REGISTER, now)
    if challenge is None or challenge.user_id != user.id:
        raise PasskeyRefused(TOO_LATE)
    try:
        proven = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.challenge,
            expected_rp_id=here.rp_id,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except NOT_PROVEN as error:
        raise PasskeyRefused from error
    if await people.lock_passkey(session, proven.credential_id) is not None:
        raise PasskeyRefused("This passkey is already in use.")
    passkey = Passkey(
        user_id=user.id,
        credential_id=proven.credential_id,
        public_key=proven.credential_public_key,
        sign_count=proven.sign_count,
        label=label,
        backed_up=proven.credential_backed_up,
        created_at=now,
    )
    session.add(passkey)
    await session.flush()
    return passkey


async def _keep(
    session: AsyncSession,
    kind: str,
    user_id: UUID | None,
    challenge: bytes,
    context: dict[str, Any],
    expires_at: datetime,
) -> Challenge:
    row = Challenge(kind=kind, user_id=user_id, challenge=challenge, context=context, expires_at=expires_at)
    session.add(row)
    await session.flush()
    return row
