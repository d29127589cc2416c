"""The promise of the consent: what has been kept long enough goes, each class by its own clock, and that is proven."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import BrowserSignal, Flag, Frame, Sound
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.service import erasing

SOON = timedelta(minutes=10)  # after the end, by which the last pictures are looked at
AT_LATEST = timedelta(days=1)
Counts = defaultdict[UUID, Counter[str]]


async def erase_old(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Each night. What an interrupted run has done is not done again; the rest comes with the next."""
    for erase in (_pieces, _clips, _references, _rows, _keys):
        while await _some(workshop, erase):
            pass


async def erase_faces(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Each hour: face numbers, and how somebody's voice sounds, go when the exam is over and its pictures are looked at.

    So do pictures of a check before the start that nobody could look at.
    """
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        for reference in await queries.faces_to_erase(session, now - SOON, now - AT_LATEST):
            reference.encoding = None
            await queries.forget_person(session, reference.attempt_id)
            await erasing.prove(session, workshop.here, reference.attempt_id, {"faces": 1}, now)
        for row in await queries.check_ins_left(session, now - AT_LATEST):
            known = dict(row.check_in or {})
            await _delete(workshop.here.blobs, known["blob"])
            row.check_in = {**known, "blob": None, "state": "unclear"}


async def _some(workshop: Workshop, erase: Any) -> bool:
    """One step of one class, in one transaction with its proof. Whether there was anything."""
    counts: Counts = defaultdict(Counter)
    async with transaction(workshop.here.sessions) as session:
        await erase(session, workshop, counts)
        for attempt_id, count in counts.items():
            whole = count.pop("keys", 0) > 0
            await erasing.prove(session, workshop.here, attempt_id, count, workshop.now(), whole=whole)
    return bool(counts)


async def _pieces(session: AsyncSession, workshop: Workshop, counts: Counts) -> None:
    keeping, now = workshop.here.keeping, workshop.now()
    for table, days in ((Frame, keeping.frames), (Sound, keeping.sounds)):
        name = table.__tablename__
        flagged = now - timedelta(days=max(days, keeping.clips))
        numbers: defaultdict[UUID, list[int]] = defaultdict(list)
        for attempt_id, number, blob in await queries.pieces_to_erase(
            session, table, now - timedelta(days=days), flagged
        ):
            await _delete(workshop.here.blobs, blob)
            numbers[attempt_id].append(number)
        for attempt_id, some in numbers.items():
            await queries.pieces_erased(session, table, attempt_id, some)
            counts[attempt_id][name] += len(some)


async def _clips(session: AsyncSession, workshop: Workshop, counts: Counts) -> None:
    before = workshop.now() - timedelta(days=workshop.here.keeping.clips)
    for clip in await queries.clips_to_erase(session, before):
        await _delete(workshop.here.blobs, clip.blob or "")
        clip.blob = None
        counts[clip.attempt_id]["clips"] += 1


async def _references(session: AsyncSession, workshop: Workshop, counts: Counts) -> None:
    before = workshop.now() - timedelta(days=workshop.here.keeping.references)
    for reference in await queries.references_to_erase(session, before):
        await _delete(workshop.here.blobs, reference.blob)
        reference.state, reference.encoding = "erased", None
        await queries.forget_person(session, reference.attempt_id)
        counts[reference.attempt_id]["references"] += 1


async def _rows(session: AsyncSession, workshop: Workshop, counts: Counts) -> None:
    keeping, now = workshop.here.keeping, workshop.now()
    blobs = max(keeping.frames, keeping.sounds, keeping.clips)  # a row goes only after what it names in the store
    for table, days in ((BrowserSignal, max(keeping.readings, blobs + 1)), (Flag, max(keeping.flags, blobs + 1))):
        name = "flags" if table is Flag else "readings"
        for attempt_id in await queries.ended_before(session, now - timedelta(days=days), table):
            counts[attempt_id][name] += await queries.erase_rows(session, attempt_id, flags=table is Flag)


async def _keys(session: AsyncSession, workshop: Workshop, counts: Counts) -> None:
    """With the last sealed thing the key goes: then no copy of the store, wherever it lies, opens any more."""
    keeping = workshop.here.keeping
    before = workshop.now() - timedelta(days=max(keeping.frames, keeping.sounds, keeping.references))
    for key in await queries.keys_to_erase(session, before):
        key.sealed, key.erased_at = None, workshop.now()
        counts[key.attempt_id]["keys"] += 1


async def _delete(blobs: ObjectStore, name: str) -> None:
    try:
        await blobs.delete_async(name)
    except FileNotFoundError:
        return  # an earlier run erased it and was interrupted before it could say so
