"""Found by name: only whoever agreed to it, for this certificate, until they withdraw it; and only by whoever knows the name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.issuance import certificate
from exam_api.certificates import queries
from exam_api.certificates.schemas import FoundOut
from exam_api.certificates.service import institution
from exam_api.certificates.service.tables import folded
from exam_api.db import ledger
from exam_api.db.models.certificates import Certificate
from exam_api.errors import Invalid, WrongState
from exam_api.events import CertificateListed, CertificateUnlisted
from exam_api.installation import Installation
from exam_api.web.i18n import _

MOST = 20
REVOKED = _("A revoked certificate is not found by name.")
TOO_SHORT = _("Type the full name as it stands on the certificate, with at least two letters.")


async def agree(session: AsyncSession, row: Certificate, holder: UUID, now: datetime) -> None:
    """From now on this certificate is found by the name on it. Twice changes nothing. Raises `WrongState` for a revoked one."""
    if row.revoked_at is not None:
        raise WrongState(REVOKED)
    if await queries.put_listing(session, row.id, folded(certificate.read(row.document).recipient), now):
        await ledger.append(session, CertificateListed(row.id), now, holder)


async def withdraw(session: AsyncSession, row: Certificate, holder: UUID, now: datetime) -> None:
    """From now on it is not. Twice changes nothing."""
    if await queries.unlist(session, row.id):
        await ledger.append(session, CertificateUnlisted(row.id), now, holder)


async def find(session: AsyncSession, here: Installation, name: str) -> tuple[Sequence[FoundOut], bool]:
    """The certificates under exactly this name, case and spaces aside, and whether there are more than are shown.

    There is no list of names, no beginning of a name, no similar name: whoever does not know it learns nothing. Raises `Invalid`.
    """
    wanted = folded(name)
    if sum(letter.isalpha() for letter in wanted) < 2:
        raise Invalid(TOO_SHORT)
    rows = await queries.listed_as(session, wanted, MOST + 1)
    return [_shape(here, row) for row in rows[:MOST]], len(rows) > MOST


def _shape(here: Installation, row: Certificate) -> FoundOut:
    said = certificate.read(row.document)
    url = institution.certificate_url(here, row.id)
    return FoundOut(
        id=row.id,
        url=url,
        recipient=said.recipient,
        title=said.title,
        issued_at=row.issued_at,
        valid_until=said.valid_until,
    )
