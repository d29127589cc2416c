"""Our keys as the public log names them: which sign now, which did, and from when one no longer counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.keys import did
from credentials.keys.ed25519 import PublicKey, SigningKey
from credentials.keys.signers import Signer
from credentials.transparency import entries, history
from credentials.transparency.entries import Entry, KeyCompromised, KeyRetired, Purpose
from credentials.transparency.tiles import Tree
from credentials.verification.trust import Trust
from exam_api.certificates import queries
from exam_api.certificates.schemas import TrustOut
from exam_api.certificates.service import institution, statuses
from exam_api.certificates.service.publishing import append
from exam_api.db.models.certificates import LogKey
from exam_api.errors import Invalid, IssuerKeyChanged
from exam_api.installation import Installation
from exam_api.web.i18n import _

ISSUER: Purpose = "issuer"
RECEIPT: Purpose = "receipt"
LOG: Purpose = "log"
LAST_VALID = _("The last entry that counts is -1 (none of them) to {last}, the newest entry of the log.")
FINISHED = _("No key of the public log waits for its end.")
UNUSED = _("This installation has not issued anything with its key yet, so there is nothing to replace.")


@dataclass(frozen=True)
class Known:
    """The issuer's keys. `current` signs, `retired` signed; of a stolen key only what the log held early enough counts. `logs` and
    `receipts`: the keys of the log and for receipts that were not stolen; empty: as the key file has them.
    """

    current: PublicKey
    retired: tuple[PublicKey, ...] = ()
    stolen: tuple[PublicKey, ...] = ()
    logs: tuple[PublicKey, ...] = ()
    receipts: tuple[PublicKey, ...] = ()


@dataclass(frozen=True)
class Changed:
    """The numbers of the entries that name the new key and end the old one; the log's old key ends later."""

    key: str
    added: int
    ended: int | None


async def known(session: AsyncSession, here: Installation) -> Known:
    """As the log tells it; before the first certificate only the key file knows."""
    every, ring = await queries.every_log_key(session), here.keyring
    rows = [row for row in every if row.purpose == ISSUER]
    stolen = tuple(_key(row) for row in rows if row.compromised is not None)
    retired = tuple(_key(row) for row in rows if row.compromised is None and row.retired is not None)
    signing = [_key(row) for row in rows if row.compromised is None and row.retired is None]
    lost = {row.key for row in every if row.compromised is not None}
    logs, receipts = (
        tuple(key for key in keys if key.multikey not in lost) for keys in (ring.log_keys, ring.receipt_keys)
    )
    return Known(signing[0] if signing else ring.issuer.public, retired, stolen, logs, receipts)


def _key(row: LogKey) -> PublicKey:
    return PublicKey.from_multikey(row.key)


def did_document(here: Installation, keys: Known) -> dict[str, Any]:
    """What did:web resolves to. The log's key and a stolen key are named in it but may not sign certificates."""
    logs = keys.logs or (here.keyring.log.public,)
    return did.document(here.issuer_did, [keys.current, *keys.retired], [*logs, *keys.stolen])


def trust(here: Installation, keys: Known) -> Trust:
    """What we ourselves verify with. A stolen key counts only where the log's history lets it. Witnesses are told, but a fresh
    certificate holds before they have answered.
    """
    ring, signing = here.keyring, (keys.current, *keys.retired)
    told = None if here.witness_policy is None else replace(here.witness_policy, quorum=None)
    logs, receipts = keys.logs or ring.log_keys, keys.receipts or ring.receipt_keys
    return Trust(signing, logs, institution.log_origin(here), receipts, told)


def trust_file(here: Installation, keys: Known) -> TrustOut:
    """The same as a file for others."""
    return TrustOut(
        issuer_keys=[key.multikey for key in (keys.current, *keys.retired)],
        log_keys=[key.multikey for key in keys.logs],
        receipt_keys=[key.multikey for key in keys.receipts],
        origin=institution.log_origin(here),
    )


async def events(session: AsyncSession, below: int) -> dict[int, bytes]:
    """The entries about the issuer's keys, and the log's own, among the first `below` of the log, by number."""
    rows = [row for row in await queries.every_log_key(session) if row.purpose != RECEIPT]
    told = {number for row in rows for number in (row.added, row.retired, row.compromised) if number is not None}
    return dict(sorted((await queries.some_entries(session, {each for each in told if each < below})).items()))


def part(told: dict[int, bytes], tree: Tree) -> list[dict[str, Any]]:
    """The history as a certificate's file carries it, under the checkpoint of this tree."""
    return history.part((index, entry, tree.inclusion(index)) for index, entry in told.items())


async def ensure(session: AsyncSession, here: Installation, now: datetime) -> None:
    """Name our key in the log before it first signs. Locks the log until the transaction ends.

    Raises `IssuerKeyChanged` where the log names another one: this process still has the old key file.
    """
    await queries.lock_log(session)
    rows = await queries.log_keys(session, ISSUER)
    own = here.keyring.issuer
    if not rows:
        # Everything that an older version logged was signed by this key.
        await _add(session, here, own, now, 0 if await queries.count_entries(session) else None)
    elif not any(row.key == own.kid and row.retired is None and row.compromised is None for row in rows):
        raise IssuerKeyChanged


async def ensure_receipts(session: AsyncSession, here: Installation, now: datetime) -> None:
    """Name our key for receipts in the log before the first seal stands there. Locks the log until the transaction ends."""
    await queries.lock_log(session)
    if not await queries.log_keys(session, RECEIPT):
        first = 0 if await queries.count_entries(session) else None
        await _add(session, here, here.keyring.receipt, now, first, RECEIPT)


async def change(
    session: AsyncSession, here: Installation, key: Signer, now: datetime, last_valid: int | None
) -> Changed:
    """Let `key` sign certificates from now on. `last_valid` None: the old one is retired, and what it signed stays valid. A number:
    it was stolen, and only what it signed up to that entry counts (-1: nothing). The status list is signed anew at once.

    Raises `Invalid`, `IssuerKeyChanged`.
    """
    await queries.lock_log(session)
    if not await queries.log_keys(session, ISSUER):
        raise Invalid(UNUSED)
    await ensure(session, here, now)
    await _check_last(session, last_valid)
    newest = await queries.newest_status(session)
    added = await _add(session, here, key, now, None)
    ended = await _end(session, here, ISSUER, here.keyring.issuer.public, now, last_valid)
    if newest is not None:
        renewed = replace(here, keyring=replace(here.keyring, issuer=key))
        lists = statuses.Lists.of(here, newest)
        await statuses.publish(session, renewed, newest.version + 1, lists, now)
    return Changed(key.kid, added, ended)


async def change_receipts(
    session: AsyncSession, here: Installation, key: SigningKey, now: datetime, last_valid: int | None
) -> Changed:
    """Let `key` sign receipts from now on; `last_valid` as in `change`. Raises `Invalid`."""
    await ensure_receipts(session, here, now)
    await _check_last(session, last_valid)
    added = await _add(session, here, key, now, None, RECEIPT)
    ended = await _end(session, here, RECEIPT, here.keyring.receipt.public, now, last_valid)
    return Changed(key.kid, added, ended)


async def change_log(
    session: AsyncSession, here: Installation, key: SigningKey, now: datetime, last_valid: int | None
) -> Changed:
    """Let `key` sign the log's heads from now on, beside the former one until `finish_log`. `last_valid` a number: somebody else
    had that; no head of more entries that it alone signed counts. Raises `Invalid`.
    """
    former = here.keyring.log
    await queries.lock_log(session)
    await _check_last(session, last_valid)
    both = replace(here, keyring=replace(here.keyring, log=key, log_former=former))
    added = await _log(session, both, entries.add_log_key(key, former), now)
    if not any(row.key == former.kid for row in await queries.log_keys(session, LOG)):
        session.add(LogKey(key=former.kid, purpose=LOG, added=added))
    session.add(LogKey(key=key.kid, purpose=LOG, added=added))
    await session.flush()
    if last_valid is None:
        return Changed(key.kid, added, None)
    return Changed(key.kid, added, await _end(session, both, LOG, former.public, now, last_valid))


async def finish_log(session: AsyncSession, here: Installation, now: datetime) -> int:
    """Retire the log's former key, whose last head this is; the number of the entry that says so. Raises `Invalid`."""
    former = here.keyring.log_former
    if former is None:
        raise Invalid(FINISHED)
    await queries.lock_log(session)
    row = await _row(session, LOG, former.public)
    told = row.retired if row.compromised is None else row.compromised
    return await _end(session, here, LOG, former.public, now, None) if told is None else told


async def _check_last(session: AsyncSession, last_valid: int | None) -> None:
    size = await queries.count_entries(session)
    if last_valid is not None and not -1 <= last_valid < size:
        raise Invalid(LAST_VALID.format(last=size - 1))


async def _row(session: AsyncSession, purpose: Purpose, key: PublicKey) -> LogKey:
    return next(row for row in await queries.log_keys(session, purpose) if row.key == key.multikey)


async def _end(
    session: AsyncSession, here: Installation, purpose: Purpose, old: PublicKey, now: datetime, last_valid: int | None
) -> int:
    """Write that a key signs no more; the number of the entry that says so."""
    row = await _row(session, purpose, old)
    if last_valid is None:
        row.retired = ended = await _log(session, here, KeyRetired(old, purpose), now)
    else:
        row.compromised = ended = await _log(session, here, KeyCompromised(old, purpose, last_valid), now)
    await session.flush()
    return ended


async def _add(
    session: AsyncSession,
    here: Installation,
    key: Signer,
    now: datetime,
    first: int | None,
    purpose: Purpose = ISSUER,
) -> int:
    entry = entries.add_key(key, purpose, here.keyring.log.kid, first)
    index = await _log(session, here, entry, now)
    session.add(LogKey(key=key.kid, purpose=purpose, added=index))
    await session.flush()
    return index


async def _log(session: AsyncSession, here: Installation, entry: Entry, now: datetime) -> int:
    return await append(session, here, entry.kind.decode(), entries.encode(entry), now)
