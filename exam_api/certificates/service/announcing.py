"""The log says in itself who its witnesses are and where its heads are anchored, so that everybody knows what counted when."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.transparency import entries, policy
from credentials.transparency.entries import PolicySet
from credentials.transparency.policy import Policy
from exam_api.certificates import queries
from exam_api.certificates.service import anchoring
from exam_api.certificates.service.publishing import append
from exam_api.db.models.record import LogPolicy
from exam_api.installation import Installation


async def announce(session: AsyncSession, here: Installation, now: datetime) -> int | None:
    """Write the policy in force into the log where the log says another one; the number of the entry.

    An empty log announces nothing: its first entry names a key. One that never had witnesses nor anchors need not say so.
    """
    rules = here.witness_policy or Policy()
    said = PolicySet(policy.write(Policy((), rules.witnesses, rules.groups, rules.quorum)), anchoring.announced(here))
    if await _told(session, said) or not await queries.count_entries(session):
        return None
    await queries.lock_log(session)
    if await _told(session, said):  # another worker was quicker
        return None
    index = await append(session, here, said.kind.decode(), entries.encode(said), now)
    session.add(LogPolicy(index=index, text=said.text, anchors=list(said.anchors)))
    await session.flush()
    return index


async def _told(session: AsyncSession, said: PolicySet) -> bool:
    newest = await queries.newest_policy(session)
    if newest is None:
        return said == PolicySet(policy.write(Policy()))
    return PolicySet(newest.text, tuple(newest.anchors)) == said
