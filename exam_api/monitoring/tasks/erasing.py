"""The promise of the consent: what has been kept long enough goes."""

from datetime import timedelta
from typing import Any

from obstore.store import ObjectStore

from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries


async def erase_old(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Old pictures and face numbers go, those in a flag's evidence stay with it."""
    before = workshop.now() - timedelta(days=workshop.here.frame_retention_days)
    async with transaction(workshop.here.sessions) as session:
        for frame in await queries.frames_to_erase(session, before):
            await _delete(workshop.here.blobs, frame.blob or "")
            frame.blob = None
        for reference in await queries.references_to_erase(session, before):
            await _delete(workshop.here.blobs, reference.blob)
            reference.state, reference.encoding = "erased", None


async def _delete(blobs: ObjectStore, name: str) -> None:
    try:
        await blobs.delete_async(name)
    except FileNotFoundError:
        return  # an earlier run erased it and was interrupted before it could say so
