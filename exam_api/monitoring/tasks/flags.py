"""Flags: computed after pieces and browser signals came, and once more from everything when the attempt has ended."""

from typing import Any
from uuid import UUID

from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import service


async def judge(workshop: Workshop, attempt_id: UUID) -> None:
    """The flags of an attempt as they are now."""
    async with transaction(workshop.here.sessions) as session:
        await service.raise_flags(session, attempt_id, workshop.now(), workshop.recent)


async def raise_flags(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After browser signals came."""
    await judge(workshop, UUID(payload["attempt_id"]))


async def judge_whole(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After an attempt ended: from everything that is known of it."""
    async with transaction(workshop.here.sessions) as session:
        await service.raise_flags(session, UUID(payload["attempt_id"]), workshop.now())
