"""Looks at points of the screen, before the start."""

import asyncio
from typing import Any
from uuid import UUID

from exam_api.db import evidence
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.service import calibration, pieces
from exam_api.monitoring.tasks.frames import LOOKING
from proctor.errors import BadFrame
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.reading import FrameReading


async def calibrate(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at what has come, and forget the pictures: only the lines of sight are kept."""
    attempt_id = UUID(payload["attempt_id"])
    if workshop.analyser is None:
        return
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_watching(session, attempt_id)
        photos = dict((row.calibration or {}).get("photos", {})) if row is not None else {}
        key = await evidence.find_key(session, workshop.here.keyring, attempt_id)
    readings: dict[str, FrameReading | None] = {}
    for point, blob in photos.items():
        photo = await evidence.get(workshop.here.blobs, key, blob)
        async with LOOKING:
            readings[point] = await asyncio.to_thread(_read, workshop, workshop.analyser, photo, int(point))
    async with transaction(workshop.here.sessions) as session:
        row = await queries.lock_watching(session, attempt_id, "")
        known = row.calibration or {}
        seen = {point: read for point, read in readings.items() if known.get("photos", {}).get(point) == photos[point]}
        if seen:
            row.calibration = calibration.learn(known, seen)
    await pieces.drop(workshop.here, [photos[point] for point in seen])


def _read(workshop: Workshop, analyser: FrameAnalyser, photo: bytes, point: int) -> FrameReading | None:
    try:
        return analyser.analyse(photo, workshop.now(), point, None, identify=False)
    except BadFrame:
        return None
