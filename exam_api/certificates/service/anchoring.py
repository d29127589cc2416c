"""Heads of the log at places outside: one in each period, kept up until it is complete.

A place that does not answer holds nothing up: it is asked again, ever more rarely. Nobody is asked while a transaction is open.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.anchors import evm
from credentials.anchors.anchor import Anchor, AnchorTrust, Evidence, Incapable
from credentials.canonical import JsonObject, b64u_decode
from credentials.errors import CredentialError, NotProven, Unreachable
from credentials.transparency import log, notes
from credentials.transparency.tiles import Tree
from credentials.verification import anchored
from exam_api.certificates import queries
from exam_api.db.models.record import LogAnchor
from exam_api.db.session import transaction
from exam_api.errors import LogInconsistent
from exam_api.installation import Installation

logger = logging.getLogger("exam_api.anchors")
WAIT = timedelta(minutes=1)  # after the first try; each failure doubles it
LONGEST = timedelta(hours=6)
LOOK = timedelta(minutes=5)  # between two looks at what is not complete yet
FEW = 8  # certificates whose files carry anchors when they are made at once; a list of a thousand does not show them


@dataclass(frozen=True)
class Waiting:
    """What is to be done at one place now: ask for an anchor, or look what became of it."""

    place: Anchor
    size: int
    text: str
    pending: Evidence | None


async def keep_up(here: Installation, now: datetime) -> int:
    """Ask for an anchor where it is time, look after those that are not complete; how many became complete."""
    done = 0
    for place in here.anchors:
        async with transaction(here.sessions) as session:
            await _begin(session, here, place, now)
            waiting = await _claim(session, place, now)
        for each in waiting:
            result = await asyncio.to_thread(_try, each)
            async with transaction(here.sessions) as session:
                done += await _keep(session, each, result, now)
    return done


async def _begin(session: AsyncSession, here: Installation, place: Anchor, now: datetime) -> None:
    """A row for the newest head, at most one in each period, and only where the log has grown."""
    head = await queries.witnessed_checkpoint(session, 0) if here.witness_policy else None
    head = head or await queries.newest_checkpoint(session)
    last = await queries.newest_anchor(session, place.kind)
    if head is None or head.size == 0:
        return
    if last is None or (last.size < head.size and last.asked_at + here.anchor_every <= now):
        await queries.put_anchor(session, head.size, place.kind, now)


async def _claim(session: AsyncSession, place: Anchor, now: datetime) -> list[Waiting]:
    """What is due, taken for this process: `changed_at` moves, so that no other takes it too."""
    found = []
    for row, note in await queries.open_anchors(session, place.kind):
        if now < _due(row):
            continue
        pending = None if row.evidence is None else Evidence(row.kind, row.evidence, row.complete)
        found.append(Waiting(place, row.size, notes.parse(note).text, pending))
        row.changed_at, row.tries = now, row.tries + 1
    await session.flush()
    return found


def _due(row: LogAnchor) -> datetime:
    """At once, later after a while, after failures ever more rarely."""
    if row.tries == 0:
        return row.changed_at if row.evidence is None else row.changed_at + LOOK
    longer: int = 2 ** min(row.tries - 1, 20)
    return row.changed_at + min(WAIT * longer, LONGEST)


def _try(each: Waiting) -> Evidence | str:
    """The new evidence, or a sentence why there is none."""
    try:
        if each.pending is None:
            return each.place.submit(each.text)
        return each.place.upgrade(each.text, each.pending)
    except (Unreachable, NotProven, Incapable, CredentialError) as error:
        logger.warning("the head of %d entries is not anchored at %s: %s", each.size, each.place.kind, error)
        return str(error)[:500]


async def _keep(session: AsyncSession, each: Waiting, result: Evidence | str, now: datetime) -> int:
    row = await queries.lock_anchor(session, each.size, each.place.kind)
    if isinstance(result, str):
        row.problem = result
        return 0
    row.evidence, row.complete, row.problem, row.tries, row.changed_at = result.parts, result.complete, None, 0, now
    await session.flush()
    return int(result.complete)


@dataclass(frozen=True)
class Head:
    """An anchored head, with the tree for proofs below it."""

    size: int
    kind: str
    note: str
    tree: Tree
    evidence: Evidence

    def part(self, index: int) -> JsonObject:
        """As a certificate's file carries it."""
        return anchored.part(log.format_proof(index, self.tree.inclusion(index), self.note), self.evidence.as_json())


async def heads(session: AsyncSession, here: Installation, indices: Sequence[int]) -> list[tuple[int, Head]]:
    """For each of these entries the oldest anchored head of each kind above it. Raises `LogInconsistent`."""
    if len(indices) > FEW:
        return []
    found = []
    for index in indices:
        for row, note in await queries.anchors_above(session, index):
            tree = await queries.tree(session, row.size, index)
            try:
                signed = log.open_checkpoint(note, here.keyring.log_keys)
                log.verify_inclusion(tree.leaf(index), index, signed.size, tree.inclusion(index), signed.root)
            except CredentialError as error:
                raise LogInconsistent from error
            evidence = Evidence(row.kind, row.evidence or {}, row.complete)
            found.append((index, Head(row.size, row.kind, note, tree, evidence)))
    return found


def trusted(here: Installation, found: Sequence[tuple[int, Head]]) -> AnchorTrust:
    """Whom we ourselves believe: the roots in our settings, and the blocks that our own node told us of."""
    blocks: dict[int, frozenset[bytes]] = {}
    for _, head in found:
        if head.kind == evm.KIND:
            parts = head.evidence.parts
            block = evm.keccak(b64u_decode(parts["header"]))
            blocks[parts["chain"]] = blocks.get(parts["chain"], frozenset()) | {block}
    return AnchorTrust(here.anchor_authorities, {}, blocks)


def announced(here: Installation) -> tuple[str, ...]:
    """What the log says of the places, a line each."""
    return tuple(sorted(place.kind for place in here.anchors))
