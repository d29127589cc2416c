"""Who may look: instructors and invigilators; a candidate's frames are nobody else's."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from exam_api.accounts.access import Invigilator
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.errors import NotFound
from exam_api.web.deps import Session


async def _watched_attempt(attempt_id: UUID, _: Invigilator, session: Session) -> Place:
    place = await queries.find_place(session, attempt_id)
    if place is None:
        raise NotFound
    return place


WatchedAttempt = Annotated[Place, Depends(_watched_attempt)]
