"""What the worker does with pictures and browser signals."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries, service
from exam_api.web.i18n import _
from proctor.errors import BadFrame, ProctorError
from proctor.vision.analyser import FrameAnalyser, FrameReading
from proctor.vision.identity import Reference, should_identify

# The models are not made for two threads at once; more power comes from more worker processes.
_LOOKING = asyncio.Lock()
NO_CAMERA_TOOLS = _("Pictures cannot be looked at on this installation, so a person will compare the photo.")


async def check_reference(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at a reference photo: accepted with its face numbers sealed, or refused with what to do better."""
    attempt_id, number = UUID(payload["attempt_id"]), int(payload["number"])
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_reference(session, attempt_id, number)
        if row is None or row.state != "checking":
            return
        blob = row.blob
    state, reason, sealed = "accepted", None, None
    if workshop.analyser is None:
        reason = NO_CAMERA_TOOLS
    else:
        photo = await _bytes(workshop.here.blobs, blob)
        try:
            async with _LOOKING:
                reference = await asyncio.to_thread(workshop.analyser.reference, photo)
            purpose = f"face:{attempt_id}".encode()
            sealed = workshop.here.keyring.seal(purpose, reference.packed(), workshop.chance)
        except ProctorError as error:
            state, reason = "refused", str(error)
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_reference(session, attempt_id, number)
        if row is not None:
            row.state, row.reason, row.encoding = state, reason, sealed


async def analyse_frames(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at a batch of frames, keep the readings, compute the flags. Safe to repeat: what is read is not read again."""
    attempt_id = UUID(payload["attempt_id"])
    if workshop.analyser is None:
        return
    async with transaction(workshop.here.sessions) as session:
        frames = await queries.frames_to_analyse(session, attempt_id, payload["first"], payload["last"])
        if not frames:
            return
        reference = await _reference(session, workshop, attempt_id)
        identified = await queries.last_identified_at(session, attempt_id, frames[0].number)
        before = await queries.last_analysed(session, attempt_id, frames[0].number)
    looking = _Look(
        workshop.analyser, reference, identified, len(before.reading["faces"]) if before and before.reading else 1
    )
    readings: list[tuple[int, FrameReading | None]] = []
    for frame in frames:
        jpeg = await _bytes(workshop.here.blobs, frame.blob or "")
        async with _LOOKING:
            readings.append((frame.number, await asyncio.to_thread(looking.read, jpeg, frame.taken_at, frame.number)))
    async with transaction(workshop.here.sessions) as session:
        for number, reading in readings:
            await queries.keep_reading(
                session, attempt_id, number, reading.plain() if reading else None, workshop.now()
            )
        await service.raise_flags(session, attempt_id)


class _Look:
    """Frames of one attempt in order; the face is compared at first, on change, and each few seconds."""

    def __init__(
        self, analyser: FrameAnalyser, reference: Reference | None, identified: datetime | None, faces: int
    ) -> None:
        self.analyser = analyser
        self.reference = reference
        self.identified = identified
        self.faces = faces
        self.changed = False

    def read(self, jpeg: bytes, at: datetime, number: int) -> FrameReading | None:
        """The reading, or None for a picture that cannot be read."""
        identify = should_identify(self.identified, at, self.changed)
        try:
            reading = self.analyser.analyse(jpeg, at, number, self.reference, identify=identify)
        except BadFrame:
            return None
        if reading.distance is not None:
            self.identified, self.changed = at, False
        self.changed = self.changed or len(reading.faces) != self.faces
        self.faces = len(reading.faces)
        return reading


async def _reference(session: AsyncSession, workshop: Workshop, attempt_id: UUID) -> Reference | None:
    row = await attempts.find_reference(session, attempt_id)
    if row is None or row.encoding is None:
        return None
    return Reference.unpacked(workshop.here.keyring.unseal(f"face:{attempt_id}".encode(), row.encoding))


async def raise_flags(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Compute an attempt's flags after browser signals came, or after it ended."""
    async with transaction(workshop.here.sessions) as session:
        await service.raise_flags(session, UUID(payload["attempt_id"]))


async def erase_old(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Keep the promise of the consent: old pictures and face numbers go, those in a flag's evidence stay with it."""
    before = workshop.now() - timedelta(days=workshop.here.frame_retention_days)
    async with transaction(workshop.here.sessions) as session:
        for frame in await queries.frames_to_erase(session, before):
            await _delete(workshop.here.blobs, frame.blob or "")
            frame.blob = None
        for reference in await queries.references_to_erase(session, before):
            await _delete(workshop.here.blobs, reference.blob)
            reference.state, reference.encoding = "erased", None


async def _bytes(blobs: ObjectStore, name: str) -> bytes:
    return bytes(await (await blobs.get_async(name)).bytes_async())


async def _delete(blobs: ObjectStore, name: str) -> None:
    try:
        await blobs.delete_async(name)
    except FileNotFoundError:
        return  # an earlier run erased it and was interrupted before it could say so
