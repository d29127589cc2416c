"""What is agreed with a candidate about being watched: the rules that therefore stay silent."""

from collections.abc import Collection
from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.errors import NotFound
from exam_api.events import AccommodationsAgreed
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import Accommodation
from exam_api.web.i18n import _

LABELS: dict[str, str] = {
    "no_gaze": _("Where this person looks says nothing"),
    "breaks": _("May leave the seat and the page"),
    "screen_reader": _("Uses a screen reader"),
    "second_person": _("A second person may be in the room"),
    "tics": _("Moves or speaks involuntarily"),
    "medical_sounds": _("Sounds of a condition or a device"),
}


async def agree(
    session: AsyncSession, sitting_id: UUID, user_id: UUID, agreed: Collection[str], now: datetime, actor_id: UUID
) -> queries.OnRoster:
    """Keep what was agreed with one person; it counts at once, also for an exam that runs. Raises `NotFound`."""
    await queries.lock_sitting(session, sitting_id)
    found = await queries.find_on_roster(session, sitting_id, user_id)
    if found is None:
        raise NotFound
    named = [name for name in get_args(Accommodation) if name in agreed]
    if found.entry.accommodations != named:
        found.entry.accommodations = named
        await session.flush()
        await ledger.append(session, AccommodationsAgreed(sitting_id, user_id, named), now, actor_id)
    return found
