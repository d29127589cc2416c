"""The status list: one bit for each certificate; every version is signed, kept, and its digest logged."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials import proof, status
from credentials.canonical import jcs
from credentials.status import StatusList
from exam_api.certificates import queries
from exam_api.certificates.service import institution
from exam_api.certificates.service.publishing import append
from exam_api.db.models.certificates import StatusListVersion
from exam_api.errors import StatusListFull
from exam_api.installation import Installation

KIND = "status-list"
TRIES = 64  # with half the list used, the chance that all of them are taken is 1 in 2^64


async def ensure(session: AsyncSession, here: Installation, now: datetime) -> StatusListVersion:
    """The newest version; the first one is made on first use. The log is locked by the caller."""
    return await queries.newest_status(session) or (await publish(session, here, 1, StatusList.empty(), now))[0]


async def publish(
    session: AsyncSession, here: Installation, version: int, entries: StatusList, now: datetime
) -> tuple[StatusListVersion, int]:
    """Sign a version, keep it, log its digest; the version and its number in the log."""
    unsigned = status.build(institution.status_url(here), here.issuer_did, entries, now)
    document = proof.sign(unsigned, here.keyring.issuer, institution.signing_method(here), now)
    row = StatusListVersion(version=version, document=document, at=now)
    session.add(row)
    index = await append(session, here, KIND, KIND.encode() + hashlib.sha256(jcs(document)).digest(), now)
    return row, index


async def revoke(session: AsyncSession, here: Installation, index: int, now: datetime) -> tuple[int, int]:
    """Set one bit in a new version; the version and its number in the log."""
    await queries.lock_log(session)
    last = await ensure(session, here, now)
    entries = status.read(last.document).entries.set(index)
    row, at = await publish(session, here, last.version + 1, entries, now)
    return row.version, at


async def free_indices(session: AsyncSession, chance: Callable[[int], bytes], count: int) -> list[int]:
    """Random entries that nobody has: in order, they would tell who was issued when. The log is locked by the caller."""
    found: dict[int, None] = {}
    for _ in range(TRIES):
        drawn = {int.from_bytes(chance(8)) % status.SIZE for _ in range(count - len(found))}
        found |= dict.fromkeys(drawn - await queries.taken_indices(session, drawn))
        if len(found) == count:
            return list(found)
    raise StatusListFull
