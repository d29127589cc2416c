"""The newest version of a certificate: what renewed it, or stands in its place, as far as everybody may know."""

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.issuance import certificate as core
from exam_api.certificates import queries
from exam_api.db.models.certificates import Certificate

MOST = 100  # steps: a certificate that is renewed each year for a century


async def newest(session: AsyncSession, row: Certificate) -> Certificate:
    """The last of those that took its place, one after the other; itself where there is none. Where a name has changed and its
    holder does not want the two connected, the way ends before it.
    """
    for _ in range(MOST):
        successor = await queries.find_successor(session, row.id)
        if successor is None or not _connected(row, successor):
            break
        row = successor
    return row


def _connected(former: Certificate, newer: Certificate) -> bool:
    """Whether the newer one names the former, or both carry one name, so that nothing is told by leading on."""
    old, new = core.read(former.document), core.read(newer.document)
    return new.instead_of == old.id or new.recipient == old.recipient
