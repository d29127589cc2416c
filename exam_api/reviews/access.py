"""Who may review: instructors, and nobody their own exam."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import Instructor
from exam_api.attempts.queries import Place, find_place
from exam_api.errors import NotAllowed, NotFound
from exam_api.web.deps import Session
from exam_api.web.i18n import _


async def _reviewed(session: AsyncSession, actor_id: UUID, attempt_id: UUID, *, lock: bool) -> Place:
    place = await find_place(session, attempt_id, lock=lock)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor_id:
        raise NotAllowed(_("Nobody reviews their own exam."))
    return place


async def _reviewed_attempt(attempt_id: UUID, actor: Instructor, session: Session) -> Place:
    return await _reviewed(session, actor.id, attempt_id, lock=False)


async def _decided_attempt(attempt_id: UUID, actor: Instructor, session: Session) -> Place:
    return await _reviewed(session, actor.id, attempt_id, lock=True)


ReviewedAttempt = Annotated[Place, Depends(_reviewed_attempt)]
"""An attempt for an instructor to read."""
DecidedAttempt = Annotated[Place, Depends(_decided_attempt)]
"""An attempt for an instructor to decide about, locked."""
