"""Taking certificates back, for ever or for now: a public code for everybody, words for the holder alone.

Each change is a new signed and logged version of the status lists, and a line in the certificate's ledger.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.revocation.reasons import REVOKED, SUSPENDED
from exam_api.certificates import queries
from exam_api.certificates.schemas import WithdrawnOut
from exam_api.certificates.service import keys, statuses
from exam_api.certificates.service.statuses import Lists
from exam_api.db import ledger
from exam_api.db.models.certificates import Certificate
from exam_api.errors import Invalid, WrongState
from exam_api.events import CertificateReinstated, CertificateRevoked, CertificateSuspended
from exam_api.installation import Installation
from exam_api.web.i18n import _

ALREADY = _("This certificate is already revoked.")
SUSPENDED_ALREADY = _("This certificate is already suspended.")
NOT_SUSPENDED = _("This certificate is not suspended.")
NOT_OWN = _("Another person has to decide about your own certificate.")
NO_CODE = _("Choose one of the public reasons.")


async def revoke(
    session: AsyncSession,
    here: Installation,
    row: Certificate,
    code: str,
    words: str,
    actor_id: UUID | None,
    now: datetime,
) -> WithdrawnOut:
    """Take it back for ever. The certificate is locked by the caller. Raises `WrongState`, `Invalid`."""
    version, at = await revoke_all(session, here, [row], code, words, actor_id, now)
    return WithdrawnOut(id=row.id, revoked_at=now, suspended_at=None, code=code, status_version=version, log_index=at)


async def revoke_all(
    session: AsyncSession,
    here: Installation,
    rows: Sequence[Certificate],
    code: str,
    words: str,
    actor_id: UUID | None,
    now: datetime,
) -> tuple[int, int]:
    """Take several back in one version of the lists; the version and its number in the log. As `revoke`."""
    if code not in REVOKED.values():
        raise Invalid(NO_CODE)
    if any(row.revoked_at is not None for row in rows):
        raise WrongState(ALREADY)
    await keys.ensure(session, here, now)

    def turn(lists: Lists) -> Lists:
        for row in rows:
            lists = lists.revoke(row.status_index, code)
        return lists

    version, at = await statuses.change(session, here, turn, now)
    for row in rows:
        row.revoked_at, row.revoked_code, row.revoked_reason = now, code, words.strip()
        row.suspended_at = row.suspended_code = row.suspended_reason = None
        await ledger.append(session, CertificateRevoked(row.id, row.revoked_reason, code), now, actor_id)
    return version, at


async def suspend(
    session: AsyncSession,
    here: Installation,
    row: Certificate,
    code: str,
    words: str,
    actor_id: UUID | None,
    now: datetime,
) -> WithdrawnOut:
    """Take it back for now. The certificate is locked by the caller. Raises `WrongState`, `Invalid`."""
    if code not in SUSPENDED.values():
        raise Invalid(NO_CODE)
    if row.revoked_at is not None or row.suspended_at is not None:
        raise WrongState(SUSPENDED_ALREADY if row.revoked_at is None else ALREADY)
    await keys.ensure(session, here, now)
    version, at = await statuses.change(session, here, lambda lists: lists.suspend(row.status_index, code), now)
    row.suspended_at, row.suspended_code, row.suspended_reason = now, code, words.strip()
    await ledger.append(session, CertificateSuspended(row.id, code, row.suspended_reason), now, actor_id)
    return WithdrawnOut(id=row.id, revoked_at=None, suspended_at=now, code=code, status_version=version, log_index=at)


async def reinstate(
    session: AsyncSession, here: Installation, row: Certificate, words: str, actor_id: UUID | None, now: datetime
) -> WithdrawnOut:
    """It holds again. The certificate is locked by the caller. Raises `WrongState`."""
    if row.suspended_at is None:
        raise WrongState(NOT_SUSPENDED)
    held = await queries.find_certificate(session, row.id)
    if held is not None and held.holder == actor_id:
        raise WrongState(NOT_OWN)
    await keys.ensure(session, here, now)
    version, at = await statuses.change(session, here, lambda lists: lists.reinstate(row.status_index), now)
    row.suspended_at = row.suspended_code = row.suspended_reason = None
    await ledger.append(session, CertificateReinstated(row.id, words.strip()), now, actor_id)
    return WithdrawnOut(id=row.id, revoked_at=None, suspended_at=None, code=None, status_version=version, log_index=at)
