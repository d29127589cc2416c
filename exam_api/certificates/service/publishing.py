"""Write to the public log: append, check that nothing promised was changed, sign the new head."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.errors import CredentialError
from credentials.transparency import log, tiles
from credentials.transparency.tiles import Tree
from exam_api.certificates import queries
from exam_api.certificates.service.institution import log_origin
from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.certificates import Checkpoint
from exam_api.errors import IssuerKeyChanged, LogInconsistent
from exam_api.installation import Installation

ASK_WITNESSES = "certificates.tasks.ask_witnesses"
SETTLE = timedelta(seconds=1)  # entries that follow each other closely are witnessed together


@dataclass(frozen=True)
class Published:
    """Entries in the log, from number `first` on, and the signed head that holds them."""

    first: int
    note: str
    tree: Tree

    def proof(self, index: int) -> str:
        """The tlog-proof of one of them."""
        return log.format_proof(index, self.tree.inclusion(index), self.note)


async def append(session: AsyncSession, here: Installation, kind: str, entry: bytes, now: datetime) -> int:
    """Write one entry; its number. As `append_all`."""
    return (await append_all(session, here, kind, [entry], now)).first


async def append_all(
    session: AsyncSession, here: Installation, kind: str, entries: Sequence[bytes], now: datetime
) -> Published:
    """Write entries under one signed head. Locks the log until the transaction ends.

    The cost hangs on the number of entries, not on the size of the log: the tree's right edge is all that is read.
    Raises `LogInconsistent` rather than sign a head that does not continue the last one.
    """
    await queries.lock_log(session)
    await _check_key(session, here)
    size, last = await queries.count_entries(session), await queries.newest_checkpoint(session)
    edge = await queries.tiles(session, tiles.needed(size))
    leaves = [log.leaf_hash(entry) for entry in entries]
    try:
        changed = tiles.append(edge, size, leaves)
        tree = Tree({**edge, **changed}, size + len(leaves))
        _check_promise(here, last, size, tree)
    except CredentialError as error:
        raise LogInconsistent from error
    note = log.checkpoint(log_origin(here), tree.size, tree.root(), *here.keyring.log_signers)
    await queries.put_entries(session, size, leaves, entries, kind, now)
    session.add(Checkpoint(size=tree.size, note=note, at=now))
    await session.flush()
    await queries.put_tiles(session, changed)
    if here.witness_policy is not None:
        await enqueue(session, Later(ASK_WITNESSES, {}, after=SETTLE, key=ASK_WITNESSES))
    return Published(size, note, tree)


async def _check_key(session: AsyncSession, here: Installation) -> None:
    """A process that still has the log's old key signs nothing. Raises `IssuerKeyChanged`."""
    signing = [row for row in await queries.log_keys(session, "log") if row.retired is None and row.compromised is None]
    if signing and signing[-1].key not in {key.kid for key in here.keyring.log_signers}:
        raise IssuerKeyChanged


def _check_promise(here: Installation, last: Checkpoint | None, size: int, tree: Tree) -> None:
    """The head signed last must be the beginning of the new one, and its own signature must hold."""
    if last is None:
        if size:
            raise LogInconsistent("The public log has entries but no signed head. Nothing was signed.")
        return
    # Whatever its name was: an installation that moved to another address continues its log.
    head = log.open_checkpoint(last.note, here.keyring.log_keys)
    if not head.size == last.size == size:
        raise LogInconsistent("An entry of the public log is missing. Nothing was signed.")
    log.verify_consistency(size, tree.size, tree.consistency(size), head.root, tree.root())
