"""The issuer's keys as the public log names them: which sign now, which did, and from when one no longer counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credentials import did, entries, history, status
from credentials.entries import Entry, KeyCompromised, KeyRetired, Purpose
from credentials.keys import PublicKey, SigningKey
from credentials.tiles import Tree
from credentials.trust import Trust
from exam_api.certificates import queries
from exam_api.certificates.schemas import TrustOut
from exam_api.certificates.service import institution, statuses
from exam_api.certificates.service.publishing import append
from exam_api.db.models.certificates import LogKey
from exam_api.errors import Invalid, IssuerKeyChanged
from exam_api.installation import Installation
from exam_api.web.i18n import _

ISSUER: Purpose = "issuer"
LAST_VALID = _("The last entry that counts is -1 (none of them) to {last}, the newest entry of the log.")
UNUSED = _("This installation has not issued anything with its key yet, so there is nothing to replace.")


@dataclass(frozen=True)
class Known:
    """The issuer's keys. `current` signs, `retired` signed; of a stolen key only what the log held early enough counts."""

    current: PublicKey
    retired: tuple[PublicKey, ...] = ()
    stolen: tuple[PublicKey, ...] = ()


@dataclass(frozen=True)
class Changed:
    """The numbers of the entries that name the new key and end the old one."""

    key: str
    added: int
    ended: int


async def known(session: AsyncSession, here: Installation) -> Known:
    """As the log tells it; before the first certificate only the key file knows."""
    rows = await queries.log_keys(session, ISSUER)
    own = here.keyring.issuer.public
    stolen = tuple(_key(row) for row in rows if row.compromised is not None)
    retired = tuple(_key(row) for row in rows if row.compromised is None and row.retired is not None)
    signing = [_key(row) for row in rows if row.compromised is None and row.retired is None]
    return Known(signing[0] if signing else own, retired, stolen)


def _key(row: LogKey) -> PublicKey:
    return PublicKey.from_multikey(row.key)


def did_document(here: Installation, keys: Known) -> dict[str, Any]:
    """What did:web resolves to. The log's key and a stolen key are named in it but may not sign certificates."""
    return did.document(here.issuer_did, [keys.current, *keys.retired], [here.keyring.log.public, *keys.stolen])


def trust(here: Installation, keys: Known) -> Trust:
    """What we ourselves verify with. A stolen key counts only where the log's history lets it. Witnesses are told, but a fresh
    certificate holds before they have answered.
    """
    ring, signing = here.keyring, (keys.current, *keys.retired)
    told = None if here.witness_policy is None else replace(here.witness_policy, quorum=None)
    return Trust(signing, (ring.log.public,), institution.log_origin(here), (ring.receipt.public,), told)


def trust_file(here: Installation, keys: Known) -> TrustOut:
    """The same as a file for others."""
    return TrustOut(
        issuer_keys=[key.multikey for key in (keys.current, *keys.retired)],
        log_keys=[here.keyring.log.public.multikey],
        receipt_keys=[here.keyring.receipt.public.multikey],
        origin=institution.log_origin(here),
    )


async def events(session: AsyncSession, below: int) -> dict[int, bytes]:
    """The entries about the issuer's keys among the first `below` of the log, by number."""
    rows = await queries.log_keys(session, ISSUER)
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


async def change(
    session: AsyncSession, here: Installation, key: SigningKey, now: datetime, last_valid: int | None
) -> Changed:
    """Let `key` sign from now on. `last_valid` None: the old one is retired, and what it signed stays valid. A number: it was
    stolen, and only what it signed up to that entry counts (-1: nothing). The status list is signed anew at once.

    Raises `Invalid`, `IssuerKeyChanged`.
    """
    await queries.lock_log(session)
    if not await queries.log_keys(session, ISSUER):
        raise Invalid(UNUSED)
    await ensure(session, here, now)
    old, size = here.keyring.issuer.public, await queries.count_entries(session)
    if last_valid is not None and not -1 <= last_valid < size:
        raise Invalid(LAST_VALID.format(last=size - 1))
    former = next(row for row in await queries.log_keys(session, ISSUER) if row.key == old.multikey)
    newest = await queries.newest_status(session)
    added = await _add(session, here, key, now, None)
    if last_valid is None:
        former.retired = ended = await _log(session, here, KeyRetired(old, ISSUER), now)
    else:
        former.compromised = ended = await _log(session, here, KeyCompromised(old, ISSUER, last_valid), now)
    await session.flush()
    if newest is not None:
        renewed = replace(here, keyring=replace(here.keyring, issuer=key))
        bits = status.read(newest.document).entries
        await statuses.publish(session, renewed, newest.version + 1, bits, now)
    return Changed(key.kid, added, ended)


async def _add(session: AsyncSession, here: Installation, key: SigningKey, now: datetime, first: int | None) -> int:
    entry = entries.add_key(key, ISSUER, here.keyring.log.kid, first)
    index = await _log(session, here, entry, now)
    session.add(LogKey(key=key.kid, purpose=ISSUER, added=index))
    await session.flush()
    return index


async def _log(session: AsyncSession, here: Installation, entry: Entry, now: datetime) -> int:
    return await append(session, here, entry.kind.decode(), entries.encode(entry), now)
