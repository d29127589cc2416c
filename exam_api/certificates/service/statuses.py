"""The status lists: for each certificate one bit says revoked, one suspended, four say why; all three change as one version.

The list of revocations is signed, kept, and its digest logged; it names the other two by their hashes, so it stands for all.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import jcs
from credentials.issuance import proof
from credentials.revocation import reasons, status
from credentials.revocation.reasons import Reasons
from credentials.revocation.status import StatusList
from exam_api.certificates import queries
from exam_api.certificates.service import institution
from exam_api.certificates.service.publishing import append
from exam_api.db.models.certificates import StatusListVersion
from exam_api.errors import StatusListFull
from exam_api.installation import Installation

KIND = "status-list"
TRIES = 64  # with half the list used, the chance that all of them are taken is 1 in 2^64


@dataclass(frozen=True)
class Lists:
    """One version of the three lists."""

    revoked: StatusList
    suspended: StatusList
    reasons: Reasons

    @classmethod
    def empty(cls) -> "Lists":
        return cls(StatusList.empty(), StatusList.empty(), Reasons.empty())

    @classmethod
    def of(cls, here: Installation, row: StatusListVersion) -> "Lists":
        """What a kept version says; older ones knew revocations only."""
        url = institution.status_url(here)
        return cls(
            status.read(row.document).entries,
            status.read(row.suspended, "suspension").entries if row.suspended else StatusList.empty(),
            reasons.read({**row.reasons, "list": url}, url) if row.reasons else Reasons.empty(),
        )

    def revoke(self, index: int, code: str) -> "Lists":
        """Revoked for ever; a suspension ends with it."""
        return Lists(self.revoked.set(index), self.suspended.set(index, False), self.reasons.set(index, code))

    def suspend(self, index: int, code: str) -> "Lists":
        """Suspended until it is reinstated."""
        return replace(self, suspended=self.suspended.set(index), reasons=self.reasons.set(index, code))

    def reinstate(self, index: int) -> "Lists":
        """As if it had never been suspended."""
        return replace(self, suspended=self.suspended.set(index, False), reasons=self.reasons.set(index, None))


async def ensure(session: AsyncSession, here: Installation, now: datetime) -> StatusListVersion:
    """The newest version; the first one is made on first use. The log is locked by the caller."""
    return await queries.newest_status(session) or (await publish(session, here, 1, Lists.empty(), now))[0]


async def publish(
    session: AsyncSession, here: Installation, version: int, lists: Lists, now: datetime
) -> tuple[StatusListVersion, int]:
    """Sign a version, keep it, log its digest; the version and its number in the log."""
    url = institution.status_url(here)
    aside = status.suspension_url(url)
    suspended = _sign(here, status.build(aside, here.issuer_did, lists.suspended, now, purpose="suspension"), now)
    told = lists.reasons.build(url)
    beside = {aside: suspended, status.reasons_url(url): told}
    document = _sign(here, status.build(url, here.issuer_did, lists.revoked, now, beside=beside), now)
    row = StatusListVersion(version=version, document=document, suspended=suspended, reasons=told, at=now)
    session.add(row)
    index = await append(session, here, KIND, KIND.encode() + hashlib.sha256(jcs(document)).digest(), now)
    return row, index


def _sign(here: Installation, document: dict[str, Any], now: datetime) -> dict[str, Any]:
    return proof.sign(document, here.keyring.issuer, institution.signing_method(here), now)


async def change(
    session: AsyncSession, here: Installation, turn: Callable[[Lists], Lists], now: datetime
) -> tuple[int, int]:
    """The next version, which is what `turn` makes of the newest; the version and its number in the log."""
    await queries.lock_log(session)
    last = await ensure(session, here, now)
    row, at = await publish(session, here, last.version + 1, turn(Lists.of(here, last)), now)
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
