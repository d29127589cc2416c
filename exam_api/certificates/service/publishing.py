"""Write to the public log: append, check that nothing promised was changed, sign the new head."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials import log
from credentials.errors import CredentialError
from exam_api.certificates import queries
from exam_api.certificates.service.institution import log_origin
from exam_api.db.models.certificates import Checkpoint, LogEntry
from exam_api.errors import LogInconsistent
from exam_api.installation import Installation


async def append(session: AsyncSession, here: Installation, kind: str, entry: bytes, now: datetime) -> int:
    """Write one entry and sign the head that holds it; the entry's number. Locks the log until the transaction ends.

    Raises `LogInconsistent` rather than sign a head that does not continue the last one.
    """
    await queries.lock_log(session)
    leaves = await queries.leaves(session)
    if leaves is None:
        raise LogInconsistent("An entry of the public log is missing. Nothing was signed.")
    index = len(leaves)
    leaves.append(log.leaf_hash(entry))
    root = log.root(leaves)
    _check_promise(here, await queries.newest_checkpoint(session), leaves, root)
    note = log.checkpoint(log_origin(here), len(leaves), root, here.keyring.log)
    session.add(LogEntry(index=index, leaf=leaves[index], kind=kind, at=now))
    session.add(Checkpoint(size=len(leaves), note=note, at=now))
    await session.flush()
    return index


def _check_promise(here: Installation, last: Checkpoint | None, leaves: Sequence[bytes], root: bytes) -> None:
    """The head signed last must be the beginning of the new one, and its own signature must hold."""
    if last is None:
        if len(leaves) > 1:
            raise LogInconsistent("The public log has entries but no signed head. Nothing was signed.")
        return
    try:
        # Whatever its name was: an installation that moved to another address continues its log.
        head = log.open_checkpoint(last.note, (here.keyring.log.public,))
        if head.size != last.size or head.size >= len(leaves):
            raise LogInconsistent
        path = log.consistency_proof(leaves, head.size)
        log.verify_consistency(head.size, len(leaves), path, head.root, root)
    except CredentialError as error:
        raise LogInconsistent from error
