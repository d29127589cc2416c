"""`invigil change-key`: another key signs from now on; the public log says since when, and what the old one is worth.

The new key is on disk before the log names it, and takes its place only afterwards: whenever this is cut off, running it again
finishes it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.keys.ed25519 import SigningKey
from credentials.keys.signers import Signer
from credentials.transparency.entries import PURPOSES, Purpose
from exam_api.certificates import queries
from exam_api.certificates.service import keys
from exam_api.db.session import transaction
from exam_api.errors import Invalid
from exam_api.installation import Installation
from exam_api.keyring import drop_next, forget_former, next_key, prepare, take_next
from exam_api.web.i18n import _

UNFINISHED = _("The log's key before this one still signs. First: invigil change-key --log --finish")
ELSEWHERE = _(
    "The key that signs certificates is not in the key file. Name the new one: invigil change-key --key ADDRESS"
)
RESTARTED = _("An earlier change of another key was finished just now. Give this command again.")
Change = Callable[[AsyncSession, Installation, SigningKey, datetime, int | None], Awaitable[keys.Changed]]
WITH_FILE = _("Another place can be named for the key that signs certificates only.")
CHANGES: dict[Purpose, Change] = {"issuer": keys.change, "receipt": keys.change_receipts, "log": keys.change_log}


@dataclass(frozen=True)
class KeyChange:
    """The new key; the numbers of its entry and of the one that ends the old key, None where an earlier run wrote them or where
    the old key still signs.
    """

    key: str
    added: int | None = None
    ended: int | None = None


async def change_key(
    here: Installation,
    key_file: Path,
    now: datetime,
    chance: Callable[[int], bytes],
    last_valid: int | None,
    purpose: Purpose = "issuer",
) -> KeyChange:
    """Replace a key. `last_valid` as in `keys.change`. Raises `Invalid`, `IssuerKeyChanged`."""
    with _alone(key_file):
        if (done := await _finish_begun(here, key_file, purpose)) is not None:
            return done
        if purpose == "log" and here.keyring.log_former is not None:
            raise Invalid(UNFINISHED)
        key = prepare(key_file, purpose, chance, stolen=last_valid is not None)
        # Where the commit itself fails, nobody knows whether it reached the database: the next run looks, and decides.
        async with transaction(here.sessions) as session:
            done_now = await CHANGES[purpose](session, here, key, now, last_valid)
        take_next(key_file)
        if purpose == "log" and done_now.ended is not None:
            forget_former(key_file)  # somebody else had it: it signs nothing more
        return KeyChange(key.kid, done_now.added, done_now.ended)


async def change_to(here: Installation, key: Signer, now: datetime, last_valid: int | None) -> KeyChange:
    """Let a key that is kept elsewhere sign certificates; the log says so, and INVIGIL_ISSUER_KEY must say it next.
    Running it again changes nothing. Raises `Invalid`, `IssuerKeyChanged`, `SignerFailed`.
    """
    async with transaction(here.sessions) as session:
        rows = await queries.log_keys(session, "issuer")
        if any(row.key == key.kid and row.retired is None and row.compromised is None for row in rows):
            return KeyChange(key.kid)
        done = await keys.change(session, here, key, now, last_valid)
    return KeyChange(key.kid, done.added, done.ended)


async def _finish_begun(here: Installation, key_file: Path, purpose: Purpose) -> KeyChange | None:
    """Where an earlier run was cut off between the log and the file, the file follows; None where there is more to do."""
    for begun in PURPOSES:
        waiting = next_key(key_file, begun)
        if waiting is None:
            continue
        async with transaction(here.sessions) as session:
            named = any(row.key == waiting.kid for row in await queries.log_keys(session, begun))
        if not named:
            drop_next(key_file)
            continue
        take_next(key_file)
        if begun == purpose:
            return KeyChange(waiting.kid)
        raise Invalid(RESTARTED)
    return None


async def finish_log(here: Installation, key_file: Path, now: datetime) -> int:
    """Retire the log's former key, and forget it; the number of the entry that says so. Raises `Invalid`."""
    with _alone(key_file):
        async with transaction(here.sessions) as session:
            ended = await keys.finish_log(session, here, now)
        forget_former(key_file)
        return ended


@contextmanager
def _alone(key_file: Path) -> Iterator[None]:
    with key_file.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
