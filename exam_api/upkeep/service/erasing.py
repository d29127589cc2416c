"""A certificate is erased at its holder's wish: its words and its salt go, and a signed statement says so.

What stays are numbers: the entry of the log, which without salt and words is the hash of nothing anybody can name, and the index
in the status lists, so that no other certificate ever gets it. A file that the holder kept still proves itself: it is theirs.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, jcs
from exam_api.certificates.queries import unlist
from exam_api.db import ledger
from exam_api.db.base import iso
from exam_api.db.models.certificates import Certificate
from exam_api.events import CertificateErased
from exam_api.installation import Installation
from exam_api.upkeep import queries
from exam_api.upkeep.schemas import ErasureOut
from exam_api.upkeep.service.renewing import forget_files


async def erase(
    session: AsyncSession, here: Installation, row: Certificate, actor_id: UUID, now: datetime
) -> ErasureOut:
    """Erase a certificate that the caller has locked. It cannot be undone."""
    blobs = await queries.forget_activities(session, row.id)
    await unlist(session, row.id)
    row.document, row.salt = {}, b""
    row.revoked_reason = row.suspended_reason = None
    row.erased_at, row.erasure = now, statement(here, row, now)
    await session.flush()
    await ledger.append(session, CertificateErased(row.id, row.log_index), now, actor_id)
    await forget_files(session, blobs)
    return shape(row)


def statement(here: Installation, row: Certificate, now: datetime) -> dict[str, Any]:
    """What we erased, signed with the receipt key, as other erasures are (decision 32)."""
    key = here.keyring.receipt
    said: dict[str, Any] = {
        "type": "certificate-erasure",
        "certificate": str(row.id),
        "log_index": row.log_index,
        "at": iso(now),
        "kid": key.kid,
    }
    return {**said, "signature": b64u(key.sign(jcs(said)))}


def shape(row: Certificate) -> ErasureOut:
    """One erasure."""
    assert row.erased_at is not None
    return ErasureOut(id=row.id, erased_at=row.erased_at, statement=row.erasure or {})


async def of_person(session: AsyncSession, user_id: UUID) -> list[ErasureOut]:
    """What somebody had erased, with the statements."""
    return [shape(row) for row in await queries.erased_of(session, user_id)]
