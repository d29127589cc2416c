"""A sign of life before the start."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from exam_api.db import evidence, ledger
from exam_api.db.session import transaction
from exam_api.events import CheckInSignEnded
from exam_api.installation import NotYet, Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import genesis
from exam_api.monitoring.service import check_in, pieces
from exam_api.monitoring.tasks.frames import BUSY, LOOKING, PLACES
from exam_api.sealing import Unreadable
from proctor.errors import BadFrame
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.reading import FrameReading


async def judge_check_in(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at the pictures of a try, say what they show, and forget them."""
    attempt_id = UUID(payload["attempt_id"])
    async with PLACES, transaction(workshop.here.sessions) as session:
        if not await queries.take_turn(session, "frame", attempt_id):
            raise NotYet(BUSY)
        row = await queries.find_watching(session, attempt_id)
        known = dict((row.check_in or {}) if row is not None else {})
        if known.get("state") != "checking" or known["n"] != payload["number"]:
            return
        key = await evidence.find_key(session, workshop.here.keyring, attempt_id)
        readings: list[FrameReading] = []
        if workshop.analyser is not None:
            with suppress(Unreadable, FileNotFoundError):  # a newer try took its place, or somebody the pictures
                body = await evidence.get(workshop.here.blobs, key, known["blob"])
                async with LOOKING:
                    readings = await asyncio.to_thread(_read, workshop.analyser, known, body)
        # Only now: whoever leaves the check out, or tries again, does not wait for the models.
        row = await queries.lock_watching(session, attempt_id, genesis(attempt_id))
        if row.check_in != known:
            return
        row.check_in = check_in.unlooked(known) if workshop.analyser is None else check_in.learn(known, readings)
        event = CheckInSignEnded(attempt_id, known["n"], row.check_in["state"])
        await ledger.append(session, event, workshop.now())
    await pieces.drop(workshop.here, [known["blob"]])


def _read(analyser: FrameAnalyser, known: dict[str, Any], body: bytes) -> list[FrameReading]:
    readings = []
    for number, (seconds, picture) in enumerate(check_in.unpack(body), 1):
        try:
            at = check_in.moment(known, seconds)
            readings.append(analyser.analyse(picture, at, number, None, identify=False))
        except BadFrame:
            continue
    return readings
