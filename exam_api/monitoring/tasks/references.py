"""Reference photos."""

import asyncio
from typing import Any
from uuid import UUID

from exam_api.db import evidence
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.tasks.frames import LOOKING
from exam_api.web.i18n import _
from proctor.errors import ProctorError

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
    if workshop.analyser is None:
        reason = NO_CAMERA_TOOLS
    else:
        photo = await evidence.get(workshop.here.blobs, key, blob)
        try:
            async with LOOKING:
                reference = await asyncio.to_thread(workshop.analyser.reference, photo)
            purpose = f"face:{attempt_id}".encode()
            sealed = workshop.here.keyring.seal(purpose, reference.packed(), workshop.chance)
        except ProctorError as error:
            state, reason = "refused", str(error)
    async with transaction(workshop.here.sessions) as session:
        row = await queries.find_reference(session, attempt_id, number)
        if row is not None:
            row.state, row.reason, row.encoding = state, reason, sealed
