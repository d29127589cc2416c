"""The three doors: passkey, password with a code, activation code."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import people
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import CeremonyOut, PasskeySignIn, PasswordSignIn, Visitor, plain_email
from exam_api.accounts.service import codes, passkeys, password, throttle
from exam_api.accounts.service.sessions import Opened, end_all, open_session
from exam_api.db.session import transaction
from exam_api.errors import CodeNotValid, PasskeyRefused, SignInFailed
from exam_api.installation import Installation


async def ask_anyone(
    session: AsyncSession, here: Installation, visitor: Visitor, now: datetime, chance: Callable[[int], bytes]
) -> CeremonyOut:
    """A challenge for any passkey that the browser has for this site."""
    await throttle.admit(here, [throttle.asking_door(here, visitor.address)], now)
    asked = await passkeys.ask_passkey(
        session,
        here,
        kind=passkeys.SIGN_IN,
        user_id=None,
        challenge=chance(32),
        context={},
        expires_at=now + passkeys.LIFE,
    )
    return CeremonyOut(id=asked.id, publicKey=asked.options)


async def with_passkey(
    session: AsyncSession,
    here: Installation,
    body: PasskeySignIn,
    visitor: Visitor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Opened:
    """Sign in with a passkey. Raises `PasskeyRefused`, `TooManyTries`."""
    doors = [
        throttle.address_door(here, visitor.address),
        throttle.passkey_door(here, str(body.credential.get("id"))),
    ]
    await throttle.admit(here, doors, now)
    # Taken in a transaction of its own: a challenge answered wrongly is used up as well.
    async with transaction(here.sessions) as own:
        challenge = await queries.take_challenge(own, body.id, passkeys.SIGN_IN, now)
    if challenge is None:
        raise PasskeyRefused(passkeys.TOO_LATE)
    passkey = await passkeys.verify(session, here, challenge.challenge, body.credential, now)
    user = await people.find_user(session, passkey.user_id)
    if user is None or user.disabled_at is not None:
        raise SignInFailed("This account is switched off. Ask the people who run your exams.")
    opened = await open_session(session, user, "passkey", visitor, now, chance)
    await throttle.forgive(session, doors)  # last: its row is everybody's behind this address, held until the commit
    return opened


async def with_password(
    session: AsyncSession,
    here: Installation,
    body: PasswordSignIn,
    visitor: Visitor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Opened:
    """Sign in with password and code. Raises `SignInFailed`, `TooManyTries`."""
    email = _typed_email(body.email)
    doors = [throttle.address_door(here, visitor.address), throttle.account_door(here, email)]
    await throttle.admit(here, doors, now)
    found = await people.find_user_by_email(session, email)
    user = await password.check(session, here, found, body.password, body.code, now)
    opened = await open_session(session, user, "password", visitor, now, chance)
    await throttle.forgive(session, doors)  # last: its row is everybody's behind this address, held until the commit
    return opened


def _typed_email(text: str) -> str:
    """What cannot be an address is nobody's: it fails like any unknown one, later and in the same words."""
    try:
        return plain_email(text)
    except ValueError:
        return text.strip().lower()


async def with_code(
    session: AsyncSession,
    here: Installation,
    code: str,
    visitor: Visitor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Opened:
    """Open the short session in which a person adds a way in. Raises `CodeNotValid`, `TooManyTries`.

    Every other session of the account ends: a new code is what one gets after losing a device.
    """
    doors = [throttle.address_door(here, visitor.address)]
    await throttle.admit(here, doors, now)
    user = await people.find_user(session, await codes.use(session, code, now))
    if user is None or user.disabled_at is not None:
        raise CodeNotValid
    await end_all(session, user.id, now, but=None, by=user.id)
    opened = await open_session(session, user, "activation", visitor, now, chance)
    await throttle.forgive(session, doors)
    return opened
