"""Looks at points of the screen, before the start."""

import asyncio
from typing import Any
from uuid import UUID

from exam_api.db import evidence
from exam_api.db.session import transaction
from exam_api.installation import NotYet, Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import genesis
from exam_api.monitoring.service import calibration, pieces
from exam_api.monitoring.tasks.frames import BUSY, LOOKING, PLACES
from proctor.errors import BadFrame
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.reading import FrameReading


async def calibrate(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at what has come, and forget the pictures: only the lines of sight are kept."""
    attempt_id = UUID(payload["attempt_id"])
    if workshop.analyser is None:
        return
    async with PLACES, transaction(workshop.here.sessions) as session:
        if not await queries.take_turn(session, "frame", attempt_id):
            raise NotYet(BUSY)
        row = await queries.find_watching(session, attempt_id)
        photos = dict((row.calibration or {}).get("photos", {})) if row is not None else {}
        key = await evidence.find_key(session, workshop.here.keyring, attempt_id)
        readings = {
            point: await _look(workshop, workshop.analyser, key, blob, int(point)) for point, blob in photos.items()
        }
        row = await queries.lock_watching(session, attempt_id, genesis(attempt_id))
        known = row.calibration or {}
        seen = {point: read for point, read in readings.items() if known.get("photos", {}).get(point) == photos[point]}
        if seen:
            row.calibration = calibration.learn(known, seen)
    await pieces.drop(workshop.here, [photos[point] for point in seen])


async def _look(
    workshop: Workshop, analyser: FrameAnalyser, key: bytes | None, blob: str, point: int
) -> FrameReading | None:
    try:
        photo = await evidence.get(workshop.here.blobs, key, blob)
    except FileNotFoundError:
        return None  # a newer picture of the same point has taken its place
    async with LOOKING:
        return await asyncio.to_thread(_read, workshop, analyser, photo, point)


def _read(workshop: Workshop, analyser: FrameAnalyser, photo: bytes, point: int) -> FrameReading | None:
    try:
        return analyser.analyse(photo, workshop.now(), point, None, identify=False)
    except BadFrame:
        return None
