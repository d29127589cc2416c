"""Slow down whoever tries a door again and again. The count survives the failed request that it counts."""

import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import sessions as queries
from exam_api.db.session import transaction
from exam_api.errors import TooManyTries
from exam_api.installation import Installation

WINDOW = timedelta(minutes=5)


@dataclass(frozen=True)
class Door:
    """What is tried, by its hashed name, and how often it may be tried in one window."""

    key: str
    limit: int


def account_door(here: Installation, email: str) -> Door:
    return Door(_key(here, "account", email), 10)


def passkey_door(here: Installation, credential_id: str) -> Door:
    """Counted apart from the password: whoever hammers that cannot lock the passkey's owner out."""
    return Door(_key(here, "passkey", credential_id), 10)


def _network(address: str) -> str:
    """Who an address stands for: of IPv6 one line has 2^64 of them (RFC 6177), and a mapped one is IPv4."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(found), 64), strict=False))


def address_door(here: Installation, address: str) -> Door:
    """Only failures stay counted, so an examination hall behind one address can sign in at once."""
    return Door(_key(here, "address", _network(address)), 60)


def asking_door(here: Installation, address: str) -> Door:
    """Asking for a challenge writes a row: a hall full of people may, a flood may not."""
    return Door(_key(here, "asking", _network(address)), 1200)


def exam_door(here: Installation, sitting_id: UUID, user_id: UUID) -> Door:
    """An exam's password, by person: a whole hall may mistype it, nobody can try the dictionary."""
    return Door(_key(here, "exam", f"{sitting_id}:{user_id}"), 10)


def many_door(here: Installation, address: str) -> Door:
    """A table of a thousand certificates keeps a core busy for seconds."""
    return Door(_key(here, "many", _network(address)), 20)


def checking_door(here: Installation, address: str) -> Door:
    """One certificate after another: a company looks at all that it was sent, a flood keeps no core busy. Tables count apart."""
    return Door(_key(here, "checking", _network(address)), 600)


def slow_door(here: Installation, address: str) -> Door:
    """PDFs that took all the time that one may: whose others were read in time are not counted, so an office reads as many as it has."""
    return Door(_key(here, "slow", _network(address)), 40)


def program_door(here: Installation, token: bytes) -> Door:
    """Whoever holds the VC-API's token is known; suites of tests ask some hundred times in a minute."""
    return Door(_key(here, "program", token.hex()), 6000)


def finding_door(here: Installation, address: str) -> Door:
    """Looking for people by their names: enough for whoever knows whom they look for, too few to try a telephone book."""
    return Door(_key(here, "finding", _network(address)), 30)


def register_door(here: Installation, address: str) -> Door:
    """An app makes itself known once; each time writes a row."""
    return Door(_key(here, "register", _network(address)), 20)


def token_door(here: Installation, address: str) -> Door:
    """Many people's tokens come to one app's server, whose secret nobody guesses in any number of tries."""
    return Door(_key(here, "token", _network(address)), 1200)


def _key(here: Installation, kind: str, name: str) -> str:
    return hmac.digest(here.keyring.cookie, f"throttle:{kind}:{name}".encode(), "sha256").hex()


async def admit(here: Installation, doors: list[Door], now: datetime) -> None:
    """Count one try at each door, in a transaction of its own. Raises `TooManyTries`.

    Call it before the request touches its own session: a request then never holds one database connection while it
    waits for a second.
    """
    waits: list[timedelta] = []
    async with transaction(here.sessions) as session:
        for door in sorted(doors, key=lambda door: door.key):  # one order, so that two requests cannot block each other
            tries, since = await queries.count_try(session, door.key, now, WINDOW)
            if tries > door.limit:
                waits.append(since + WINDOW - now)
    if waits:
        seconds = max(1, math.ceil(max(waits).total_seconds()))
        raise TooManyTries(headers={"Retry-After": str(seconds)}, retry_after=seconds)


async def count_here(session: AsyncSession, door: Door, now: datetime) -> None:
    """Count one try in the request's own transaction, which must then be committed although the try fails.

    For a door that a whole hall comes through at once: `admit` would need a second connection for each. Raises
    `TooManyTries`.
    """
    tries, since = await queries.count_try(session, door.key, now, WINDOW)
    if tries > door.limit:
        seconds = max(1, math.ceil((since + WINDOW - now).total_seconds()))
        raise TooManyTries(headers={"Retry-After": str(seconds)}, retry_after=seconds)


async def forgive(session: AsyncSession, doors: list[Door]) -> None:
    """This try succeeded: it does not count, and the account's own counter starts again."""
    for door in sorted(doors, key=lambda door: door.key):
        if door.limit <= 10:
            await queries.forget_tries(session, door.key)
        else:
            await queries.forgive_try(session, door.key)
