"""The fallback: a password and a code from an authenticator app. Never one without the other.

argon2id with the memory and time that OWASP's password storage cheat sheet names; codes as RFC 6238 says (SHA-1, six
digits, 30 seconds: what every authenticator app can do), each usable once; the shared secret sealed with AES-256-GCM.
"""

import asyncio
import base64
import hmac
import json
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, b64u_decode
from credentials.errors import Malformed
from exam_api.accounts.queries import people
from exam_api.accounts.schemas import NewPassword, PasswordOffer
from exam_api.db.models.accounts import User
from exam_api.errors import CodeNotValid, Invalid, SignInFailed
from exam_api.installation import Installation
from exam_api.web.i18n import _

STEP = 30
OFFER_LIFE = timedelta(minutes=30)
WRONG_DIGITS = _("The six digits did not match. Wait for the next ones in your app and type those.")
TOO_SHORT = _("A password has at least 12 characters. Four or five words are easy to remember.")
TOO_EASY = _("This password is easy to guess. Take a few words that have nothing to do with you.")
# 47 MiB and one pass: about 40 ms here; a guess costs an attacker the same.
HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1, type=Type.ID)
# Checked when there is no such account, so that an unknown address takes as long as a wrong password.
NOBODY_HASH: Final = HASHER.hash("nobody has this password", salt=b"invigil: nobody.")
NOBODY_SECRET: Final = base64.b32encode(b"nobody has this one.").decode()


def _normal(password: str) -> bytes:
    """NFKC (NIST SP 800-63B, 3.1.1.2): the same keys give the same bytes on every keyboard."""
    return unicodedata.normalize("NFKC", password).encode()


# --- signing in ---
async def check(
    session: AsyncSession, here: Installation, user: User | None, password: str, code: str, now: datetime
) -> User:
    """The account, when both fit. Raises `SignInFailed` otherwise, in the same words and the same time for every cause."""
    hashed, sealed = (user.password_hash, user.totp_secret) if user else (None, None)
    is_known = user is not None and user.disabled_at is None and hashed is not None and sealed is not None
    is_password = await asyncio.to_thread(_matches, hashed or NOBODY_HASH, password)
    secret = open_secret(here, user.id, sealed) if user is not None and sealed is not None else NOBODY_SECRET
    step = matching_step(secret, code, now)
    if user is None or not is_known or not is_password or step is None:
        raise SignInFailed
    if not await people.claim_totp_step(session, user.id, step):
        raise SignInFailed
    return user


def hash_word(word: str) -> str:
    """What to keep of a shared word, such as an exam's password. Slow on purpose: call it in a thread."""
    return HASHER.hash(_normal(word))


def is_word(hashed: str, word: str) -> bool:
    """Whether this is the word that was hashed. Slow on purpose: call it in a thread."""
    return _matches(hashed, word)


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, _normal(password))
    except VerificationError:
        return False


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` belongs to: this one, or a neighbour for a clock that is off (RFC 6238, section 5.2)."""
    digits = code.replace(" ", "").encode()
    totp = pyotp.TOTP(secret, interval=STEP)
    this = int(now.timestamp()) // STEP
    matches = [
        step for step in (this - 1, this, this + 1) if hmac.compare_digest(totp.generate_otp(step).encode(), digits)
    ]
    return max(matches, default=None)


# --- setting up ---
def offer(
    here: Installation, user_id: UUID, email: str, now: datetime, chance: Callable[[int], bytes]
) -> PasswordOffer:
    """A new secret for an authenticator app. It travels sealed and is stored only once a code proves that the app has it."""
    secret = base64.b32encode(chance(20)).decode()
    until = int((now + OFFER_LIFE).timestamp())
    sealed = _seal(here, b"offer:" + user_id.bytes, json.dumps([secret, until]).encode(), chance)
    return _offer(b64u(sealed), secret, email)


def same_offer(here: Installation, user_id: UUID, email: str, sealed: str, now: datetime) -> PasswordOffer:
    """The offer that was sealed for this account a few minutes ago. Raises `CodeNotValid`."""
    return _offer(sealed, _accept(here, user_id, sealed, now), email)


def _offer(sealed: str, secret: str, email: str) -> PasswordOffer:
    uri = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name="Invigil")
    return PasswordOffer(sealed=sealed, secret=secret, uri=uri)


def qr_svg(uri: str) -> str:
    """The QR code of an authenticator URI, dark on light whatever the page's colours are, for scanners insist."""
    return segno.make(uri, error="m").svg_inline(scale=5, border=4, light="#fff", svgclass="qr", lineclass=None)


async def keep(
    session: AsyncSession,
    here: Installation,
    user: User,
    body: NewPassword,
    now: datetime,
    chance: Callable[[int], bytes],
) -> None:
    """Set or replace password and authenticator. Raises `CodeNotValid` (offer), `SignInFailed` (code), `Invalid` (password)."""
    secret = _accept(here, user.id, body.sealed, now)
    check_strength(body.password, user.email, user.name)
    step = matching_step(secret, body.code, now)
    if step is None:
        raise SignInFailed(WRONG_DIGITS)
    user.password_hash = await asyncio.to_thread(HASHER.hash, _normal(body.password), salt=chance(16))
    user.totp_secret = _seal(here, b"totp:" + user.id.bytes, secret.encode(), chance)
    user.totp_last_step = step  # the code just shown cannot be used to sign in
    await session.flush()


def remove(user: User) -> None:
    """Forget password and authenticator."""
    user.password_hash = None
    user.totp_secret = None


def check_strength(password: str, email: str, name: str) -> None:
    """Length is what counts (NIST SP 800-63B); the few shapes that any guesser tries first are refused. Raises `Invalid`."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    own_words = {word.casefold() for word in (*email.split("@"), *name.split()) if len(word) >= 4}
    rest = plain
    for word in own_words:
        rest = rest.replace(word, "")
    if len(plain) < 12:
        raise Invalid(TOO_SHORT)
    if len(set(plain)) < 5 or len(rest) < 8 or plain in "01234567890123456789" or plain in "abcdefghijklmnopqrstuvwxyz":
        raise Invalid(TOO_EASY)


def open_secret(here: Installation, user_id: UUID, sealed: bytes) -> str:
    """The authenticator secret of an account. A sealed secret moved to another account does not open."""
    return _open(here, b"totp:" + user_id.bytes, sealed).decode()


def _accept(here: Installation, user_id: UUID, sealed: str, now: datetime) -> str:
    try:
        secret, until = json.loads(_open(here, b"offer:" + user_id.bytes, b64u_decode(sealed)))
    except (InvalidTag, Malformed, ValueError) as error:
        raise CodeNotValid(_("This set-up does not belong to you. Please start again.")) from error
    if until < now.timestamp():
        raise CodeNotValid(_("This set-up took too long. Please start again."))
    return str(secret)


def _seal(here: Installation, purpose: bytes, plain: bytes, chance: Callable[[int], bytes]) -> bytes:
    nonce = chance(12)
    return nonce + AESGCM(here.keyring.vault).encrypt(nonce, plain, purpose)


def _open(here: Installation, purpose: bytes, sealed: bytes) -> bytes:
    return AESGCM(here.keyring.vault).decrypt(sealed[:12], sealed[12:], purpose)
