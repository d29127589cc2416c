"""`invigil change-key`: another key signs certificates from now on; the public log says since when, and what the old one is worth.

The new key is on disk before the log names it, and takes its place only afterwards: whenever this is cut off, running it again
finishes it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exam_api.certificates.service import keys
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.keyring import drop_next, next_issuer, prepare_issuer, take_next


@dataclass(frozen=True)
class KeyChange:
    """The new key; the numbers of its entry and of the one that ends the old key, None where an earlier run wrote them."""

    key: str
    added: int | None = None
    ended: int | None = None


async def change_key(
    here: Installation, key_file: Path, now: datetime, chance: Callable[[int], bytes], last_valid: int | None
) -> KeyChange:
    """Replace the issuer's key. `last_valid` as in `keys.change`. Raises `Invalid`, `IssuerKeyChanged`."""
    with _alone(key_file):
        waiting = next_issuer(key_file)
        if waiting is not None:
            async with transaction(here.sessions) as session:
                named = (await keys.known(session, here)).current == waiting.public
            if named:  # the log names it already: an earlier run was cut off between the log and the file
                take_next(key_file)
                return KeyChange(waiting.kid)
            drop_next(key_file)
        key = prepare_issuer(key_file, chance)
        # Where the commit itself fails, nobody knows whether it reached the database: the next run looks, and decides.
        async with transaction(here.sessions) as session:
            done = await keys.change(session, here, key, now, last_valid)
        take_next(key_file)
        return KeyChange(key.kid, done.added, done.ended)


@contextmanager
def _alone(key_file: Path) -> Iterator[None]:
    with key_file.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
