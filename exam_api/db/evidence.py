"""Evidence lies sealed in the store. Each attempt has a key of its own; where that is erased, so is all that it sealed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import EvidenceKey
from exam_api.keyring import Keyring
from exam_api.sealing import KEY, SALT, SUFFIX, Sealing, Unreadable, unseal

Chance = Callable[[int], bytes]


async def open_key(session: AsyncSession, keyring: Keyring, attempt_id: UUID, chance: Chance, now: datetime) -> bytes:
    """The attempt's key; made when there is none. Raises `Unreadable` where it was erased."""
    if (found := await session.get(EvidenceKey, attempt_id)) is None:
        sealed = keyring.seal(_purpose(attempt_id), chance(KEY), chance)
        made = insert(EvidenceKey).values(attempt_id=attempt_id, sealed=sealed, made_at=now)
        await session.execute(made.on_conflict_do_nothing())
        found = (await session.execute(select(EvidenceKey).filter_by(attempt_id=attempt_id))).scalar_one()
    return _opened(keyring, found)


async def find_key(session: AsyncSession, keyring: Keyring, attempt_id: UUID) -> bytes | None:
    """The attempt's key, or None where nothing was ever sealed or the key is erased."""
    return opened(keyring, await session.get(EvidenceKey, attempt_id))


def opened(keyring: Keyring, found: EvidenceKey | None) -> bytes | None:
    """The same of a row that is at hand."""
    return None if found is None or found.sealed is None else _opened(keyring, found)


def _opened(keyring: Keyring, row: EvidenceKey) -> bytes:
    if row.sealed is None:
        raise Unreadable("The evidence of this attempt was erased.")
    return keyring.unseal(_purpose(row.attempt_id), row.sealed)


def _purpose(attempt_id: UUID) -> bytes:
    return f"evidence:{attempt_id}".encode()


async def put(blobs: ObjectStore, key: bytes, name: str, plain: bytes, chance: Chance) -> str:
    """Seal these bytes and put them into the store; the name under which they lie there."""
    name += SUFFIX
    await blobs.put_async(name, Sealing.of(key, name, chance(SALT)).seal(plain))
    return name


async def get(blobs: ObjectStore, key: bytes | None, name: str) -> bytes:
    """What lies under this name; what was stored before there were keys is read as it is. Raises `Unreadable`."""
    stored = bytes(await (await blobs.get_async(name)).bytes_async())
    if not name.endswith(SUFFIX):
        return stored
    if key is None:
        raise Unreadable("The evidence of this attempt was erased.")
    return unseal(key, name, stored)
