"""Reference photos."""

import asyncio
from typing import Any
from uuid import UUID

from exam_api.db import evidence
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries, service
from exam_api.monitoring.tasks.frames import LOOKING
from exam_api.web.i18n import _
from proctor.errors import ProctorError
from proctor.vision.identity import Reference
from proctor.vision.judge import Thresholds

NO_CAMERA_TOOLS = _("Pictures cannot be looked at on this installation, so a person will compare the photo.")


async def check_reference(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Look at a reference photo: accepted with its face numbers sealed, or refused with what to do better."""
    attempt_id, number = UUID(payload["attempt_id"]), int(payload["number"])
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_reference(session, attempt_id, number)
        if row is None or row.state != "checking":
            return
        blob, key = row.blob, await evidence.find_key(session, workshop.here.keyring, attempt_id)
    state, reason, sealed = "accepted", None, None
    near: dict[UUID, float] = {}
    if workshop.analyser is None:
        reason = NO_CAMERA_TOOLS
    else:
        photo = await evidence.get(workshop.here.blobs, key, blob)
        try:
            async with LOOKING:
                reference = await asyncio.to_thread(workshop.analyser.reference, photo)
            purpose = f"face:{attempt_id}".encode()
            sealed = workshop.here.keyring.seal(purpose, reference.packed(), workshop.chance)
            near = await _near(workshop, attempt_id, reference)
        except ProctorError as error:
            state, reason = "refused", str(error)
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_reference(session, attempt_id, number)
        if row is not None:
            row.state, row.reason, row.encoding = state, reason, sealed
            await queries.note_lookalikes(session, attempt_id, near, workshop.now())
        if near:
            await service.tell_watchers(session, [attempt_id])


async def _near(workshop: Workshop, attempt_id: UUID, reference: Reference) -> dict[UUID, float]:
    """Who else in the sitting looks so much like this that the comparison could not tell them apart."""
    async with transaction(workshop.here.sessions) as session:
        sealed = await queries.faces_of_sitting(session, attempt_id)
    unseal = workshop.here.keyring.unseal
    faces = {other: Reference.unpacked(unseal(f"face:{other}".encode(), face)) for other, face in sealed}
    near = {other: round(face.distance(reference.encoding), 4) for other, face in faces.items()}
    return {other: distance for other, distance in near.items() if distance < Thresholds().same_below}
